//! Reads files that decide over others: a policy, and the keys that it names. Whoever can write
//! one of them, or put another in its place, decides as well; so nobody but root and the user
//! that runs this process may be able to.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata},
    io::{self, Read as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Component, Path, PathBuf},
};

use rustix::fs::OFlags;

/// Bits that let the group or everybody write. Of a file with an access control list the group's
/// bits are the list's mask, so they tell of that too.
const OTHERS_WRITE: u32 = 0o022;
/// In a folder with it only a file's owner can rename or remove it.
const STICKY: u32 = 0o1000;
/// Symbolic links on the way to a file. The kernel follows as many.
const MAX_LINKS: usize = 40;

/// What is wrong with such a file, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Distrust {
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl Distrust {
    fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    fn io(what: &str, e: &io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::NotFound => Self::new(
                format!("{what} is not there"),
                "correct the path, or put the file there",
            ),
            io::ErrorKind::PermissionDenied => Self::new(
                format!("{what} can't be read: permission denied"),
                "let the user that runs kafka-soar read it",
            ),
            _ => Self::new(format!("{what} can't be read: {e}"), "check the path"),
        }
    }
}

/// Reads a file of at most `max` bytes as text, if only root and this user can have written it.
pub(super) fn read(path: &Path, max: u64) -> Result<String, Distrust> {
    let resolved = resolve(path)?;
    let failed = |e: io::Error| Distrust::io("it", &e);
    // Not a link any more, and not to wait for the other end of a pipe.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(&resolved)
        .map_err(failed)?;
    // Of the file that is open, not of whatever has the name by now.
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(Distrust::new("it is not a file", "give the path of a file"));
    }
    trust("it", &resolved, &metadata)?;
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > max {
        let problem = format!("it has more than {max} bytes");
        return Err(Distrust::new(problem, "check that it is the right file"));
    }
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Distrust::new(format!("it is not UTF-8: byte {at}"), "save it as UTF-8")
    })
}

/// Follows links by hand, and looks at every folder that is passed: one that others can write
/// lets them put another file or link in the place of what is found.
fn resolve(path: &Path) -> Result<PathBuf, Distrust> {
    let path = std::path::absolute(path).map_err(|e| Distrust::io("it", &e))?;
    // Still to be walked, the next one last.
    let mut rest: Vec<OsString> = steps(&path);
    let mut at = PathBuf::from("/");
    let mut links = 0;
    folder(&at)?;
    while let Some(step) = rest.pop() {
        if step == ".." {
            at.pop();
            continue;
        }
        let next = at.join(&step);
        let what = if rest.is_empty() {
            "it".to_owned()
        } else {
            format!("the folder {}", next.display())
        };
        let metadata = fs::symlink_metadata(&next).map_err(|e| Distrust::io(&what, &e))?;
        if metadata.is_symlink() {
            links += 1;
            if links > MAX_LINKS {
                return Err(Distrust::new(
                    "too many symbolic links",
                    "name the file itself",
                ));
            }
            let target = fs::read_link(&next).map_err(|e| Distrust::io(&what, &e))?;
            if target.is_absolute() {
                at = PathBuf::from("/");
            }
            rest.extend(steps(&target));
            continue;
        }
        at = next;
        if metadata.is_dir() {
            folder(&at)?;
        }
    }
    Ok(at)
}

/// The names in a path, the last one first.
fn steps(path: &Path) -> Vec<OsString> {
    path.components()
        .rev()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some("..".into()),
            _ => None,
        })
        .collect()
}

fn folder(path: &Path) -> Result<(), Distrust> {
    let what = format!("the folder {}", path.display());
    let metadata = fs::symlink_metadata(path).map_err(|e| Distrust::io(&what, &e))?;
    trust(&what, path, &metadata)
}

fn trust(what: &str, path: &Path, metadata: &Metadata) -> Result<(), Distrust> {
    trusted_by(rustix::process::geteuid().as_raw(), what, path, metadata)
}

fn trusted_by(me: u32, what: &str, path: &Path, metadata: &Metadata) -> Result<(), Distrust> {
    if ![0, me].contains(&metadata.uid()) {
        return Err(Distrust::new(
            format!(
                "{what} belongs to user {}, who could change what it says",
                metadata.uid()
            ),
            format!("chown root {}", path.display()),
        ));
    }
    let mode = metadata.mode() & 0o7777;
    let guarded = metadata.is_dir() && mode & STICKY != 0;
    if mode & OTHERS_WRITE != 0 && !guarded {
        return Err(Distrust::new(
            format!("{what} can be written by others (mode {mode:o})"),
            format!("chmod go-w {}", path.display()),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn write(&self, name: &str, mode: u32) -> PathBuf {
            let path = self.path(name);
            fs::write(&path, "text").unwrap();
            chmod(&path, mode);
            path
        }

        fn folder(&self, name: &str, mode: u32) -> PathBuf {
            let path = self.path(name);
            fs::create_dir(&path).unwrap();
            chmod(&path, mode);
            path
        }
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn refused(path: &Path) -> Distrust {
        read(path, 100).unwrap_err()
    }

    #[test]
    fn a_file_of_ours_is_read() {
        let place = Place::new();
        for mode in [0o600, 0o644, 0o444] {
            let path = place.write(&format!("{mode:o}"), mode);
            assert_eq!(read(&path, 4).unwrap(), "text");
        }
    }

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let place = Place::new();
        for mode in [0o620, 0o602, 0o666] {
            let path = place.write(&format!("{mode:o}"), mode);
            let found = refused(&path);
            assert_eq!(
                found.problem,
                format!("it can be written by others (mode {mode:o})")
            );
            assert_eq!(found.remedy, format!("chmod go-w {}", path.display()));
        }
    }

    #[test]
    fn a_folder_that_others_can_write_lets_them_replace_it() {
        let place = Place::new();
        let open = place.folder("open", 0o777);
        place.write("open/p", 0o600);
        let found = refused(&open.join("p"));
        assert!(found.problem.contains("open can be written by others"));

        // Not where only owners can rename.
        chmod(&open, 0o1777);
        read(&open.join("p"), 4).unwrap();
    }

    #[test]
    fn links_are_followed_and_where_they_stand_is_looked_at() {
        let place = Place::new();
        let file = place.write("p", 0o600);
        let link = place.path("link");
        symlink("p", &link).unwrap();
        assert_eq!(read(&link, 4).unwrap(), "text");

        // a link → a link in a folder that others can write → a file of ours
        let open = place.folder("open", 0o777);
        symlink(&file, open.join("second")).unwrap();
        symlink("open/second", place.path("first")).unwrap();
        let found = refused(&place.path("first"));
        assert!(found.problem.contains("open can be written by others"));

        symlink("round", place.path("round")).unwrap();
        assert_eq!(
            refused(&place.path("round")).problem,
            "too many symbolic links"
        );
        symlink("nowhere", place.path("dangling")).unwrap();
        assert_eq!(refused(&place.path("dangling")).problem, "it is not there");
    }

    #[test]
    fn what_is_no_file_or_no_text_is_refused() {
        let place = Place::new();
        assert_eq!(
            refused(&place.folder("d", 0o700)).problem,
            "it is not a file"
        );
        rustix::fs::mknodat(
            rustix::fs::CWD,
            place.path("pipe"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from(0o600),
            0,
        )
        .unwrap();
        assert_eq!(refused(&place.path("pipe")).problem, "it is not a file");
        let path = place.path("latin1");
        fs::write(&path, b"ab\xe9").unwrap();
        assert_eq!(refused(&path).problem, "it is not UTF-8: byte 2");
        fs::write(&path, [b'x'; 101]).unwrap();
        assert_eq!(refused(&path).problem, "it has more than 100 bytes");
        assert!(
            refused(&place.path("none/p"))
                .problem
                .contains("none is not there")
        );
    }

    #[test]
    fn a_file_of_another_user_is_refused() {
        let place = Place::new();
        let path = place.write("p", 0o600);
        let me = rustix::process::geteuid();
        let found = if me.is_root() {
            std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
            refused(&path)
        } else {
            let metadata = fs::metadata(&path).unwrap();
            trusted_by(me.as_raw() + 1, "it", &path, &metadata).unwrap_err()
        };
        assert!(found.problem.starts_with("it belongs to user"), "{found:?}");
        assert_eq!(found.remedy, format!("chown root {}", path.display()));
    }
}
