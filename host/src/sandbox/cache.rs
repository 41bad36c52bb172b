//! Native code of parsers, kept between processes, and the text of scripts.
//!
//! A file holds an HMAC-SHA256 (32 bytes) of its own name and of what follows, and what wasmtime
//! serialised. Its name is the component's digest and a hash of everything that the code depends
//! on: wasmtime's version, its configuration, the processor. The key is a file beside the
//! directory, or another: whoever can write to the directory and can't read the key, another
//! machine that shares the directory or a copy of it, can't have code loaded. The directory
//! belongs to this user and to nobody else, is held open and reached through that descriptor
//! alone, and files get there whole, by renaming; anything else about it and nothing is loaded.

use std::{
    fs::{DirBuilder, File},
    io::{self, Read as _, Write as _},
    os::{fd::OwnedFd, unix::fs::DirBuilderExt as _},
    path::{Path, PathBuf},
};

use openssl::{hash::MessageDigest, memcmp, pkey::PKey, sign::Signer};
use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, openat, renameat, unlinkat},
    process::geteuid,
};

const MAC_BYTES: usize = 32;
const KEY_BYTES: usize = 32;

/// No native code is as large as this.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// A private directory of compiled parsers.
#[derive(Debug)]
pub struct Cache {
    path: PathBuf,
    dir: OwnedFd,
    key: Key,
}

/// Why a directory can't be the cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    /// Somebody else could put native code there, or learn the key.
    #[error(
        "{path} belongs to user {owner} and has mode {mode:o}; it must belong to user {user} and \
         be closed to all others (chmod {remedy})"
    )]
    NotPrivate {
        path: PathBuf,
        owner: u32,
        user: u32,
        mode: u32,
        remedy: &'static str,
    },
    #[error("{path} is not the key of a cache: it must have {KEY_BYTES} bytes; remove it")]
    NotAKey { path: PathBuf },
}

impl Cache {
    /// Opens the directory, making it where it doesn't exist, with the key in `{dir}.key`.
    ///
    /// # Errors
    ///
    /// [`CacheError::NotPrivate`] when anybody else may write or read there.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let dir = dir.into();
        let key = dir.with_added_extension("key");
        Self::with_key(&dir, key)
    }

    /// As [`Cache::open`], with the key in another file, which is made where it doesn't exist.
    ///
    /// # Errors
    ///
    /// As [`Cache::open`].
    pub fn with_key(dir: &Path, key: PathBuf) -> Result<Self, CacheError> {
        let io = |error: io::Error| CacheError::Io {
            path: dir.to_owned(),
            error,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(io)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = rustix::fs::open(dir, flags, Mode::empty()).map_err(|e| io(e.into()))?;
        let found = fstat(&opened).map_err(|e| io(e.into()))?;
        private(dir, &found, "700")?;
        Ok(Self {
            path: dir.to_owned(),
            dir: opened,
            key: Key::open(key)?,
        })
    }

    fn name(digest: &str, compatibility: &str) -> String {
        format!("{digest}-{compatibility}.cwasm")
    }

    fn script_name(digest: &str) -> String {
        format!("{digest}.py")
    }

    /// The text of the script with this digest, if this host ran it before.
    pub(super) fn script(&self, digest: &str) -> Option<String> {
        self.get(&Self::script_name(digest), "not at hand")
            .and_then(|text| String::from_utf8(text).ok())
    }

    /// Keeps a script, for batches that are begun with it and ended with another in its place.
    pub(super) fn keep_script(&self, digest: &str, text: &str) -> io::Result<()> {
        let name = Self::script_name(digest);
        // The digest says what is in the file.
        if self.read(&name).is_ok_and(|kept| kept == text.as_bytes()) {
            return Ok(());
        }
        self.put(&name, text.as_bytes())
    }

    /// The native code of the component with this digest, if this host compiled it before.
    pub(super) fn load(&self, digest: &str, compatibility: &str) -> Option<Vec<u8>> {
        self.get(&Self::name(digest, compatibility), "compiled again")
    }

    fn get(&self, name: &str, instead: &str) -> Option<Vec<u8>> {
        self.read(name)
            .inspect_err(|e| {
                if e.kind() != io::ErrorKind::NotFound {
                    let path = self.path.join(name);
                    tracing::warn!("{}: {e}; {instead}", path.display());
                }
            })
            .ok()
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        // Not waiting for somebody to write into a named pipe.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file = File::from(openat(&self.dir, name, flags, Mode::empty())?);
        let found = fstat(&file)?;
        let mode = Mode::from_raw_mode(found.st_mode);
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile
            || found.st_uid != geteuid().as_raw()
            || mode.intersects(Mode::WGRP | Mode::WOTH)
        {
            return Err(io::Error::other(
                "not a file of this user's that others can't write",
            ));
        }
        let mut bytes = Vec::new();
        (&mut file).take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
        // Of what was read, and not of the file: it may be another one by now.
        let damaged = || io::Error::other("not made by this host, or damaged");
        let (mac, code) = bytes.split_at_checked(MAC_BYTES).ok_or_else(damaged)?;
        if !memcmp::eq(mac, &self.key.mac(name, code)?) {
            return Err(damaged());
        }
        bytes.drain(..MAC_BYTES);
        Ok(bytes)
    }

    /// Keeps `code`, which a compiling process made from the component with this digest.
    pub(super) fn store(&self, digest: &str, compatibility: &str, code: &[u8]) -> io::Result<()> {
        self.put(&Self::name(digest, compatibility), code)
    }

    fn put(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let temporary = format!(".{name}.{:016x}", rand::random::<u64>());
        let written = self.write(&temporary, name, content).and_then(|()| {
            renameat(&self.dir, &temporary, &self.dir, name)?;
            Ok(())
        });
        if written.is_err() {
            let _ = unlinkat(&self.dir, &temporary, AtFlags::empty());
        }
        written
    }

    fn write(&self, temporary: &str, name: &str, code: &[u8]) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let mut file = File::from(openat(&self.dir, temporary, flags, mode)?);
        file.write_all(&self.key.mac(name, code)?)?;
        file.write_all(code)
    }
}

/// Fails unless the file is this user's and closed to all others.
fn private(path: &Path, found: &Stat, remedy: &'static str) -> Result<(), CacheError> {
    let user = geteuid().as_raw();
    if found.st_uid != user || found.st_mode & 0o077 != 0 {
        return Err(CacheError::NotPrivate {
            path: path.to_owned(),
            owner: found.st_uid,
            user,
            mode: found.st_mode & 0o7777,
            remedy,
        });
    }
    Ok(())
}

/// What this host's MACs are made with.
struct Key(PKey<openssl::pkey::Private>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    fn open(path: PathBuf) -> Result<Self, CacheError> {
        let bytes = match Self::read(&path) {
            Err(CacheError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => {
                Self::make(&path).map_err(|error| CacheError::Io {
                    path: path.clone(),
                    error,
                })?;
                // Another process may have been quicker: what is there counts.
                Self::read(&path)?
            }
            other => other?,
        };
        PKey::hmac(&bytes).map(Self).map_err(|e| CacheError::Io {
            path,
            error: e.into(),
        })
    }

    fn read(path: &Path) -> Result<Vec<u8>, CacheError> {
        let io = |error: io::Error| CacheError::Io {
            path: path.to_owned(),
            error,
        };
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| io(e.into()))?;
        let found = fstat(&opened).map_err(|e| io(e.into()))?;
        private(path, &found, "600")?;
        let mut bytes = Vec::new();
        let most = KEY_BYTES as u64 + 1;
        File::from(opened)
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(io)?;
        if bytes.len() != KEY_BYTES {
            return Err(CacheError::NotAKey {
                path: path.to_owned(),
            });
        }
        Ok(bytes)
    }

    /// Whole or not at all, and never in the place of one that is there.
    fn make(path: &Path) -> io::Result<()> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)?;
        let mut bytes = [0; KEY_BYTES];
        openssl::rand::rand_bytes(&mut bytes)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(&bytes)?;
        match file.persist_noclobber(path) {
            Err(e) if e.error.kind() != io::ErrorKind::AlreadyExists => Err(e.error),
            _ => Ok(()),
        }
    }

    fn mac(&self, name: &str, code: &[u8]) -> io::Result<[u8; MAC_BYTES]> {
        let mut signer = Signer::new(MessageDigest::sha256(), &self.0)?;
        signer.update(&(name.len() as u64).to_le_bytes())?;
        signer.update(name.as_bytes())?;
        signer.update(code)?;
        let mut mac = [0; MAC_BYTES];
        signer.sign(&mut mac)?;
        Ok(mac)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn code_comes_back_only_under_its_own_name_and_key() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("parsers");
        let cache = Cache::open(&dir).unwrap();
        cache.store("aa", "1", b"native").unwrap();
        assert_eq!(cache.load("aa", "1").unwrap(), b"native");
        assert_eq!(
            Cache::open(&dir).unwrap().load("aa", "1").unwrap(),
            b"native"
        );
        // Another parser's code in this one's place, or another engine's.
        for (digest, compatibility) in [("bb", "1"), ("aa", "2")] {
            let to = dir.join(Cache::name(digest, compatibility));
            fs::copy(dir.join(Cache::name("aa", "1")), to).unwrap();
            assert_eq!(cache.load(digest, compatibility), None);
        }
        // Another host's.
        let other = Cache::with_key(&dir, root.path().join("other.key")).unwrap();
        assert_eq!(other.load("aa", "1"), None);
        assert_eq!(
            fs::read_dir(root.path().join("parsers")).unwrap().count(),
            3
        );
    }

    #[test]
    fn a_key_that_others_can_read_or_of_another_length_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("parsers");
        Cache::open(&dir).unwrap();
        let key = root.path().join("parsers.key");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        let error = Cache::open(&dir).unwrap_err().to_string();
        assert!(
            error.contains("mode 644") && error.contains("chmod 600"),
            "{error}"
        );
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        for bad in [&b""[..], &[7; 31], &[7; 33]] {
            fs::write(&key, bad).unwrap();
            let error = Cache::open(&dir).unwrap_err();
            assert!(matches!(error, CacheError::NotAKey { .. }), "{error}");
        }
    }
}
