//! What was said and not acknowledged yet.

use std::collections::BTreeMap;

use super::acks::Ack;

/// Lines and bytes that may be on their way at a time. A line that is larger goes by itself.
const LINES: usize = 1000;
const BYTES: usize = 8 << 20;

#[derive(Debug, Default)]
pub(super) struct Pending {
    /// Lengths by number.
    lines: BTreeMap<u64, usize>,
    bytes: usize,
    /// What could not be done, by number.
    failures: BTreeMap<u64, String>,
}

impl Pending {
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.lines.is_empty() || (self.lines.len() < LINES && self.bytes + bytes <= BYTES)
    }

    pub(super) fn add(&mut self, id: u64, bytes: usize) {
        self.lines.insert(id, bytes);
        self.bytes += bytes;
    }

    pub(super) fn holds(&self, id: u64) -> bool {
        self.lines.contains_key(&id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Takes what is acknowledged off; `next` is the first number that was not given out yet.
    pub(super) fn take(&mut self, ack: &Ack, next: u64) -> Result<(), String> {
        match ack {
            Ack::Through(id) if *id < next => {
                while let Some(line) = self.lines.first_entry().filter(|e| e.key() <= id) {
                    self.bytes -= line.remove();
                }
                Ok(())
            }
            Ack::One(id, failed) if self.holds(*id) => {
                self.bytes -= self.lines.remove(id).unwrap_or_default();
                if let Some(text) = failed {
                    self.failures.insert(*id, text.clone());
                }
                Ok(())
            }
            Ack::Through(id) => Err(format!("{id} was not sent")),
            Ack::One(id, _) => Err(format!("{id} was not sent, or is acknowledged already")),
        }
    }

    /// The first thing that could not be done.
    pub(super) fn failure(&self) -> Option<String> {
        self.failures.values().next().cloned()
    }

    pub(super) fn failure_of(&mut self, id: u64) -> Option<String> {
        self.failures.remove(&id)
    }

    pub(super) fn forget_failures(&mut self) {
        self.failures.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_a_line_of_any_length_or_for_several_within_bounds() {
        let mut pending = Pending::default();
        assert!(pending.has_room(BYTES + 1));
        pending.add(1, BYTES);
        assert!(!pending.has_room(1));
        pending.take(&Ack::One(1, None), 2).unwrap();
        for id in 2..LINES as u64 + 2 {
            assert!(pending.has_room(1));
            pending.add(id, 1);
        }
        assert!(!pending.has_room(1));
        pending.take(&Ack::Through(3), 2000).unwrap();
        assert!(pending.has_room(1) && !pending.holds(3) && pending.holds(4));
    }

    #[test]
    fn what_was_not_sent_is_not_acknowledged() {
        let mut pending = Pending::default();
        pending.add(1, 1);
        assert!(pending.take(&Ack::One(2, None), 2).is_err());
        assert!(pending.take(&Ack::Through(2), 2).is_err());
        pending.take(&Ack::One(1, Some("no".into())), 2).unwrap();
        assert!(pending.take(&Ack::One(1, None), 2).is_err());
        assert_eq!(pending.failure().as_deref(), Some("no"));
    }
}
