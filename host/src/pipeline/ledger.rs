//! Every record is accounted for: in = emitted + quarantined + filtered.

use serde::Serialize;

use super::{Cause, Halt, Span};
use crate::model::{Batch, Parsed};

/// What became of the records of a poll.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Records read, parsed and settled.
    pub messages: u64,
    /// Records that a container or artifact was made from.
    pub emitted: u64,
    /// Records that the parser rejected.
    pub quarantined: u64,
    /// Records that the parser dropped without a complaint.
    pub filtered: u64,
    pub containers: u64,
    pub artifacts: u64,
    pub batches: u64,
    /// Bytes of keys, values and headers.
    pub bytes: u64,
}

/// Adds up batches as they are settled.
#[derive(Debug, Default)]
pub struct Ledger {
    summary: Summary,
}

impl Ledger {
    /// Counts a batch that is settled.
    pub(super) fn account(&mut self, batch: &Batch, parsed: &Parsed) {
        let messages = batch.len() as u64;
        let quarantined = parsed.rejections().len() as u64;
        let filtered = filtered(batch, parsed) as u64;
        let total = &mut self.summary;
        total.messages += messages;
        total.quarantined += quarantined;
        total.filtered += filtered;
        total.emitted += messages - quarantined - filtered;
        total.containers += parsed.ingests().len() as u64;
        total.artifacts += parsed.artifact_count() as u64;
        total.batches += 1;
        total.bytes += batch.bytes() as u64;
    }

    pub(super) fn summary(&self) -> &Summary {
        &self.summary
    }

    pub(super) fn close(self) -> Summary {
        self.summary
    }

    pub(super) fn halt(self, cause: impl Into<Cause>, span: Option<Span>) -> Box<Halt> {
        Box::new(Halt {
            cause: cause.into(),
            span,
            summary: self.summary,
        })
    }
}

/// Records that yielded nothing and weren't rejected. Known from the artifacts' sources; a parser
/// that doesn't tell them has filtered all, if there is no container, or else none.
fn filtered(batch: &Batch, parsed: &Parsed) -> usize {
    if parsed.ingests().len() == 0 {
        return batch.len() - parsed.rejections().len();
    }
    if parsed.sources().is_empty() {
        return 0;
    }
    // Sources are never rejected records (the sandbox checks), so the two sets are disjoint.
    let mut dealt_with = vec![false; batch.len()];
    parsed.sources().iter().for_each(|&i| dealt_with[i] = true);
    let with_output = dealt_with.iter().filter(|&&is| is).count();
    batch.len() - with_output - parsed.rejections().len()
}
