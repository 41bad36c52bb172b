//! Every record is accounted for: in = emitted + quarantined + filtered.

use std::{collections::HashSet, ops::AddAssign};

use serde::Serialize;

use super::{
    Cause, Halt, Span,
    bisect::{Outcome, Part},
};
use crate::model::{Batch, Parsed, Rejection};

/// Records of which it is remembered how many are in quarantine.
const LATELY: usize = 1000;

/// What became of the records of a poll.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Records read, parsed and settled.
    pub messages: u64,
    /// Records that a container or artifact was made from.
    pub emitted: u64,
    /// Records that were put into quarantine.
    pub quarantined: u64,
    /// Records that the parser dropped without a complaint.
    pub filtered: u64,
    pub containers: u64,
    pub artifacts: u64,
    pub batches: u64,
    /// Bytes of keys, values and headers.
    pub bytes: u64,
}

impl AddAssign<&Self> for Summary {
    fn add_assign(&mut self, other: &Self) {
        // Taken apart, so that no field is forgotten.
        let Self {
            messages,
            emitted,
            quarantined,
            filtered,
            containers,
            artifacts,
            batches,
            bytes,
        } = other;
        self.messages += messages;
        self.emitted += emitted;
        self.quarantined += quarantined;
        self.filtered += filtered;
        self.containers += containers;
        self.artifacts += artifacts;
        self.batches += batches;
        self.bytes += bytes;
    }
}

/// Adds up batches as they are settled.
#[derive(Debug, Default)]
pub struct Ledger {
    summary: Summary,
    /// Records that the source gave out.
    taken: u64,
    /// Records of the last batches, and how many of them are in quarantine.
    recent: (usize, usize),
    /// The same of the present batch: judged as a whole, however its bad records are spread.
    present: (usize, usize),
}

impl Ledger {
    /// Counts a batch as it is taken.
    pub(super) fn open(&mut self, batch: &Batch) {
        self.taken += batch.len() as u64;
    }

    /// Somebody else deals with so many of the records that were taken.
    pub(super) fn forgo(&mut self, records: usize) {
        self.taken -= records as u64;
    }

    /// `judged`: as a part of a larger batch, by an earlier run.
    pub(super) fn closed_batch(&mut self, judged: bool) {
        self.summary.batches += 1;
        let (all, bad) = std::mem::take(&mut self.present);
        if !judged {
            self.remember(all, bad);
        }
    }

    /// Records that were settled lately, and how many of them are in quarantine.
    pub(super) fn recent(&self) -> (usize, usize) {
        self.recent
    }

    /// Small batches add up; what is long past doesn't count.
    fn remember(&mut self, records: usize, quarantined: usize) {
        let (all, bad) = self.recent;
        self.recent = (all + records, bad + quarantined);
        if self.recent.0 > LATELY {
            self.recent = (self.recent.0 / 2, self.recent.1 / 2);
        }
    }

    /// Counts a part that is settled; `unwanted` are the records that the receiver refused.
    pub(super) fn account(&mut self, part: &Part, unwanted: &[Rejection]) {
        let batch = &part.batch;
        let mut fates = vec![Fate::Filtered; batch.len()];
        if let Outcome::Parsed(parsed) = &part.outcome {
            emitted(parsed, &mut fates);
            self.count(parsed, batch.len(), unwanted);
        }
        for rejection in part.rejections().iter().chain(unwanted) {
            fates[rejection.index] = Fate::Quarantined;
        }
        let bad = fates.iter().filter(|&&fate| fate == Fate::Quarantined);
        self.present.0 += fates.len();
        self.present.1 += bad.count();
        let total = &mut self.summary;
        for fate in fates {
            *match fate {
                Fate::Filtered => &mut total.filtered,
                Fate::Emitted => &mut total.emitted,
                Fate::Quarantined => &mut total.quarantined,
            } += 1;
        }
        total.messages += batch.len() as u64;
        total.bytes += batch.bytes() as u64;
    }

    /// Counts containers and artifacts. What was refused is not there.
    fn count(&mut self, parsed: &Parsed, records: usize, unwanted: &[Rejection]) {
        let unwanted: HashSet<usize> = unwanted.iter().map(|r| r.index).collect();
        let is_left = |&record: &usize| !unwanted.contains(&record);
        // Of containers whose records aren't told: whether all there is was refused.
        let any_left = unwanted.is_empty() || parsed.accepted(records).iter().any(is_left);
        for ingest in parsed.ingests() {
            let (left, artifacts) = match ingest.sources() {
                None => (any_left, ingest.artifacts().len()),
                Some(told) => {
                    let artifacts = told.iter().filter(|record| is_left(record)).count();
                    (artifacts > 0, artifacts)
                }
            };
            if left {
                self.summary.containers += 1;
                self.summary.artifacts += artifacts as u64;
            }
        }
    }

    pub(super) fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Closes the books.
    pub(super) fn close(self) -> Result<Summary, Box<Halt>> {
        let s = &self.summary;
        if self.taken == s.messages && s.messages == s.emitted + s.quarantined + s.filtered {
            return Ok(self.summary);
        }
        let taken = self.taken;
        Err(self.halt(Cause::Unbalanced { taken }, None))
    }

    pub(super) fn halt(self, cause: impl Into<Cause>, span: Option<Span>) -> Box<Halt> {
        Box::new(Halt {
            cause: cause.into(),
            span,
            summary: self.summary,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Filtered,
    Emitted,
    Quarantined,
}

/// Marks the records that something was made of: known from the artifacts' sources. A parser that
/// doesn't tell them has made something of all, if there is a container, or else of none.
fn emitted(parsed: &Parsed, fates: &mut [Fate]) {
    if parsed.ingests().len() == 0 {
        return;
    }
    if parsed.sources().is_empty() {
        fates.fill(Fate::Emitted);
    }
    for &source in parsed.sources() {
        fates[source] = Fate::Emitted;
    }
}
