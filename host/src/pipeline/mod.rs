//! Layer 3: the loop from topic to containers. Names no Kafka client, no WebAssembly engine and
//! no output: it is tested with in-memory ports. What it promises, and why it holds, is in
//! docs/delivery.md.

mod bisect;
mod halt;
mod identity;
mod ledger;
pub mod plan;
mod policy;
mod portion;

pub use halt::{Cause, Halt, Span};
pub use ledger::{Ledger, Summary};
pub use policy::{Defaults, Policy, Threshold};

use self::{
    bisect::{Bisection, Stop},
    portion::Portion,
};
use crate::{
    model::{Batch, Intent, Rejection},
    ports::{Deliver, Parse, Quarantine, Source, SourceError, Taken},
};

/// The outside world of a run.
pub struct Ports<'a> {
    pub source: &'a mut dyn Source,
    pub parser: &'a mut dyn Parse,
    pub deliver: &'a mut dyn Deliver,
    pub quarantine: &'a mut dyn Quarantine,
}

/// Takes batches from the source until there are no more. Each is parsed, its intent is made
/// durable, rejected records go into quarantine, the rest is delivered, and only then the
/// offsets pass. `progress` sees the totals after every batch.
///
/// # Errors
///
/// [`Halt`] at the first batch that can't be dealt with. Its offsets have not passed: it will be
/// read again. What came before it is settled.
pub fn run(
    ports: Ports<'_>,
    policy: &Policy<'_>,
    progress: &mut dyn FnMut(&Summary),
) -> Result<Summary, Box<Halt>> {
    let mut run = Run {
        ports,
        policy,
        ledger: Ledger::default(),
        batch: (0, 0),
    };
    let ended = run.batches(progress);
    // What was dealt with must not come again because of what came after it.
    let flushed = run.ports.source.flush();
    match (ended, flushed) {
        (Err((cause, span)), flushed) => {
            if let Err(error) = flushed {
                tracing::warn!("{error}: the last batch comes again");
            }
            Err(run.ledger.halt(cause, span))
        }
        (Ok(()), Err(error)) => Err(run.ledger.halt(error, None)),
        (Ok(()), Ok(())) => run.ledger.close(),
    }
}

struct Run<'a, 'b> {
    ports: Ports<'a>,
    policy: &'b Policy<'b>,
    ledger: Ledger,
    /// Of the present batch: its records, and how many of them go into quarantine.
    batch: (usize, usize),
}

/// What stopped a run, and where.
type Stopped = (Cause, Option<Span>);

impl Run<'_, '_> {
    fn batches(&mut self, progress: &mut dyn FnMut(&Summary)) -> Result<(), Stopped> {
        while let Some(taken) = self.ports.source.next().map_err(|e| (e.into(), None))? {
            self.ledger.open(&taken.batch);
            let begun = taken.intent.is_some();
            let records = taken.batch.len();
            let portions = self.parse(taken)?;
            self.batch = (records, 0);
            if !begun {
                let parts = portions.iter().flat_map(|portion| &portion.parts);
                self.batch.1 = parts.map(|part| part.rejections().len()).sum();
            }
            let mut left: usize = portions.iter().map(|p| p.intent.messages).sum();
            for portion in portions {
                let span = Span::of(&portion.intent);
                let messages = portion.intent.messages;
                match self.settle(portion, begun) {
                    Err(Cause::Source(SourceError::Fenced)) => {
                        tracing::info!("{span}: left to another member of the group");
                        self.ledger.forgo(left);
                        break;
                    }
                    other => other.map_err(|cause| (cause, Some(span)))?,
                }
                left -= messages;
                progress(self.ledger.summary());
            }
            self.ledger.closed_batch(begun);
        }
        Ok(())
    }

    /// Parses a batch, whole if that works.
    fn parse(&mut self, taken: Taken) -> Result<Vec<Portion>, Stopped> {
        let Taken { batch, intent } = taken;
        let batch = batch.by_partition();
        let span = Span::of_batch(&batch);
        let messages = batch.len();
        let topic = batch.topic().to_owned();
        let origin = match &intent {
            Some(intent) => intent.origin.clone(),
            None => self.policy.origin(self.ports.parser.digest()),
        };
        let threshold = self.policy.threshold;
        let (before, quarantined) = self.ledger.recent();
        let too_many = |bad: usize| {
            threshold.is_passed(bad, messages)
                || threshold.is_passed(quarantined + bad, before + messages)
        };
        let bisection = Bisection::new(&mut *self.ports.parser, &origin, &too_many);
        let parts = match intent.filter(|intent| fits(intent, &batch)) {
            Some(intent) => bisection.repeat(batch, &intent),
            None => bisection.examine(batch),
        };
        let parts = parts.map_err(|stop| {
            let cause = match stop {
                Stop::Parser(error) => error.into(),
                Stop::Broken { found, first } => Cause::Broken {
                    found,
                    messages,
                    percent: threshold.percent,
                    first,
                },
            };
            (cause, Some(span))
        })?;
        Ok(portion::of(&topic, parts, &origin))
    }

    /// Takes a portion the rest of the way. The order of the steps is the protocol of
    /// docs/delivery.md.
    fn settle(&mut self, portion: Portion, begun: bool) -> Result<(), Cause> {
        let Portion { intent, mut parts } = portion;
        self.ports.source.intend(&intent)?;
        for part in &parts {
            self.quarantine(&part.batch, part.rejections(), &intent)?;
        }
        let mut refused = Vec::with_capacity(parts.len());
        for part in &mut parts {
            let mut unwanted = Vec::new();
            if let bisect::Outcome::Parsed(parsed) = &mut part.outcome {
                identity::stamp(parsed, &part.batch, self.policy, &intent.origin)?;
                unwanted = self.ports.deliver.deliver(&part.batch, parsed, begun)?;
            }
            self.check(&unwanted)?;
            self.quarantine(&part.batch, &unwanted, &intent)?;
            refused.push(unwanted);
        }
        for (part, unwanted) in parts.iter().zip(&refused) {
            self.ledger.account(part, unwanted);
        }
        let next = intent.ranges.iter().map(|(&id, &(_, next))| (id, next));
        self.ports.source.settle(&next.collect());
        Ok(())
    }

    fn quarantine(
        &mut self,
        batch: &Batch,
        rejections: &[Rejection],
        intent: &Intent,
    ) -> Result<(), Cause> {
        if !rejections.is_empty() {
            self.ports
                .quarantine
                .quarantine(batch, rejections, &intent.origin)?;
        }
        Ok(())
    }

    /// A receiver that takes next to nothing is no reason to empty the topic into quarantine.
    fn check(&mut self, unwanted: &[Rejection]) -> Result<(), Cause> {
        let Some(first) = unwanted.first() else {
            return Ok(());
        };
        self.batch.1 += unwanted.len();
        let (messages, found) = self.batch;
        let (before, quarantined) = self.ledger.recent();
        let threshold = self.policy.threshold;
        if threshold.is_passed(found, messages)
            || threshold.is_passed(quarantined + found, before + messages)
        {
            return Err(Cause::Broken {
                found,
                messages,
                percent: threshold.percent,
                first: first.reason.clone(),
            });
        }
        Ok(())
    }
}

/// Whether a batch is what its intent says. Compaction may have taken records away meanwhile.
fn fits(intent: &Intent, batch: &Batch) -> bool {
    let fits = intent.messages == batch.len();
    if !fits {
        tracing::warn!(
            "topic {}: {} of {} messages of an interrupted batch are left; what was delivered of \
             it may be delivered again under other identifiers",
            intent.topic,
            batch.len(),
            intent.messages
        );
    }
    fits
}

#[cfg(test)]
mod tests;
