//! Whose turn it is, when a poll reads several topics.

/// Topics by number, in turn, until each is read to its end. Everyone gets a first turn, however
/// little time there is: a backlog in one topic must not starve another.
pub(super) struct Turns {
    /// By topic: whether it has had a turn, and whether it is done.
    topics: Vec<(bool, bool)>,
    next: usize,
}

impl Turns {
    pub(super) fn new(topics: usize) -> Self {
        Self {
            topics: vec![(false, false); topics],
            next: 0,
        }
    }

    /// The next topic, and how many are not done. With `time_is_up` only one that has not had
    /// a turn yet.
    pub(super) fn next(&mut self, time_is_up: bool) -> Option<(usize, usize)> {
        let count = self.topics.len();
        let found = (self.next..self.next + count)
            .map(|index| index % count)
            .find(|&index| match self.topics[index] {
                (_, true) => false,
                (had_one, false) => !(had_one && time_is_up),
            })?;
        self.topics[found].0 = true;
        self.next = found + 1;
        let left = self.topics.iter().filter(|(_, done)| !done).count();
        Some((found, left))
    }

    pub(super) fn done(&mut self, topic: usize) {
        self.topics[topic].1 = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_go_round_until_all_are_done() {
        let mut turns = Turns::new(3);
        assert_eq!(turns.next(false), Some((0, 3)));
        assert_eq!(turns.next(false), Some((1, 3)));
        turns.done(1);
        assert_eq!(turns.next(false), Some((2, 2)));
        assert_eq!(turns.next(false), Some((0, 2)));
        assert_eq!(turns.next(false), Some((2, 2)));
        turns.done(0);
        turns.done(2);
        assert_eq!(turns.next(false), None);
    }

    #[test]
    fn each_has_a_first_turn_even_when_time_is_up() {
        let mut turns = Turns::new(2);
        assert_eq!(turns.next(true), Some((0, 2)));
        assert_eq!(turns.next(true), Some((1, 2)));
        assert_eq!(turns.next(true), None);
        assert_eq!(Turns::new(0).next(false), None);
    }
}
