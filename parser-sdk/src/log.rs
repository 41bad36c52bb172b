//! Lines for the person who runs the connector.
//!
//! The macros [`debug!`](crate::debug!), [`info!`](crate::info!), [`warn!`](crate::warn!) and
//! [`error!`](crate::error!) format a line and write it. The host escapes control characters,
//! cuts a line at 4 KiB, and stops a parser whose lines for one batch pass the asset's limit
//! (64 KiB by default): a line a batch is fine, a line a message isn't.

use crate::host;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// Writes one line.
pub fn write(level: Level, line: &str) {
    host::log(level, line);
}

/// From now on a panic writes its message and place as an error line before the batch fails;
/// without it, nobody learns more than that the parser crashed. Call it first in
/// [`Parser::parse`](crate::Parser::parse). It is opt-in because a component that never logs has
/// one import less. Natively it does nothing: the test harness shows panics.
pub fn panics() {
    #[cfg(target_family = "wasm")]
    std::panic::set_hook(Box::new(|panic| {
        write(Level::Error, &panic.to_string().replace('\n', ": "));
    }));
}

/// Writes a formatted line at level debug; see [`log`](crate::log).
#[macro_export]
macro_rules! debug {
    ($($line:tt)*) => { $crate::log::write($crate::log::Level::Debug, &::std::format!($($line)*)) };
}

/// Writes a formatted line at level info; see [`log`](crate::log).
#[macro_export]
macro_rules! info {
    ($($line:tt)*) => { $crate::log::write($crate::log::Level::Info, &::std::format!($($line)*)) };
}

/// Writes a formatted line at level warn; see [`log`](crate::log).
#[macro_export]
macro_rules! warn {
    ($($line:tt)*) => { $crate::log::write($crate::log::Level::Warn, &::std::format!($($line)*)) };
}

/// Writes a formatted line at level error; see [`log`](crate::log).
#[macro_export]
macro_rules! error {
    ($($line:tt)*) => { $crate::log::write($crate::log::Level::Error, &::std::format!($($line)*)) };
}
