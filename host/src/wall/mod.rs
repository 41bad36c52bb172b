//! Layer 1: the second wall. What a process gives up once it has what it needs, so that code that
//! breaks out of a parser's sandbox finds itself in a process that can do nothing.
//!
//! Three kinds of process, each with a wall of its own (docs/security.md says which promise rests
//! on it): [`around_compiler`] and [`around_parser`] leave a process its standard input and output
//! and its memory; [`around_host`] leaves the connector the files that its asset names, and the
//! network. A kernel that lacks a part of it is no error: the [`Report`] says what stands.

mod files;
mod limits;
mod paths;
mod syscalls;

use std::{env, ffi::OsStr};

use serde::{Deserialize, Serialize};

pub use files::Landlock;
pub use limits::Limits;
pub use paths::Paths;

/// Switches the second wall off when it says `off`.
pub const VARIABLE: &str = "KAFKA_SOAR_SECOND_WALL";

/// What stands of the wall around this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Files, and signals to other processes.
    pub landlock: Landlock,
    /// System calls.
    pub seccomp: bool,
}

impl Report {
    /// The wall was switched off.
    pub const OFF: Self = Self {
        landlock: Landlock::Off,
        seccomp: false,
    };

    /// Whether all of it stands.
    #[must_use]
    pub fn whole(self) -> bool {
        self.landlock == Landlock::Enforced && self.seccomp
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seccomp = match (self.seccomp, self.landlock) {
            (true, _) => "on",
            (false, Landlock::Off) => "off",
            (false, _) => "not supported",
        };
        write!(f, "Landlock {}, seccomp {seccomp}", self.landlock)
    }
}

/// Whether the wall is wanted.
///
/// # Errors
///
/// The variable's value when it is neither `on` nor `off`: a typing error must not leave a hole.
pub fn wanted() -> Result<bool, String> {
    match env::var_os(VARIABLE) {
        None => Ok(true),
        Some(value) if value == OsStr::new("on") || value.is_empty() => Ok(true),
        Some(value) if value == OsStr::new("off") => Ok(false),
        Some(value) => Err(value.to_string_lossy().into_owned()),
    }
}

/// Around a process that compiles one component: it reads standard input, writes standard output
/// and may start threads.
///
/// # Errors
///
/// When a wall that the kernel has could not be put up.
pub fn around_compiler() -> Result<Report, String> {
    Ok(Report {
        landlock: files::none()?,
        seccomp: syscalls::compiler()?,
    })
}

/// Around a process that runs one parser, before its first thread is started.
///
/// # Errors
///
/// As [`around_compiler`].
pub fn around_parser() -> Result<Landlock, String> {
    files::none()
}

/// Around a process that runs one parser, on all its threads, when its code is loaded: from here
/// on there is no new executable memory, no new thread and no file.
///
/// # Errors
///
/// As [`around_compiler`].
pub fn before_first_batch() -> Result<bool, String> {
    syscalls::parser()
}

/// Around the connector, before its first thread is started: the files of `paths`, the network
/// (but for listening), and nothing that administers the machine.
///
/// # Errors
///
/// As [`around_compiler`].
pub fn around_host(paths: &Paths) -> Result<Report, String> {
    Ok(Report {
        landlock: files::only(paths)?,
        seccomp: syscalls::host()?,
    })
}
