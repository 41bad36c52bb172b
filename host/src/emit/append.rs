//! A file of lines that only grows, each batch of lines durable before it counts.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// Why a file can't be appended to.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// Two writers could cut off each other's lines.
    #[error("{} is being written by another process", path.display())]
    Busy { path: PathBuf },
}

/// An open file of lines.
#[derive(Debug)]
pub(super) struct AppendFile {
    path: PathBuf,
    file: File,
    /// A file proper; `/dev/null` or a pipe can be neither synced nor cut.
    regular: bool,
    /// Length of what is durable.
    settled: u64,
}

impl AppendFile {
    /// Opens the file, creating it with `mode` (before the umask) if it isn't there.
    ///
    /// What stands after the last newline is cut off: it was left by a process that was killed
    /// while it wrote, so the batch it belongs to was not acknowledged and comes again.
    pub(super) fn open(path: &Path, mode: u32) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Io {
            path: path.to_owned(),
            source,
        };
        let regular = fs::metadata(path).map_or(true, |m| m.is_file());
        let open = || {
            OpenOptions::new()
                .append(true)
                .read(regular)
                .create(true)
                .mode(mode)
                .open(path)
        };
        let mut file = open().map_err(failed)?;
        if regular {
            loop {
                file.try_lock().map_err(|e| match e {
                    TryLockError::WouldBlock => OpenError::Busy {
                        path: path.to_owned(),
                    },
                    TryLockError::Error(source) => failed(source),
                })?;
                // Another process may have put a new file in this one's place before it let go
                // of the lock: what is written here would be gone.
                if is_at(&file, path).map_err(failed)? {
                    break;
                }
                file = open().map_err(failed)?;
            }
            let torn = cut_torn_line(&mut file).map_err(failed)?;
            if torn > 0 {
                tracing::warn!(
                    "{}: cut off {torn} bytes of an unfinished last line; what it was part of \
                     will be written again",
                    path.display()
                );
            }
            sync_folder(path).map_err(failed)?;
        }
        let settled = file.metadata().map_err(failed)?.len();
        Ok(Self {
            path: path.to_owned(),
            file,
            regular,
            settled,
        })
    }

    /// Writes whole lines. They count only after [`AppendFile::settle`]. After a failure (a
    /// full disk) whatever isn't settled is taken back, so that no half line stays behind.
    pub(super) fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(lines);
        if written.is_err() && self.regular {
            // If this fails too, the next opening cuts the torn line off.
            let _ = self.file.set_len(self.settled);
        }
        written
    }

    /// Makes everything that was written durable.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        if self.regular {
            self.file.sync_data()?;
            self.settled = self.file.metadata()?.len();
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Whether the file is the one that has this path.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(found) => Ok((found.dev(), found.ino()) == (held.dev(), held.ino())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Truncates the file to its last newline; the number of bytes that went.
fn cut_torn_line(file: &mut File) -> io::Result<u64> {
    const STEP: u64 = 64 << 10;
    let length = file.metadata()?.len();
    let mut end = length;
    let mut window = Vec::new();
    let keep = loop {
        let start = end.saturating_sub(STEP);
        file.seek(SeekFrom::Start(start))?;
        window.clear();
        (&*file).take(end - start).read_to_end(&mut window)?;
        if let Some(newline) = memchr::memrchr(b'\n', &window) {
            break start + newline as u64 + 1;
        }
        if start == 0 {
            break 0;
        }
        end = start;
    };
    if keep < length {
        file.set_len(keep)?;
        file.sync_data()?;
    }
    Ok(length - keep)
}

/// A file that was just created is durable only with its folder's entry.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reopened(before: &[u8]) -> Vec<u8> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        fs::write(&path, before).unwrap();
        let mut file = AppendFile::open(&path, 0o600).unwrap();
        file.write(b"new\n").unwrap();
        file.settle().unwrap();
        fs::read(&path).unwrap()
    }

    #[test]
    fn lines_are_appended_and_a_torn_one_is_cut_off() {
        assert_eq!(reopened(b""), b"new\n");
        assert_eq!(reopened(b"a\nb\n"), b"a\nb\nnew\n");
        assert_eq!(reopened(b"a\n{\"torn"), b"a\nnew\n");
        assert_eq!(reopened(b"torn"), b"new\n");
        let long = [b"a\n".as_slice(), &vec![b'x'; 200_000]].concat();
        assert_eq!(reopened(&long), b"a\nnew\n");
    }

    #[test]
    fn one_writer_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let first = AppendFile::open(&path, 0o600).unwrap();
        let second = AppendFile::open(&path, 0o600);
        assert!(matches!(second, Err(OpenError::Busy { .. })));
        drop(first);
        AppendFile::open(&path, 0o600).unwrap();
    }

    #[test]
    fn a_file_that_was_replaced_is_not_written_any_more() {
        let dir = tempfile::tempdir().unwrap();
        let (path, other) = (dir.path().join("f"), dir.path().join("g"));
        fs::write(&path, "old\n").unwrap();
        let old = File::open(&path).unwrap();
        fs::write(&other, "new\n").unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(!is_at(&old, &path).unwrap());
        assert!(is_at(&File::open(&path).unwrap(), &path).unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!is_at(&old, &path).unwrap());
    }

    #[test]
    fn devices_are_written_but_neither_cut_nor_locked() {
        let mut null = AppendFile::open(Path::new("/dev/null"), 0o600).unwrap();
        null.write(b"x\n").unwrap();
        null.settle().unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = AppendFile::open(Path::new("no/such/f"), 0o600).unwrap_err();
        assert!(error.to_string().starts_with("no/such/f: "), "{error}");
    }
}
