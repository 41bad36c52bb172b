//! Options of commands that may record what they parse.

use std::{num::NonZeroU64, path::PathBuf};

use crate::actions::recording::Options;

/// Whether parses are kept, and where.
#[derive(Debug, clap::Args)]
pub(super) struct Recording {
    /// Keep each parse in this folder, with its messages, for kafka-soar parser replay
    ///
    /// The folder is made, for this user alone; one that others can look into is refused. A parse
    /// that can't be recorded is told of and otherwise goes on.
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// MiB that all recordings in the folder may have together; the oldest go
    #[arg(long, value_name = "MIB", default_value = "1024", requires = "record")]
    record_limit: NonZeroU64,
}

impl Recording {
    pub(super) fn options(&self) -> Option<Options> {
        self.record.as_ref().map(|folder| Options {
            folder: folder.clone(),
            limit: self.record_limit.get().saturating_mul(1 << 20),
        })
    }
}
