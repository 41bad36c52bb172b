//! `serve`: follows topics as a member of a consumer group, for as long as it is let.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant as Clock},
};

use super::{
    Class, Failure,
    on_poll::{Outcome, Progress, Summary, remark},
    parsers::{self, Parsers},
    recording::{self, Tape},
    wall::Walls,
    work::Work,
};
use crate::{
    config::{Config, Topic},
    kafka::{Group, GroupOptions, Planner},
    pipeline::plan,
    ports::Deliver,
};

/// How long a batch waits for more records when the asset's `timeout` is 0.
const LINGER: Duration = Duration::from_secs(1);

/// What is asked for, beside the asset's configuration.
#[derive(Debug)]
pub struct Options {
    /// Where messages go that can't be handled, if the asset names no dead-letter topic.
    pub quarantine: PathBuf,
    /// Where each parse is kept, if that is asked for.
    pub recording: Option<recording::Options>,
    /// Set from outside to end it after the current batch.
    pub stop: Arc<AtomicBool>,
}

/// Reads, parses and delivers until the stop flag is set. The group keeps the offsets.
///
/// # Errors
///
/// [`Failure`] with what stopped it. Everything delivered and settled before stays so; whoever
/// reads next in the group goes on from there.
pub fn run(
    config: &Config,
    options: &Options,
    deliver: &mut dyn Deliver,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Outcome, Failure> {
    let begun = Clock::now();
    let Some(group) = &config.group else {
        return Err(
            Failure::new(Class::Config, "group_id: this field is required by serve")
                .hint("name the consumer group that keeps the offsets"),
        );
    };
    let mut tape = Tape::open(options.recording.as_ref(), config)?;
    let mut parser = Parsers::load(config)?;
    let timeout = config.timeout;
    let member = GroupOptions {
        group: group.clone(),
        topics: config.topics.clone(),
        limits: config.batch,
        linger: if timeout.is_zero() { LINGER } else { timeout },
    };
    let plan = planner(config.read_from_beginning);
    let mut source = Group::join(&config.connection, member, plan, options.stop.clone())?;
    let work = Work {
        config,
        parser: &mut parser,
        cluster_id: source.cluster_id()?,
        quarantine: &options.quarantine,
        clock: &parsers::now,
        tape: tape.as_mut(),
    };
    let counts = work.run(&mut source, deliver, &mut |summary| {
        progress(&Progress::new(summary, 0));
    })?;
    drop(source);
    let used = parser.stats();
    Ok(Outcome::new(
        Summary {
            counts,
            seconds: begun.elapsed().as_secs_f64(),
            parser_seconds: used.time.as_secs_f64(),
            parser_peak_memory: used.peak_memory as u64,
            second_wall: Walls::with(parser.wall()),
            recorded: tape.as_ref().map(Tape::tally),
            ..Summary::default()
        },
        options.stop.load(Ordering::Relaxed),
    ))
}

/// Partitions are read from where the group has committed, as polls go on from a state.
fn planner(from_beginning: bool) -> Planner {
    Box::new(move |topic, view, saved| {
        let plan = plan::scheduled(view, saved, from_beginning);
        if let Ok(topic) = topic.parse::<Topic>() {
            remark(&plan, &topic);
        }
        plan.starts
    })
}
