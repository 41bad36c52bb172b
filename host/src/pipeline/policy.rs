//! What a run does with every batch: decided once, before the first.

use crate::model::{Instant, Origin};

/// How containers are stamped and when the parser is taken for broken.
pub struct Policy<'a> {
    /// The Kafka cluster's id: part of every identifier that is made here.
    pub cluster_id: &'a str,
    pub defaults: Defaults,
    /// Artifacts that a container has at most; larger ones are split.
    pub max_artifacts: Option<usize>,
    pub threshold: Threshold,
    /// The clock that the parser sees for a batch that is begun now.
    pub clock: &'a dyn Fn() -> Instant,
}

impl Policy<'_> {
    /// The origin of a batch that is begun now.
    pub(super) fn origin(&self, parser: &str) -> Origin {
        Origin {
            started: (self.clock)(),
            parser: parser.to_owned(),
            max_artifacts: self.max_artifacts,
        }
    }
}

/// What the asset says about containers. Each is JSON text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Of every container, whatever the parser says.
    pub label: Option<String>,
    /// Of containers whose parser gives none, where the asset doesn't say either.
    pub usual_label: Option<String>,
    /// Of containers whose parser gives none.
    pub severity: Option<String>,
    /// Of containers whose parser gives none.
    pub tags: Option<String>,
}

/// More quarantined records than this, and the fault is not the messages'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// Percent of the records of a batch, and of those of the last batches together.
    pub percent: u8,
}

/// Fewer quarantined records never halt a run: a message that comes alone and can't be handled
/// is all of its batch.
const FEW: usize = 10;

impl Threshold {
    pub(super) fn is_passed(self, quarantined: usize, messages: usize) -> bool {
        quarantined >= FEW && quarantined * 100 > messages * usize::from(self.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_batch_is_too_much_but_a_few_never_are() {
        let half = Threshold { percent: 50 };
        assert!(!half.is_passed(50, 100) && half.is_passed(51, 100));
        assert!(!half.is_passed(9, 9) && half.is_passed(10, 10));
        assert!(!Threshold { percent: 100 }.is_passed(1000, 1000));
        assert!(Threshold { percent: 0 }.is_passed(10, 1_000_000));
    }
}
