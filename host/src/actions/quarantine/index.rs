//! Which of a message's entries is its latest, without holding any of them.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{Address, letters::Letter};
use crate::model::{Position, Quarantined};

/// A message, whatever entries it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Index of cluster and topic.
    source: u32,
    partition: i32,
    offset: i64,
}

/// Later entries are greater: by the time at which they came into quarantine, then by the
/// attempt, then by their place. The place alone won't do: a dead-letter topic has several
/// partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Age {
    /// Microseconds since the Unix epoch.
    at: i64,
    attempt: u32,
    place: Position,
}

impl Age {
    pub(super) fn of(letter: &Letter) -> Self {
        let at = letter.message.quarantined_at.parse::<Timestamp>();
        Self {
            at: at.map_or(0, Timestamp::as_microsecond),
            attempt: letter.message.attempt,
            place: letter.place,
        }
    }
}

struct Found {
    latest: Age,
    count: u32,
}

/// The messages of a quarantine. Some 60 bytes for each, whatever their size.
#[derive(Default)]
pub(super) struct Index {
    /// Clusters and topics.
    sources: Vec<(String, String)>,
    messages: HashMap<Key, Found>,
    entries: u64,
    /// Characters of the longest address.
    width: usize,
}

impl Index {
    /// Takes note of an entry.
    pub(super) fn add(&mut self, letter: &Letter) {
        let key = self.key(&letter.message).unwrap_or_else(|| {
            let message = &letter.message;
            let source = (message.cluster_id.clone(), message.topic.clone());
            self.sources.push(source);
            self.key(message).expect("just pushed")
        });
        let age = Age::of(letter);
        let width = Address::of(&letter.message).to_string().chars().count();
        self.width = self.width.max(width);
        self.entries += 1;
        let found = self.messages.entry(key).or_insert(Found {
            latest: age,
            count: 0,
        });
        found.count += 1;
        found.latest = found.latest.max(age);
    }

    fn key(&self, message: &Quarantined) -> Option<Key> {
        self.find(&message.cluster_id, message)
    }

    /// The message of an entry that comes from `cluster_id`; `None` if its topic was never seen.
    pub(super) fn find(&self, cluster_id: &str, message: &Quarantined) -> Option<Key> {
        let mut sources = self.sources.iter();
        let source = sources
            .position(|(cluster, topic)| *topic == message.topic && *cluster == cluster_id)?;
        Some(Key {
            source: u32::try_from(source).ok()?,
            partition: message.partition,
            offset: message.offset,
        })
    }

    /// How often the message is there, if this entry is its latest.
    pub(super) fn latest(&self, letter: &Letter) -> Option<(Key, u32)> {
        let key = self.key(&letter.message)?;
        let found = self.messages.get(&key)?;
        (found.latest == Age::of(letter)).then_some((key, found.count))
    }

    pub(super) fn has(&self, address: &Address) -> bool {
        let sources = self.sources.iter().enumerate();
        sources
            .filter(|(_, (_, topic))| *topic == address.topic)
            .filter_map(|(source, _)| u32::try_from(source).ok())
            .any(|source| {
                self.messages.contains_key(&Key {
                    source,
                    partition: address.partition,
                    offset: address.offset,
                })
            })
    }

    /// Whether a message doesn't tell its cluster.
    pub(super) fn has_nameless(&self) -> bool {
        self.sources.iter().any(|(cluster, _)| cluster.is_empty())
    }

    pub(super) fn messages(&self) -> u64 {
        self.messages.len() as u64
    }

    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(place: (i32, i64), cluster: &str, offset: i64, attempt: u32, at: &str) -> Letter {
        let text = format!(
            r#"{{"cluster_id": "{cluster}", "topic": "fw", "partition": 0, "offset": {offset},
                "timestamp": null, "key": null, "value": null, "headers": [], "reason": "r",
                "attempt": {attempt}, "quarantined_at": "{at}"}}"#
        );
        Letter {
            place: Position {
                partition: place.0,
                offset: place.1,
            },
            message: serde_json::from_str(&text).unwrap(),
        }
    }

    #[test]
    fn the_latest_entry_stands_for_the_message() {
        // A fraction of a second may be written with fewer digits: texts don't compare.
        let entries = [
            letter((0, 5), "a", 7, 1, "2026-01-01T00:00:00.1Z"),
            letter((1, 0), "a", 7, 1, "2026-01-01T00:00:00.12Z"),
            letter((0, 6), "b", 7, 1, "2026-01-01T00:00:00.1Z"),
            letter((0, 7), "a", 8, 2, "2026-01-01T00:00:00Z"),
            letter((0, 8), "a", 8, 1, "2026-01-01T00:00:00Z"),
            letter((0, 9), "a", 9, 1, ""),
            letter((0, 10), "a", 9, 1, ""),
        ];
        let mut index = Index::default();
        for entry in &entries {
            index.add(entry);
        }
        let count = |entry| index.latest(entry).map(|(_, count)| count);
        let counts: Vec<_> = entries.iter().map(count).collect();
        assert_eq!(
            counts,
            [None, Some(2), Some(1), Some(2), None, None, Some(2)]
        );
        assert_eq!((index.messages(), index.entries()), (4, 7));
        let later = letter((0, 11), "a", 7, 5, "2027-01-01T00:00:00Z");
        assert_eq!(index.latest(&later), None, "it came after the look around");
        assert!(index.has(&"fw/0@7".parse().unwrap()));
        assert!(!index.has(&"fw/0@10".parse().unwrap()));
        assert!(!index.has(&"other/0@7".parse().unwrap()));
        assert_eq!(index.width(), "fw/0@7".len());
    }
}
