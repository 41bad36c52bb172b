//! A partition that is assigned to this member, and the batch of it that is being filled.

use std::time::{Duration, Instant};

use super::context::Assigned;
use crate::{
    config::BatchLimits,
    model::{Batch, Intent, Record},
    ports::Taken,
};

/// How long the records of a batch that was begun are waited for: the last may have been compacted
/// away since.
const MISSING: Duration = Duration::from_secs(10);

pub(super) struct Partition {
    topic: String,
    id: i32,
    /// What an earlier member was about to make of the records that come first.
    begun: Option<Intent>,
    batch: Batch,
    since: Instant,
}

impl Partition {
    pub(super) fn new(assigned: Assigned) -> Self {
        Self {
            batch: Batch::new(assigned.topic.as_str()),
            topic: assigned.topic,
            id: assigned.partition,
            begun: assigned.intent,
            since: Instant::now(),
        }
    }

    /// Adds a record; gives what is complete by that: none, one or two batches.
    pub(super) fn push(&mut self, record: &Record<'_>, limits: BatchLimits) -> Vec<Taken> {
        let mut closed = Vec::new();
        if let Some((_, next)) = self.range() {
            if record.position.offset >= next {
                closed.extend(self.close());
            }
        } else if !self.batch.is_empty() && self.batch.bytes() >= limits.max_bytes {
            closed.extend(self.close());
        }
        if self.batch.is_empty() {
            self.since = Instant::now();
        }
        self.batch.push(record);
        let full = match self.range() {
            Some((_, next)) => record.position.offset + 1 >= next,
            None => {
                self.batch.len() >= limits.max_messages || self.batch.bytes() >= limits.max_bytes
            }
        };
        if full {
            closed.extend(self.close());
        }
        closed
    }

    fn range(&self) -> Option<(i64, i64)> {
        self.begun.as_ref()?.ranges.get(&self.id).copied()
    }

    /// The batch, if there is any of it.
    pub(super) fn close(&mut self) -> Option<Taken> {
        let intent = self.begun.take();
        if self.batch.is_empty() {
            return None;
        }
        let batch = std::mem::replace(&mut self.batch, Batch::new(self.topic.as_str()));
        Some(Taken { batch, intent })
    }

    /// Whether nothing is to be waited for any longer.
    pub(super) fn is_ripe(&self, linger: Duration) -> bool {
        let linger = if self.begun.is_some() {
            MISSING
        } else {
            linger
        };
        !self.batch.is_empty() && self.since.elapsed() >= linger
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        // One that was begun is as large as it was, and closed by nothing else.
        if self.begun.is_some() {
            0
        } else {
            self.batch.bytes()
        }
    }
}
