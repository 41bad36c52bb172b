//! `on poll`: new messages of a topic become containers and artifacts.

mod keeper;
mod outcome;
mod source;

use std::{
    num::NonZeroU64,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant as Clock,
};

pub use outcome::{Outcome, Progress, Summary};

/// What became of the messages of a poll.
pub use crate::pipeline::Summary as Counts;

use self::{keeper::Keeper, outcome::failure, source::PollSource};
use super::{Failure, parsers};
use crate::{
    config::Config,
    emit::QuarantineFile,
    kafka::{Consumer, Deadline},
    pipeline::{self, plan},
    ports::Deliver,
};

/// What a poll is asked for, beside the asset's configuration.
#[derive(Debug)]
pub struct Options {
    /// Where the next offsets are kept. Without it a poll begins as if it were the first, and
    /// leaves nothing for the next one.
    pub state: Option<PathBuf>,
    /// Where rejected messages go; made when there is one.
    pub quarantine: PathBuf,
    pub mode: Mode,
    /// Set from outside to end the poll after the current batch.
    pub stop: Arc<AtomicBool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// From the saved offsets on.
    Scheduled,
    /// The first messages of the topic, this many; saved offsets are neither used nor changed.
    Now(NonZeroU64),
}

/// Runs a poll. `deliver` gets every container; `progress` is called after each batch.
///
/// # Errors
///
/// [`Failure`] with what stopped it. Everything delivered and settled before stays so, and the
/// next poll goes on from there: nothing is lost.
pub fn run(
    config: &Config,
    options: &Options,
    deliver: &mut dyn Deliver,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Outcome, Failure> {
    let begun = Clock::now();
    let mut keeper = match (&options.state, options.mode) {
        (Some(path), Mode::Scheduled) => Keeper::open(path, &config.topic)?,
        _ => Keeper::forgetful(),
    };
    let mut parser = parsers::load(config, parsers::now())?;
    let mut consumer =
        Consumer::connect(&config.connection, config.batch)?.stop_when(options.stop.clone());
    keeper.adopt_cluster(consumer.cluster_id())?;

    let saved = keeper.offsets()?;
    let view = consumer.topic(&config.topic, saved.as_ref())?;
    let mut lost = 0;
    let starts = match options.mode {
        Mode::Scheduled => {
            let plan =
                plan::scheduled(&view.partitions, saved.as_ref(), config.read_from_beginning);
            outcome::remark(&plan, &config.topic);
            lost = plan.lost.iter().map(plan::Lost::count).sum();
            // Saved even if nothing is read: a first poll that starts at the end of an idle
            // topic must leave a trace, or the next one would start over.
            keeper.settle(&plan.offsets())?;
            consumer.assign(&config.topic, &plan.starts)?;
            plan.starts
        }
        Mode::Now(count) => {
            let starts = plan::poll_now(&view.partitions);
            let count = usize::try_from(count.get()).unwrap_or(usize::MAX);
            consumer.assign_in_order(&config.topic, &starts, count)?;
            starts
        }
    };
    let mut source = PollSource::new(consumer, keeper, Deadline::after(config.timeout), &starts);
    let behind = source.behind();
    let run = pipeline::run(
        &mut source,
        &mut parser,
        deliver,
        &mut QuarantineFile::new(&options.quarantine),
        &mut |summary| progress(&Progress::new(summary, behind.get())),
    );
    let used = parser.stats();
    let counts = run.map_err(|halt| failure(&halt, parser.name()))?;
    if counts.quarantined > 0 {
        tracing::warn!(
            "{} message(s) that the parser can't handle are in {}, with its reasons",
            counts.quarantined,
            options.quarantine.display()
        );
    }
    Ok(Outcome::new(
        Summary {
            counts,
            seconds: begun.elapsed().as_secs_f64(),
            parser_seconds: used.time.as_secs_f64(),
            parser_peak_memory: used.peak_memory as u64,
            lost_to_retention: lost,
            behind: behind.get(),
        },
        options.stop.load(Ordering::Relaxed),
    ))
}
