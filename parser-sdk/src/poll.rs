//! The poll that a batch belongs to, and the only clock there is.

use crate::{
    host,
    time::{DateTime, Timestamp},
};

/// When a poll began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    pub(crate) utc: Timestamp,
    pub(crate) utc_offset_minutes: i16,
}

impl Instant {
    /// The instant itself.
    #[must_use]
    pub fn utc(&self) -> Timestamp {
        self.utc
    }

    /// The host's local time is UTC plus this, in minutes east.
    #[must_use]
    pub fn utc_offset_minutes(&self) -> i16 {
        self.utc_offset_minutes
    }

    /// The host's local date and time.
    #[must_use]
    pub fn local(&self) -> DateTime {
        self.utc.at_offset(self.utc_offset_minutes)
    }
}

/// When the poll began. It doesn't advance, and a batch that is delivered again after a crash
/// sees the same instant.
#[must_use]
pub fn started() -> Instant {
    host::started()
}
