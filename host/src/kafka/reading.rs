//! How far a poll has got. Pure: it is told what arrives and says what to do with it.

use std::collections::BTreeMap;

use crate::model::{Offsets, Start};

/// What a record is to the poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It belongs to the poll; more of its partition may come.
    Take,
    /// It belongs to the poll and is its partition's last.
    TakeLast,
    /// It arrived after the poll's beginning: the next poll's.
    Later,
}

#[derive(Debug, Clone, Copy)]
struct Partition {
    /// Offset of the next record to take.
    next: i64,
    end: i64,
    /// Nothing more to take for now.
    over: bool,
}

/// The partitions that are being read.
#[derive(Debug, Default)]
pub(super) struct Reading {
    partitions: BTreeMap<i32, Partition>,
    /// How many are not over.
    open: usize,
}

impl Reading {
    /// Reads each partition up to its end.
    pub(super) fn up_to(starts: &[Start]) -> Self {
        let partitions: BTreeMap<i32, Partition> = starts
            .iter()
            .map(|start| {
                let partition = Partition {
                    next: start.from,
                    end: start.end,
                    over: start.from >= start.end,
                };
                (start.partition, partition)
            })
            .collect();
        Self {
            open: partitions.values().filter(|p| !p.over).count(),
            partitions,
        }
    }

    /// Whether nothing more is to be read.
    pub(super) fn is_over(&self) -> bool {
        self.open == 0
    }

    /// A record has arrived.
    pub(super) fn record(&mut self, partition: i32, offset: i64) -> Verdict {
        let Some(p) = self.partitions.get_mut(&partition) else {
            return Verdict::Later;
        };
        if p.over {
            return Verdict::Later;
        }
        let belongs = offset < p.end;
        p.over = offset + 1 >= p.end;
        if p.over {
            self.open -= 1;
        }
        if !belongs {
            // What lay before the end was no record.
            p.next = p.end;
            return Verdict::Later;
        }
        p.next = offset + 1;
        if p.over {
            Verdict::TakeLast
        } else {
            Verdict::Take
        }
    }

    /// The broker has no more of a partition: records up to its end were markers or aborted, or
    /// an open transaction hides what follows. `passed` is the offset after the last record or
    /// marker that was seen, if there was one. (Not the end that the broker tells: one that has
    /// just become leader may briefly tell of an end that is too low.)
    pub(super) fn end_of(&mut self, partition: i32, passed: Option<i64>) {
        if let Some(p) = self.partitions.get_mut(&partition)
            && !p.over
        {
            p.over = true;
            p.next = p.next.max(passed.unwrap_or(p.next).min(p.end));
            self.open -= 1;
        }
    }

    /// Where the next poll goes on in each partition, once this one is over and all that was
    /// taken is dealt with.
    pub(super) fn reached(&self) -> Offsets {
        self.partitions
            .iter()
            .map(|(&id, p)| (id, p.next))
            .collect()
    }

    /// The partitions still to be read and each one's next offset.
    pub(super) fn positions(&self) -> impl Iterator<Item = (i32, i64)> {
        self.partitions
            .iter()
            .filter(|(_, p)| !p.over)
            .map(|(&id, p)| (id, p.next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(partition: i32, from: i64, end: i64) -> Start {
        Start {
            partition,
            from,
            end,
        }
    }

    #[test]
    fn a_partition_is_over_at_its_last_offset() {
        let mut reading = Reading::up_to(&[start(0, 5, 7), start(1, 3, 3)]);
        assert_eq!(reading.positions().collect::<Vec<_>>(), [(0, 5)]);
        assert_eq!(reading.record(0, 5), Verdict::Take);
        assert!(!reading.is_over());
        assert_eq!(reading.record(0, 6), Verdict::TakeLast);
        assert!(reading.is_over());
        assert_eq!(reading.record(0, 7), Verdict::Later);
    }

    #[test]
    fn a_record_at_the_end_is_the_next_polls() {
        // Offsets 5 and 6 were compacted away or are markers.
        let mut reading = Reading::up_to(&[start(0, 5, 7)]);
        assert_eq!(reading.record(0, 7), Verdict::Later);
        assert!(reading.is_over());
        assert_eq!(reading.reached(), Offsets::from([(0, 7)]));
    }

    #[test]
    fn markers_at_the_end_are_passed_and_no_more() {
        let mut reading = Reading::up_to(&[start(0, 5, 9), start(1, 5, 9), start(2, 5, 9)]);
        assert_eq!(reading.record(0, 5), Verdict::Take);
        // A marker at 6, and an end at 7 that is not the one the poll began with.
        reading.end_of(0, Some(7));
        reading.end_of(0, Some(9));
        // Markers that came after the poll's beginning.
        reading.end_of(1, Some(12));
        reading.end_of(2, None);
        assert_eq!(reading.reached(), Offsets::from([(0, 7), (1, 9), (2, 5)]));
    }

    #[test]
    fn the_end_of_a_partition_closes_it() {
        let mut reading = Reading::up_to(&[start(0, 0, 10), start(1, 0, 1)]);
        assert_eq!(reading.record(0, 0), Verdict::Take);
        reading.end_of(0, None);
        reading.end_of(0, None);
        assert!(!reading.is_over());
        assert_eq!(reading.positions().collect::<Vec<_>>(), [(1, 0)]);
        reading.end_of(1, None);
        assert!(reading.is_over());
    }
}
