//! Why a poll stopped before its end, and where.

use std::{collections::BTreeMap, fmt};

use super::Summary;
use crate::{
    model::{Batch, Intent, Range},
    ports::{DeliverError, ParseError, QuarantineError, SourceError},
};

/// A poll stopped. Everything in `summary` is settled; nothing of the batch at `span` is.
#[derive(Debug)]
pub struct Halt {
    pub cause: Cause,
    /// The batch that could not be dealt with; `None` when there was none to read.
    pub span: Option<Span>,
    pub summary: Summary,
}

/// Which port gave up.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error("the containers could not be delivered: {0}")]
    Deliver(#[from] DeliverError),
    #[error("messages could not be put into quarantine: {0}")]
    Quarantine(#[from] QuarantineError),
    /// So many messages can't be handled that they are not to blame.
    #[error(
        "{found} of {messages} messages can't be handled, more than quarantine_threshold = \
         {percent} percent: the parser or the output looks broken, so nothing more is put into \
         quarantine. The first: {first}"
    )]
    Broken {
        found: usize,
        messages: usize,
        percent: u8,
        first: String,
    },
    /// A defect here.
    #[error(
        "the books do not balance: {taken} messages were taken, and not as many are accounted for"
    )]
    Unbalanced { taken: u64 },
}

/// Where a batch stands: topic, and first and last offset of each partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub topic: String,
    pub messages: usize,
    pub partitions: BTreeMap<i32, (i64, i64)>,
}

impl Span {
    #[must_use]
    pub fn of(intent: &Intent) -> Self {
        Self::new(&intent.topic, intent.messages, &intent.ranges)
    }

    #[must_use]
    pub fn of_batch(batch: &Batch) -> Self {
        Self::new(batch.topic(), batch.len(), &batch.ranges())
    }

    fn new(topic: &str, messages: usize, ranges: &BTreeMap<i32, Range>) -> Self {
        let last = |(&partition, &(first, next)): (&i32, &Range)| (partition, (first, next - 1));
        Self {
            topic: topic.to_owned(),
            messages,
            partitions: ranges.iter().map(last).collect(),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} message(s) of topic {}", self.messages, self.topic)?;
        for (i, (partition, (first, last))) in self.partitions.iter().enumerate() {
            let separator = if i == 0 { ": " } else { ", " };
            write!(f, "{separator}partition {partition} offsets {first}–{last}")?;
        }
        Ok(())
    }
}
