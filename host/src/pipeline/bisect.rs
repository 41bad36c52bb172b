//! Finds the records that a parser fails on.
//!
//! A batch that fails is cut in halves until what fails is a single record. Where the first half
//! is fine the second must be what fails, and is cut without being tried. With k bad records in n,
//! at most about 2·k·log₂(n/k) + 2·k parses are made beyond the first, and half of them succeed.

use std::ops::Range;

use crate::{
    model::{Batch, Intent, Origin, Parsed, Rejection, RejectionKind},
    ports::{Parse, ParseError},
};

/// A run of records of a batch that were parsed together.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) batch: Batch,
    pub(super) outcome: Outcome,
}

#[derive(Debug)]
pub(super) enum Outcome {
    Parsed(Parsed),
    /// The only record of the part can't be parsed.
    Rejected(Rejection),
}

impl Part {
    /// The records of this part that go into quarantine before anything is delivered.
    pub(super) fn rejections(&self) -> &[Rejection] {
        match &self.outcome {
            Outcome::Parsed(parsed) => parsed.rejections(),
            Outcome::Rejected(rejection) => std::slice::from_ref(rejection),
        }
    }
}

/// Why a batch was not parsed to its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// No record's fault.
    Parser(ParseError),
    /// So many records fail that the parser is at fault; the first failure.
    Broken { found: usize, first: String },
}

pub(super) struct Bisection<'a> {
    pub(super) parser: &'a mut dyn Parse,
    pub(super) origin: &'a Origin,
    /// Whether this many bad records are too many.
    pub(super) too_many: &'a dyn Fn(usize) -> bool,
    pub(super) parts: Vec<Part>,
    pub(super) bad: usize,
    /// Whether an earlier run found that what the parser rejects is not too much.
    judged: bool,
}

impl<'a> Bisection<'a> {
    pub(super) fn new(
        parser: &'a mut dyn Parse,
        origin: &'a Origin,
        too_many: &'a dyn Fn(usize) -> bool,
    ) -> Self {
        Self {
            parser,
            origin,
            too_many,
            parts: Vec::new(),
            bad: 0,
            judged: false,
        }
    }

    /// Parses a batch that nothing is known about.
    pub(super) fn examine(mut self, batch: Batch) -> Result<Vec<Part>, Stop> {
        match self.parser.parse(&batch, self.origin) {
            Ok(parsed) => self.parsed(batch, parsed)?,
            Err(error) => self.failed(&batch, 0..batch.len(), error)?,
        }
        Ok(self.parts)
    }

    /// Parses a batch as an earlier run did.
    pub(super) fn repeat(mut self, batch: Batch, intent: &Intent) -> Result<Vec<Part>, Stop> {
        // What it rejected was judged then, by the whole of which this may be a part.
        self.judged = true;
        if intent.cuts.is_empty() && intent.rejected.is_empty() {
            return self.examine(batch);
        }
        let mut start = 0;
        for &end in intent.cuts.iter().chain([&batch.len()]) {
            let records = std::mem::replace(&mut start, end)..end;
            if records.is_empty() {
                continue;
            }
            let known = records.len() == 1 && intent.rejected.contains(&records.start);
            let part = batch.part(records.clone());
            match self.parser.parse(&part, self.origin) {
                // It is in quarantine already, or about to be: it must not be in SOAR as well.
                Ok(_) if known => {
                    let reason = "the parser failed on it before a restart, and no longer does";
                    self.reject(part, RejectionKind::Trap, reason.to_owned());
                }
                Err(error) if known && let Some(kind) = blame(&error) => {
                    self.reject(part, kind, error.to_string());
                }
                Ok(parsed) => self.parsed(part, parsed)?,
                Err(error) => self.failed(&batch, records, error)?,
            }
        }
        Ok(self.parts)
    }

    fn parsed(&mut self, batch: Batch, parsed: Parsed) -> Result<(), Stop> {
        if !self.judged {
            self.bad += parsed.rejections().len();
        }
        let first = parsed.rejections().first().map(|r| r.reason.clone());
        self.parts.push(Part {
            batch,
            outcome: Outcome::Parsed(parsed),
        });
        self.check(|| first.unwrap_or_default())
    }

    fn rejected(&mut self, batch: Batch, kind: RejectionKind, reason: String) -> Result<(), Stop> {
        self.bad += 1;
        let first = reason.clone();
        self.reject(batch, kind, reason);
        self.check(|| first)
    }

    fn reject(&mut self, batch: Batch, kind: RejectionKind, reason: String) {
        self.parts.push(Part {
            batch,
            outcome: Outcome::Rejected(Rejection {
                index: 0,
                kind,
                reason,
            }),
        });
    }

    fn check(&self, first: impl FnOnce() -> String) -> Result<(), Stop> {
        if !(self.too_many)(self.bad) {
            return Ok(());
        }
        let found = self.parts.iter().flat_map(Part::rejections).next();
        Err(Stop::Broken {
            found: self.bad,
            first: found.map_or_else(first, |rejection| rejection.reason.clone()),
        })
    }

    /// `records` fail together, with `error`.
    fn failed(
        &mut self,
        batch: &Batch,
        records: Range<usize>,
        error: ParseError,
    ) -> Result<(), Stop> {
        let Some(kind) = blame(&error) else {
            return Err(Stop::Parser(error));
        };
        if records.len() == 1 {
            return self.rejected(batch.part(records), kind, error.to_string());
        }
        self.halve(batch, records)
    }

    /// Cuts `records`, which fail together.
    fn halve(&mut self, batch: &Batch, records: Range<usize>) -> Result<(), Stop> {
        let middle = records.start + records.len() / 2;
        let (first, second) = (records.start..middle, middle..records.end);
        let part = batch.part(first.clone());
        match self.parser.parse(&part, self.origin) {
            Ok(parsed) => {
                self.parsed(part, parsed)?;
                if second.len() > 1 {
                    // What fails must be in here.
                    return self.halve(batch, second);
                }
            }
            Err(error) => self.failed(batch, first, error)?,
        }
        let part = batch.part(second.clone());
        match self.parser.parse(&part, self.origin) {
            Ok(parsed) => self.parsed(part, parsed),
            Err(error) => self.failed(batch, second, error),
        }
    }
}

/// What a record is accused of that can't be parsed by itself; `None` when it is no record's fault.
fn blame(error: &ParseError) -> Option<RejectionKind> {
    match error {
        ParseError::Refused(_) => Some(RejectionKind::Refused),
        ParseError::Limit { .. } => Some(RejectionKind::Limit),
        ParseError::Trap(_) | ParseError::Script(_) => Some(RejectionKind::Trap),
        ParseError::Invalid(_) => Some(RejectionKind::Invalid),
        ParseError::Unavailable { .. } | ParseError::Broken(_) => None,
    }
}

#[cfg(test)]
mod tests;
