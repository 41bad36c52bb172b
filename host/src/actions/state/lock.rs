//! One poll or replay of a state at a time: two would deliver the same records twice and overwrite
//! each other's offsets.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use super::MODE;
use crate::actions::{Class, Failure};

/// An advisory lock on `<state>.lock`, held until it is dropped or the process ends, however it
/// ends. The file stays: removing it would let two processes lock two files of one name.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Locks the state, without waiting.
    ///
    /// # Errors
    ///
    /// When another process holds it, or the lock file can't be written.
    pub fn take(state: &Path) -> Result<Self, Failure> {
        let path = lock_path(state);
        let failed = |e: io::Error| {
            Failure::new(
                Class::Output,
                format!("the lock file {} can't be written: {e}", path.display()),
            )
            .hint("the state's folder must be there and writable")
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(MODE)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(state, &path, &mut file)),
            Err(TryLockError::Error(e)) => return Err(failed(e)),
        }
        // For the message of whoever comes second; no one reads it otherwise.
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(failed)?;
        Ok(Self { _file: file })
    }
}

fn lock_path(state: &Path) -> PathBuf {
    let mut name = state.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn held(state: &Path, path: &Path, file: &mut File) -> Failure {
    let mut holder = String::new();
    let _ = file
        .rewind()
        .and_then(|()| file.take(20).read_to_string(&mut holder));
    let holder = match holder.trim().parse::<u32>() {
        Ok(pid) => format!(" (process {pid})"),
        Err(_) => String::new(),
    };
    Failure::new(
        Class::Config,
        format!(
            "another poll or replay{holder} is using the state file {}: it holds {}",
            state.display(),
            path.display()
        ),
    )
    .hint("wait until it is over, or give each asset a state file of its own with --state")
}
