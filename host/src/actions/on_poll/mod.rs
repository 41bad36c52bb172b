//! `on poll`: new messages of a topic become containers and artifacts.

mod keeper;
mod outcome;
mod source;
mod turns;

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
pub(in crate::actions) use {
    outcome::{failure, remark},
    source::unread,
};

/// What became of the messages of a poll.
pub use crate::pipeline::Summary as Counts;

use self::{keeper::Keeper, source::PollSource};
use super::{
    Failure,
    parsers::{self, Parsers},
    recording::{self, Tape},
    state::Home,
    wall::Walls,
    work::Work,
};
use crate::{config::Config, kafka::Consumer, ports::Deliver};

/// What a poll is asked for, beside the asset's configuration.
#[derive(Debug)]
pub struct Options {
    /// Where the next offsets are kept. Without it a poll begins as if it were the first, and
    /// leaves nothing for the next one.
    pub state: Option<Home>,
    /// Where messages go that can't be handled, if the asset names no dead-letter topic; made when
    /// there is one.
    pub quarantine: PathBuf,
    pub mode: Mode,
    /// Where each parse is kept, if that is asked for.
    pub recording: Option<recording::Options>,
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
        (Some(home), Mode::Scheduled) => Keeper::open(home, &config.topics)?,
        _ => Keeper::forgetful(),
    };
    let mut tape = Tape::open(options.recording.as_ref(), config)?;
    let mut parser = Parsers::load(config)?;
    let consumer =
        Consumer::connect(&config.connection, config.batch)?.stop_when(options.stop.clone());
    keeper.adopt_cluster(consumer.cluster_id())?;
    let topics = consumer.resolve(&config.topics)?;
    if topics.is_empty() {
        tracing::warn!("no topic matches {} yet", config.topics);
    }
    let cluster_id = consumer.cluster_id().to_owned();
    let mut source = match options.mode {
        Mode::Scheduled => PollSource::scheduled(consumer, keeper, config, &topics)?,
        Mode::Now(count) => PollSource::now(consumer, config, &topics, count)?,
    };
    let (behind, lost) = (source.behind(), source.lost());
    let started = parsers::now();
    let work = Work {
        config,
        parser: &mut parser,
        cluster_id,
        quarantine: &options.quarantine,
        clock: &|| started,
        tape: tape.as_mut(),
    };
    let counts = work.run(&mut source, deliver, &mut |summary| {
        progress(&Progress::new(summary, behind.get()));
    })?;
    let used = parser.stats();
    Ok(Outcome::new(
        Summary {
            counts,
            seconds: begun.elapsed().as_secs_f64(),
            parser_seconds: used.time.as_secs_f64(),
            parser_peak_memory: used.peak_memory as u64,
            lost_to_retention: lost.get(),
            behind: behind.get(),
            second_wall: Walls::with(parser.wall()),
            recorded: tape.as_ref().map(Tape::tally),
        },
        options.stop.load(Ordering::Relaxed),
    ))
}
