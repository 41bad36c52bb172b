//! Recordings: what a parser got and returned, kept by a poll, run again and compared.

mod compare;
mod replay;
mod tape;

use std::path::PathBuf;

pub(super) use self::tape::Tape;
pub use self::{
    compare::Difference,
    replay::{Replay, Replayed, Report, Summary, Verdict, replay},
    tape::Tally,
};

/// Where parses are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub folder: PathBuf,
    /// Bytes that all recordings in the folder may have together.
    pub limit: u64,
}
