//! How long a poll goes on.

use std::time::{Duration, Instant};

/// When a poll stops, beside having caught up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// The asset's `timeout`, counted from now.
    ///
    /// - Above zero: the poll ends when it has caught up with what its topics had at its
    ///   beginning, or when the time is up. If there was nothing to read it waits that long for
    ///   a first record, and then takes what there is by then.
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
    #[must_use]
    pub fn waits(self) -> bool {
        self.0.is_some_and(|at| Instant::now() < at)
    }

    /// A fair part of the time that is left, for one of `count` topics.
    #[must_use]
    pub fn share(self, count: usize) -> Self {
        let now = Instant::now();
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        Self(
            self.0
                .map(|at| now + at.saturating_duration_since(now) / count),
        )
    }

    /// Whether the time is up.
    #[must_use]
    pub fn is_past(self, now: Instant) -> bool {
        self.0.is_some_and(|at| now >= at)
    }

    /// `most`, or less if the deadline comes first.
    pub(super) fn cap(self, now: Instant, most: Duration) -> Duration {
        self.0
            .map_or(most, |at| most.min(at.saturating_duration_since(now)))
    }
}
