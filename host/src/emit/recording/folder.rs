//! A private folder of recordings, bounded like a flight recorder: the oldest go.

use std::{
    collections::VecDeque,
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::SUFFIX;

/// How the names of files begin that are not whole yet.
const UNFINISHED: &str = ".unfinished-";

/// Digits of the number that names begin with.
const DIGITS: usize = 10;

/// Keeps recordings, each in a file of its own: `<number>-<time>.recording`, numbered in the order
/// in which they were made. For this process alone while it is open.
#[derive(Debug)]
pub struct RecordingFolder {
    path: PathBuf,
    /// Held as long as this lives: a second writer would not know of what the first one keeps.
    _lock: File,
    limit: u64,
    /// Name and size of each recording, oldest first.
    kept: VecDeque<(String, u64)>,
    bytes: u64,
    next: u64,
}

/// Why a folder can't be recorded into.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error(
        "{path} belongs to user {owner} and has mode {mode:o}; recordings hold whole messages, so \
         it must belong to user {user} and be closed to all others (chmod 700)"
    )]
    NotPrivate {
        path: PathBuf,
        owner: u32,
        user: u32,
        mode: u32,
    },
    #[error("{path}: another process records there; name another folder")]
    Busy { path: PathBuf },
}

/// Why a recording was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("it has {bytes} bytes, and all recordings together may have {limit}")]
    TooLarge { bytes: u64, limit: u64 },
}

impl RecordingFolder {
    /// Opens a folder, with mode 0700 if it has to be made. Recordings that are there already count
    /// towards `limit`, the bytes that all of them may have together.
    ///
    /// # Errors
    ///
    /// [`FolderError::NotPrivate`] when anybody else may look into it.
    pub fn open(path: impl Into<PathBuf>, limit: u64) -> Result<Self, FolderError> {
        let path = path.into();
        let io = |error| FolderError::Io {
            path: path.clone(),
            error,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(io)?;
        let lock = File::open(&path).map_err(io)?;
        let found = lock.metadata().map_err(io)?;
        let user = rustix::process::geteuid().as_raw();
        if found.uid() != user || found.mode() & 0o077 != 0 {
            return Err(FolderError::NotPrivate {
                owner: found.uid(),
                user,
                mode: found.mode() & 0o7777,
                path,
            });
        }
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::Busy { path }),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let mut kept: Vec<(u64, String, u64)> = Vec::new();
        for entry in fs::read_dir(&path).map_err(io)? {
            let entry = entry.map_err(io)?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if name.starts_with(UNFINISHED) {
                // Of a process that was killed while it wrote; nobody else writes here now.
                fs::remove_file(entry.path()).map_err(io)?;
            } else if let Some(number) = number(&name) {
                let size = entry.metadata().map_err(io)?.len();
                kept.push((number, name, size));
            }
        }
        kept.sort();
        Ok(Self {
            _lock: lock,
            limit,
            bytes: kept.iter().map(|(.., size)| size).sum(),
            next: kept.last().map_or(0, |&(number, ..)| number + 1),
            kept: kept
                .into_iter()
                .map(|(_, name, size)| (name, size))
                .collect(),
            path,
        })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps a recording, after the oldest ones were removed to make room for it: how many. Whoever
    /// looks finds the file whole or not at all; it is not waited for the disk.
    ///
    /// # Errors
    ///
    /// [`KeepError`]; the next one may well be kept again.
    pub fn keep(&mut self, recording: &[u8]) -> Result<u64, KeepError> {
        let size = recording.len() as u64;
        if size > self.limit {
            return Err(KeepError::TooLarge {
                bytes: size,
                limit: self.limit,
            });
        }
        self.write(recording).map_err(|error| KeepError::Io {
            path: self.path.clone(),
            error,
        })
    }

    fn write(&mut self, recording: &[u8]) -> io::Result<u64> {
        let size = recording.len() as u64;
        let mut removed = 0;
        while self.bytes + size > self.limit {
            let Some((name, size)) = self.kept.front() else {
                break;
            };
            match fs::remove_file(self.path.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => removed += 1,
            }
            self.bytes -= size;
            self.kept.pop_front();
        }
        let mut file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(&self.path)?;
        file.write_all(recording)?;
        let name = self.name();
        file.persist_noclobber(self.path.join(&name))
            .map_err(|e| e.error)?;
        self.next += 1;
        self.bytes += size;
        self.kept.push_back((name, size));
        Ok(removed)
    }

    fn name(&self) -> String {
        let time = Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ");
        format!("{:0DIGITS$}-{time}{SUFFIX}", self.next)
    }
}

/// The number of a recording, from the name that [`RecordingFolder`] gave it; other files in the
/// folder are none of its business.
fn number(name: &str) -> Option<u64> {
    let (number, _) = name.strip_suffix(SUFFIX)?.split_once('-')?;
    let digits = number.len() >= DIGITS && number.bytes().all(|b| b.is_ascii_digit());
    number.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn contents(path: &Path) -> Vec<String> {
        names(path)
            .iter()
            .map(|name| fs::read_to_string(path.join(name)).unwrap())
            .collect()
    }

    #[test]
    fn the_oldest_go_whoever_made_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        let mut folder = RecordingFolder::open(&path, 10).unwrap();
        assert_eq!(folder.keep(b"1111").unwrap(), 0);
        assert_eq!(folder.keep(b"2222").unwrap(), 0);
        drop(folder);
        let mut folder = RecordingFolder::open(&path, 10).unwrap();
        assert_eq!(folder.keep(b"3333").unwrap(), 1);
        assert_eq!(contents(&path), ["2222", "3333"]);
        assert_eq!(folder.keep(b"4444444444").unwrap(), 2);
        assert_eq!(contents(&path), ["4444444444"]);
        let error = folder.keep(b"55555555555").unwrap_err();
        assert!(matches!(
            error,
            KeepError::TooLarge {
                bytes: 11,
                limit: 10
            }
        ));
        assert_eq!(contents(&path), ["4444444444"]);
        assert!(names(&path)[0].starts_with("0000000003-2"));
    }

    #[test]
    fn nobody_else_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let mut folder = RecordingFolder::open(&path, 10).unwrap();
        folder.keep(b"x").unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join(&names(&path)[0])), 0o600);
        drop(folder);
        for open in [0o755, 0o710, 0o701, 0o704] {
            fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
            let error = RecordingFolder::open(&path, 10).unwrap_err();
            assert!(matches!(error, FolderError::NotPrivate { .. }), "{error}");
            assert!(error.to_string().contains("chmod 700"), "{error}");
        }
    }

    #[test]
    fn one_writer_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let folder = RecordingFolder::open(&path, 10).unwrap();
        let second = RecordingFolder::open(&path, 10);
        assert!(matches!(second, Err(FolderError::Busy { .. })));
        drop(folder);
        RecordingFolder::open(&path, 10).unwrap();
    }

    #[test]
    fn what_is_not_a_recording_stays_and_what_is_unfinished_goes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        drop(RecordingFolder::open(&path, 4).unwrap());
        for name in ["notes.txt", "mine.recording", ".unfinished-abc"] {
            fs::write(path.join(name), "long enough").unwrap();
        }
        let mut folder = RecordingFolder::open(&path, 4).unwrap();
        folder.keep(b"xxxx").unwrap();
        folder.keep(b"yyyy").unwrap();
        let names = names(&path);
        assert!(names[0].starts_with("0000000001-"), "{names:?}");
        assert_eq!(names[1..], ["mine.recording", "notes.txt"]);
    }

    #[test]
    fn one_that_could_not_be_written_costs_itself_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new");
        let mut folder = RecordingFolder::open(&path, 10).unwrap();
        fs::rename(&path, dir.path().join("away")).unwrap();
        assert!(matches!(folder.keep(b"x"), Err(KeepError::Io { .. })));
        fs::rename(dir.path().join("away"), &path).unwrap();
        folder.keep(b"y").unwrap();
        assert_eq!(contents(&path), ["y"]);
    }

    #[test]
    fn a_path_that_is_no_folder_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        fs::write(&path, "x").unwrap();
        let error = RecordingFolder::open(&path, 10).unwrap_err();
        assert!(error.to_string().contains("file: "), "{error}");
    }
}
