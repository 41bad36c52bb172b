//! Native code of parsers, kept between processes.
//!
//! A file holds the SHA-256 of what follows (32 bytes) and what wasmtime serialised. Its name is
//! the component's digest and a hash of everything that the code depends on: wasmtime's version,
//! its configuration, the processor. The directory belongs to this user and to nobody else, and
//! files get there whole, by renaming; anything else about it and nothing is loaded from it.

use std::{
    fs::{self, DirBuilder},
    hash::{Hash, Hasher},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use wasmtime::{Engine, component::Component};

const CHECKSUM_BYTES: usize = 32;

/// A private directory of compiled parsers.
#[derive(Debug, Clone)]
pub struct Cache {
    dir: PathBuf,
}

/// Why a directory can't be the cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error("{dir}: {error}")]
    Io { dir: PathBuf, error: io::Error },
    /// Somebody else could put native code there.
    #[error(
        "{dir} belongs to user {owner} and has mode {mode:o}; it must belong to user {user} and \
         be closed to all others (chmod 700)"
    )]
    NotPrivate {
        dir: PathBuf,
        owner: u32,
        user: u32,
        mode: u32,
    },
}

impl Cache {
    /// Opens the directory, making it where it doesn't exist.
    ///
    /// # Errors
    ///
    /// [`CacheError::NotPrivate`] when anybody else may write or read there.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let dir = dir.into();
        let io = |error| CacheError::Io {
            dir: dir.clone(),
            error,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&dir)
            .map_err(io)?;
        let found = fs::symlink_metadata(&dir).map_err(io)?;
        let user = rustix::process::geteuid().as_raw();
        if !found.is_dir() || found.uid() != user || found.mode() & 0o077 != 0 {
            return Err(CacheError::NotPrivate {
                owner: found.uid(),
                user,
                mode: found.mode() & 0o7777,
                dir,
            });
        }
        Ok(Self { dir })
    }

    fn path(&self, engine: &Engine, digest: &str) -> PathBuf {
        let mut hash = Sha256Hasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hash);
        let compatibility = hex::encode(&hash.0.finalize()[..8]);
        self.dir.join(format!("{digest}-{compatibility}.cwasm"))
    }

    /// The component with this digest, if this host compiled it before.
    #[expect(
        unsafe_code,
        reason = "deserialising native code; see the SAFETY comment"
    )]
    pub(crate) fn load(&self, engine: &Engine, digest: &str) -> Option<Component> {
        let path = self.path(engine, digest);
        let code = read(&path)
            .inspect_err(|e| {
                if e.kind() != io::ErrorKind::NotFound {
                    tracing::warn!("{}: {e}; compiled again", path.display());
                }
            })
            .ok()?;
        // SAFETY: `deserialize` trusts that wasmtime made the bytes. They come from a regular
        // file that this user owns and nobody else may write, in a directory that nobody else may
        // enter (checked in `open` and `read`); `store` alone writes there, what
        // `Component::serialize` gave it; and the checksum says that they are whole.
        let component = unsafe { Component::deserialize(engine, &code[CHECKSUM_BYTES..]) };
        component
            .inspect_err(|e| tracing::warn!("{}: {e:#}; compiled again", path.display()))
            .ok()
    }

    /// Keeps `code`, which [`Component::serialize`] made from the component with this digest.
    pub(crate) fn store(&self, engine: &Engine, digest: &str, code: &[u8]) -> Result<(), String> {
        let path = self.path(engine, digest);
        let write = || -> io::Result<()> {
            // Mode 0600, and whole or not there at all.
            let mut file = tempfile::NamedTempFile::new_in(&self.dir)?;
            file.write_all(&Sha256::digest(code))?;
            file.write_all(code)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|e| format!("{}: {e}", path.display()))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let found = fs::symlink_metadata(path)?;
    let user = rustix::process::geteuid().as_raw();
    if !found.is_file() || found.uid() != user || found.mode() & 0o022 != 0 {
        return Err(io::Error::other(
            "not a file of this user's that others can't write",
        ));
    }
    let code = fs::read(path)?;
    match code.split_at_checked(CHECKSUM_BYTES) {
        Some((checksum, rest)) if Sha256::digest(rest)[..] == *checksum => Ok(code),
        _ => Err(io::Error::other("damaged")),
    }
}

/// A hash that is the same in every build, unlike the standard library's.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        u64::from_le_bytes(digest[..8].try_into().expect("eight bytes"))
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}
