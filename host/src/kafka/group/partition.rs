//! A partition that is assigned to this member, and the batch of it that is being filled.

use std::time::{Duration, Instant};

use super::context::Assigned;
use crate::{
    config::BatchLimits,
    model::{Batch, Intent, Record},
    ports::Taken,
};

/// How long the records of a batch that was begun are waited for once the partition seems to have no
/// more: the last may have been compacted away since.
const MISSING: Duration = Duration::from_secs(10);

pub(super) struct Partition {
    topic: String,
    id: i32,
    /// What an earlier member was about to make of the records that come first.
    begun: Option<Intent>,
    batch: Batch,
    since: Instant,
    /// The lowest offset that the next record can have.
    next: i64,
    /// Whether the end of a partition of this number was met after the last record.
    at_end: bool,
}

impl Partition {
    pub(super) fn new(assigned: Assigned) -> Self {
        Self {
            batch: Batch::new(assigned.topic.as_str()),
            topic: assigned.topic,
            id: assigned.partition,
            begun: assigned.intent,
            since: Instant::now(),
            next: assigned.from,
            at_end: false,
        }
    }

    /// Adds a record; gives what is complete by that: none, one or two batches.
    pub(super) fn push(&mut self, record: &Record<'_>, limits: BatchLimits) -> Vec<Taken> {
        let mut closed = Vec::new();
        // After a pause records may be fetched again.
        if record.position.offset < self.next {
            return closed;
        }
        self.next = record.position.offset + 1;
        self.at_end = false;
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
        let waited = self.since.elapsed();
        let enough = match self.begun {
            // A broker that is gone for a while is no reason to tear a batch apart.
            Some(_) => self.at_end && waited >= MISSING,
            None => waited >= linger,
        };
        enough && !self.batch.is_empty()
    }

    /// There is nothing more for now.
    pub(super) fn at_end(&mut self) {
        self.at_end = true;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Instant as Started, Origin, Position};

    const LIMITS: BatchLimits = BatchLimits {
        max_messages: 3,
        max_bytes: 100,
    };

    fn partition(from: i64, begun: Option<(i64, i64)>) -> Partition {
        let origin = Origin {
            started: Started {
                unix_ms: 0,
                utc_offset_minutes: 0,
            },
            parser: "d".into(),
            max_artifacts: None,
        };
        Partition::new(Assigned {
            topic: "t".into(),
            partition: 2,
            from,
            intent: begun.map(|range| Intent {
                topic: "t".into(),
                ranges: [(2, range)].into(),
                messages: 1,
                origin,
                cuts: vec![],
                rejected: vec![],
            }),
        })
    }

    /// The offsets of the batches that are complete after these records, and whether each was begun.
    fn pushed(partition: &mut Partition, offsets: &[i64]) -> Vec<(Vec<i64>, bool)> {
        let mut closed = Vec::new();
        for &offset in offsets {
            let record = Record {
                position: Position {
                    partition: 2,
                    offset,
                },
                timestamp: 0,
                key: None,
                value: Some(b"v"),
                headers: vec![],
            };
            closed.extend(partition.push(&record, LIMITS));
        }
        let shape = |taken: Taken| (taken.batch.offsets().to_vec(), taken.intent.is_some());
        closed.into_iter().map(shape).collect()
    }

    #[test]
    fn a_batch_is_closed_by_its_limits() {
        let mut partition = partition(5, None);
        let closed = pushed(&mut partition, &[5, 6, 7, 8]);
        assert_eq!(closed, [(vec![5, 6, 7], false)]);
        assert_eq!(partition.close().unwrap().batch.offsets(), [8]);
        assert!(partition.close().is_none() && partition.is_empty());
    }

    #[test]
    fn one_that_was_begun_is_closed_by_its_end_alone() {
        let mut partition = partition(5, Some((5, 10)));
        let closed = pushed(&mut partition, &[5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(
            closed,
            [(vec![5, 6, 7, 8, 9], true), (vec![10, 11, 12], false)]
        );
    }

    #[test]
    fn its_last_record_may_be_gone() {
        let mut partition = partition(5, Some((5, 10)));
        let closed = pushed(&mut partition, &[5, 8, 10]);
        assert_eq!(closed, [(vec![5, 8], true)]);
        assert!(!partition.is_ripe(Duration::MAX) && partition.is_ripe(Duration::ZERO));
        // Time alone does not tear it apart.
        let mut partition = self::partition(5, Some((5, 10)));
        pushed(&mut partition, &[5]);
        partition.since -= 2 * MISSING;
        assert!(!partition.is_ripe(Duration::ZERO));
        partition.at_end();
        assert!(partition.is_ripe(Duration::ZERO));
    }

    #[test]
    fn a_record_that_comes_again_is_passed_over() {
        let mut partition = partition(5, None);
        let closed = pushed(&mut partition, &[4, 5, 6, 5, 6, 7]);
        assert_eq!(closed, [(vec![5, 6, 7], false)]);
    }
}
