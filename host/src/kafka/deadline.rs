//! How long a poll goes on.

use std::time::{Duration, Instant};

/// When a poll stops, beside having caught up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// The asset's `timeout`, counted from now.
    ///
    /// - Above zero: the poll ends when it has caught up with what the topic had at its
    ///   beginning, or when the time is up. If there was nothing to read it waits that long for
    ///   a first record, and then takes what comes until nothing more does.
    /// - Zero: one pass over what the topic had at its beginning, however long that takes, and
    ///   no waiting for anything else.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self((!timeout.is_zero()).then(|| Instant::now() + timeout))
    }

    /// No deadline: one pass.
    #[must_use]
    pub fn caught_up() -> Self {
        Self(None)
    }

    /// Whether a poll with nothing to read waits for a first record.
    pub(super) fn waits(self) -> bool {
        self.0.is_some()
    }

    pub(super) fn is_past(self, now: Instant) -> bool {
        self.0.is_some_and(|at| now >= at)
    }

    /// `most`, or less if the deadline comes first.
    pub(super) fn cap(self, now: Instant, most: Duration) -> Duration {
        self.0
            .map_or(most, |at| most.min(at.saturating_duration_since(now)))
    }
}
