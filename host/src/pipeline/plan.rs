//! Where a poll starts.

use std::collections::BTreeMap;

use crate::model::{Intent, Offsets, Start, Watermarks};

/// Where a scheduled poll starts, and what is noteworthy about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// One a partition of the topic, ascending.
    pub starts: Vec<Start>,
    /// Partitions whose next records were deleted before they were read.
    pub lost: Vec<Lost>,
    /// Partitions that end before the saved offset.
    pub recreated: Vec<Recreated>,
    /// Saved partitions that the topic no longer has. Kafka never takes partitions away, so the
    /// topic was made anew and no saved offset means anything: all of it is read.
    pub gone: Vec<i32>,
}

/// Retention was faster than the polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    pub partition: i32,
    /// The saved offset: the first that is lost.
    pub from: i64,
    /// The oldest retained offset, where the poll goes on.
    pub to: i64,
}

impl Lost {
    /// How many offsets are lost. No fewer records than that were; a topic with transactions or
    /// compaction has offsets without a record.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.to.abs_diff(self.from)
    }
}

/// The topic was deleted and made again, or its log was cut: the poll reads all it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recreated {
    pub partition: i32,
    pub saved: i64,
    /// The offset of the next record to be written, below `saved`.
    pub high: i64,
}

impl Plan {
    /// Whether the messages of an interrupted batch are still where the poll starts.
    #[must_use]
    pub fn has(&self, intent: &Intent) -> bool {
        intent.ranges.iter().all(|(&partition, &(first, next))| {
            let start = self.starts.iter().find(|s| s.partition == partition);
            start.is_some_and(|start| start.from <= first && next <= start.end)
        })
    }

    /// The offsets to save before anything is read. Without them a first poll that starts at
    /// the end and finds nothing would leave no trace, and the next one would start over.
    #[must_use]
    pub fn offsets(&self) -> Offsets {
        self.starts
            .iter()
            .map(|start| (start.partition, start.from))
            .collect()
    }
}

/// Plans a scheduled poll of a topic with partitions `view`, of which `saved` was read before.
///
/// Without saved offsets the poll starts at the beginning of the topic if `from_beginning`, else
/// at its end. A partition that the topic had not yet when the offsets were saved is read from
/// its beginning: nothing of it has been read.
#[must_use]
pub fn scheduled(
    view: &BTreeMap<i32, Watermarks>,
    saved: Option<&Offsets>,
    from_beginning: bool,
) -> Plan {
    let saved = saved.filter(|offsets| !offsets.is_empty());
    let gone: Vec<i32> = saved
        .into_iter()
        .flat_map(BTreeMap::keys)
        .filter(|partition| !view.contains_key(partition))
        .copied()
        .collect();
    let made_anew = !gone.is_empty();
    let mut plan = Plan {
        gone,
        ..Plan::default()
    };
    for (&partition, marks) in view {
        let from = match saved.map(|offsets| offsets.get(&partition).copied()) {
            _ if made_anew => marks.low,
            None if from_beginning => marks.low,
            None => marks.stable,
            Some(None) => marks.low,
            Some(Some(offset)) if offset < marks.low => {
                plan.lost.push(Lost {
                    partition,
                    from: offset,
                    to: marks.low,
                });
                marks.low
            }
            Some(Some(offset)) if offset > marks.high => {
                plan.recreated.push(Recreated {
                    partition,
                    saved: offset,
                    high: marks.high,
                });
                marks.low
            }
            Some(Some(offset)) => offset,
        };
        plan.starts.push(Start {
            partition,
            from,
            end: marks.stable,
        });
    }
    plan
}

/// Plans a poll now: everything that the topic has, from the beginning.
#[must_use]
pub fn poll_now(view: &BTreeMap<i32, Watermarks>) -> Vec<Start> {
    view.iter()
        .map(|(&partition, marks)| Start {
            partition,
            from: marks.low,
            end: marks.stable,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Partition 0 has offsets 10 to 19, partition 1 has 0 to 4, partition 2 is empty.
    fn view() -> BTreeMap<i32, Watermarks> {
        [(0, 10, 20), (1, 0, 5), (2, 0, 0)]
            .map(|(partition, low, stable)| {
                let high = stable;
                (partition, Watermarks { low, stable, high })
            })
            .into()
    }

    fn froms(plan: &Plan) -> Vec<i64> {
        plan.starts.iter().map(|start| start.from).collect()
    }

    #[test]
    fn without_saved_offsets_it_starts_where_the_asset_says() {
        let empty = Offsets::new();
        for saved in [None, Some(&empty)] {
            assert_eq!(froms(&scheduled(&view(), saved, true)), [10, 0, 0]);
            assert_eq!(froms(&scheduled(&view(), saved, false)), [20, 5, 0]);
        }
    }

    #[test]
    fn an_empty_first_poll_has_offsets_to_save() {
        let plan = scheduled(&view(), None, false);
        assert!(plan.starts.iter().all(|start| start.from == start.end));
        assert_eq!(plan.offsets(), Offsets::from([(0, 20), (1, 5), (2, 0)]));
        let next = scheduled(&view(), Some(&plan.offsets()), false);
        assert_eq!(next, plan);
    }

    #[test]
    fn saved_offsets_are_where_it_goes_on() {
        let saved = Offsets::from([(0, 10), (1, 5), (2, 0)]);
        let plan = scheduled(&view(), Some(&saved), true);
        assert_eq!(froms(&plan), [10, 5, 0]);
        assert!(plan.lost.is_empty() && plan.recreated.is_empty() && plan.gone.is_empty());
    }

    #[test]
    fn records_lost_to_retention_are_counted() {
        let plan = scheduled(
            &view(),
            Some(&Offsets::from([(0, 3), (1, 1), (2, 0)])),
            false,
        );
        assert_eq!(froms(&plan), [10, 1, 0]);
        let lost = Lost {
            partition: 0,
            from: 3,
            to: 10,
        };
        assert_eq!(plan.lost, [lost]);
        assert_eq!(lost.count(), 7);
    }

    #[test]
    fn a_topic_made_again_is_read_from_its_beginning() {
        let plan = scheduled(
            &view(),
            Some(&Offsets::from([(0, 15), (1, 6), (2, 0)])),
            false,
        );
        assert_eq!(froms(&plan), [15, 0, 0]);
        let recreated = Recreated {
            partition: 1,
            saved: 6,
            high: 5,
        };
        assert_eq!(plan.recreated, [recreated]);
    }

    #[test]
    fn an_offset_within_an_open_transaction_is_kept() {
        let mut view = view();
        view.get_mut(&1).unwrap().high = 9;
        let plan = scheduled(
            &view,
            Some(&Offsets::from([(0, 20), (1, 9), (2, 0)])),
            false,
        );
        assert_eq!(froms(&plan), [20, 9, 0]);
        assert!(plan.recreated.is_empty());
        assert_eq!(plan.starts[1].end, 5);
    }

    #[test]
    fn a_partition_added_later_is_read_whole() {
        let plan = scheduled(&view(), Some(&Offsets::from([(0, 20)])), false);
        assert_eq!(froms(&plan), [20, 0, 0]);
        assert!(plan.lost.is_empty());
    }

    #[test]
    fn a_topic_that_lost_a_partition_is_read_whole() {
        let saved = Offsets::from([(0, 3), (1, 5), (2, 9), (7, 99)]);
        let plan = scheduled(&view(), Some(&saved), false);
        assert_eq!(plan.gone, [7]);
        assert_eq!(froms(&plan), [10, 0, 0]);
        assert!(plan.lost.is_empty() && plan.recreated.is_empty());
    }

    #[test]
    fn a_poll_now_takes_all_there_is() {
        let ends: Vec<(i64, i64)> = poll_now(&view()).iter().map(|s| (s.from, s.end)).collect();
        assert_eq!(ends, [(10, 20), (0, 5), (0, 0)]);
    }
}
