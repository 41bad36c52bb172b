//! Why a poll stopped before its end, and where.

use std::{collections::BTreeMap, fmt};

use super::Summary;
use crate::{
    model::Batch,
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
    #[error("the rejected messages could not be put into quarantine: {0}")]
    Quarantine(#[from] QuarantineError),
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
    pub fn of(batch: &Batch) -> Self {
        let mut partitions = BTreeMap::new();
        for (&partition, &offset) in batch.partitions().iter().zip(batch.offsets()) {
            partitions
                .entry(partition)
                .and_modify(|(_, last)| *last = offset)
                .or_insert((offset, offset));
        }
        Self {
            topic: batch.topic().to_owned(),
            messages: batch.len(),
            partitions,
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
