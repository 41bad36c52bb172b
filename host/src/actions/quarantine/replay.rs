//! Bringing messages back through the asset's parser.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant as Clock,
};

use super::{
    Address, Where, absent,
    done::{Done, Mark},
    index::Index,
    letters::Letters,
    look_around,
    source::ReplaySource,
    topic::{Reach, TopicReader},
};
use crate::{
    actions::{
        Class, Failure,
        delivery::{Place, Refuge, policy},
        on_poll::{Counts, Outcome, Progress, Summary},
        parsers::{self, Parsers, exception, with_schemas},
        state::{Lock, State},
        wall::Walls,
    },
    config::Config,
    kafka::Consumer,
    model::{Provenance, Quarantined},
    pipeline::{self, Cause, Halt, Ports, Threshold},
    ports::{Deliver, ParseError, SourceError},
};

/// What is brought back.
#[derive(Debug)]
pub struct Replay {
    pub place: Where,
    /// Empty: everything. Of a dead-letter topic that is what the state doesn't know as brought
    /// back; messages that are named are brought back again.
    pub messages: Vec<Address>,
    /// Set from outside to end after the message at hand.
    pub stop: Arc<AtomicBool>,
}

/// Brings messages back: each goes, as its topic had it and by itself, through the asset's present
/// parser into `deliver`. What still can't be handled goes back into quarantine, one attempt
/// further, however much that is.
///
/// Messages that were delivered, or dropped by the parser without a complaint, are taken out of a
/// quarantine file, also when the replay ends early; of a dead-letter topic the state is told how
/// far it was brought back, unless messages are named. A crash brings some of them back again,
/// under the same identifiers.
///
/// # Errors
///
/// [`Failure`] with what stopped it. What was brought back before stays so, the rest stays in
/// quarantine.
pub fn replay(
    config: &Config,
    options: &Replay,
    deliver: &mut dyn Deliver,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Outcome, Failure> {
    let begun = Clock::now();
    let place = Place::of(config, &options.place.file);
    let all = options.messages.is_empty();
    if let (Place::Topic(_), true, None) = (&place, all, &options.place.state) {
        return Err(Failure::new(
            Class::Config,
            format!("a replay of all of {place} needs a state, to keep how far it got"),
        )
        .hint("name the asset's state with --state, or the messages by their positions"));
    }
    let _lock = options.place.state.as_deref().map(Lock::take).transpose()?;
    let state = options.place.load()?;
    let refuge = held(&place, config)?;
    let reach = if all { Reach::Left } else { Reach::All };
    let stop = Arc::clone(&options.stop);
    let mut letters = Letters::open(&place, config, state.as_ref(), reach, stop)?;
    let index = survey(&mut letters, config, options, &place)?;
    letters.rewind()?;
    let done = done(options, &place, state, &letters)?;
    let lost = letters.topic().map_or(0, TopicReader::lost);
    let source = ReplaySource::new(letters, index, done, Arc::clone(&options.stop));
    let mut run = Run {
        config,
        source,
        refuge,
        total: Counts::default(),
    };
    let mut summary = Summary {
        lost_to_retention: lost,
        ..Summary::default()
    };
    if run.source.all() > 0 {
        let mut parser = Parsers::load(config)?;
        let ended = run.all(&mut parser, deliver, progress);
        // Also what was brought back before something went wrong.
        let kept = run.keep();
        if let (Err(_), Err(failure)) = (&ended, &kept) {
            tracing::warn!("{failure}");
        }
        ended.and(kept)?;
        let used = parser.stats();
        summary.parser_seconds = used.time.as_secs_f64();
        summary.parser_peak_memory = used.peak_memory as u64;
        summary.second_wall = Walls::with(parser.wall());
    }
    if run.total.quarantined > 0 {
        tracing::warn!(
            "{} message(s) still can't be handled and are back in {place}, with the reasons",
            run.total.quarantined
        );
    }
    let stopped = options.stop.load(Ordering::Relaxed);
    let status = match (run.total.messages, stopped) {
        (_, true) => "Stopped; what was not brought back is still in quarantine",
        (0, false) => "No messages to replay, taking no action",
        (_, false) => "Replay complete",
    };
    summary.behind = run.source.all().saturating_sub(run.total.messages);
    summary.counts = run.total;
    summary.seconds = begun.elapsed().as_secs_f64();
    Ok(Outcome {
        status: status.into(),
        summary,
    })
}

/// The place, from now on written by nobody else if it is a file. One that is not there is not
/// made.
fn held(place: &Place, config: &Config) -> Result<Refuge, Failure> {
    let nobody = Provenance {
        cluster_id: String::new(),
        attempt: 1,
    };
    let mut refuge = Refuge::at(place, config, nobody);
    if let (Place::File(path), Refuge::File(file)) = (place, &mut refuge)
        && path.exists()
    {
        let held = file.hold();
        held.map_err(|e| Failure::not_opened("quarantine", &e))?;
    }
    Ok(refuge)
}

/// Looks for the messages that are meant.
fn survey(
    letters: &mut Letters,
    config: &Config,
    options: &Replay,
    place: &Place,
) -> Result<Index, Failure> {
    let named = &options.messages;
    let meant = |message: &Quarantined| {
        named.is_empty() || named.iter().any(|address| address.is_of(message))
    };
    let mut index = look_around(letters, meant)?;
    if options.stop.load(Ordering::Relaxed) {
        // Not all of it was seen.
        return Ok(Index::default());
    }
    let missing: Vec<&Address> = named.iter().filter(|named| !index.has(named)).collect();
    if !missing.is_empty() {
        return Err(absent(&missing, place));
    }
    if index.has_nameless() {
        // Identifiers begin with the cluster.
        let consumer = Consumer::connect(&config.connection, config.batch)?;
        letters.cluster_id = Some(consumer.cluster_id().to_owned());
        letters.rewind()?;
        index = look_around(letters, meant)?;
    }
    Ok(index)
}

fn done(
    options: &Replay,
    place: &Place,
    state: Option<State>,
    letters: &Letters,
) -> Result<Done, Failure> {
    let topic = match place {
        Place::File(_) => return Ok(Done::Messages(HashSet::new())),
        Place::Topic(topic) => topic,
    };
    let (true, Some(path), Some(mut state), Some(reader)) = (
        options.messages.is_empty(),
        &options.place.state,
        state,
        letters.topic(),
    ) else {
        return Ok(Done::Untold);
    };
    state.adopt_cluster(reader.cluster_id())?;
    if let Some(id) = reader.id() {
        state.note_topic_id(topic, id);
    }
    let mark = Mark::new(path, state, topic, reader.starts());
    Ok(Done::Offsets(Box::new(mark)))
}

struct Run<'a> {
    config: &'a Config,
    source: ReplaySource,
    refuge: Refuge,
    total: Counts,
}

impl Run<'_> {
    /// Brings back one cluster's messages after the other's: nearly always there is one.
    fn all(
        &mut self,
        parser: &mut Parsers,
        deliver: &mut dyn Deliver,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<(), Failure> {
        let name = parser.name().to_owned();
        let started = parsers::now();
        let clock = || started;
        let all = self.source.all();
        while let Some(cluster_id) = self.source.next_cluster()? {
            let mut policy = policy(self.config, &cluster_id, &clock);
            policy.threshold = Threshold { percent: 100 };
            let mut back = self.source.back(&mut self.refuge);
            let before = self.total.clone();
            let mut progress = |summary: &Counts| {
                let mut counts = before.clone();
                counts += summary;
                progress(&so_far(&counts, all));
            };
            let run = with_schemas(self.config, parser, |parser| {
                let ports = Ports {
                    source: &mut self.source,
                    parser,
                    deliver: &mut *deliver,
                    quarantine: &mut back,
                };
                pipeline::run(ports, &policy, &mut progress)
            });
            match run {
                Ok(counts) => self.total += &counts,
                Err(halt) => {
                    self.total += &halt.summary;
                    return Err(failure(&halt, &name, self.total.messages));
                }
            }
        }
        Ok(())
    }

    /// Takes what was brought back out of a file.
    fn keep(&mut self) -> Result<(), Failure> {
        let source = &self.source;
        let Refuge::File(file) = &mut self.refuge else {
            return Ok(());
        };
        if !source.done.has_taken_out() {
            return Ok(());
        }
        let taken_out = file.take_out(&mut |message| source.took_out(message));
        taken_out.map_err(|error| {
            Failure::new(
                Class::Output,
                format!("what was brought back is still in quarantine: {error}"),
            )
            .hint("make room, or let kafka-soar write to the file's folder, and replay again")
        })
    }
}

fn so_far(counts: &Counts, all: u64) -> Progress {
    Progress {
        messages: counts.messages,
        bytes: counts.bytes,
        behind: all.saturating_sub(counts.messages),
        containers: counts.containers,
        artifacts: counts.artifacts,
    }
}

/// A replay that stopped before its end, as the action's failure.
fn failure(halt: &Halt, parser: &str, before: u64) -> Failure {
    let at = halt
        .span
        .as_ref()
        .map(|span| format!("\nAt {span}."))
        .unwrap_or_default();
    let before = match before {
        0 => String::new(),
        n => format!("\n{n} message(s) before were dealt with."),
    };
    let (class, message, hint) = match &halt.cause {
        Cause::Source(SourceError::Read { message, hint }) => {
            (Class::Kafka, message.clone(), hint.as_str())
        }
        Cause::Parse(ParseError::Unavailable { message, hint }) => {
            (Class::Kafka, message.clone(), *hint)
        }
        Cause::Deliver(error) => (
            Class::Output,
            format!("Failed to save ingested Kafka data: {error}"),
            error.hint.as_str(),
        ),
        Cause::Source(SourceError::Settle(_) | SourceError::Fenced) | Cause::Quarantine(_) => (
            Class::Output,
            halt.cause.to_string(),
            "the quarantine and the state must be writable, and the disk not full; replay again: \
             nothing is lost",
        ),
        Cause::Parse(error) => (
            Class::Parser,
            exception(parser, error),
            "mend the parser and replay again: nothing is lost",
        ),
        Cause::Broken { .. } | Cause::Unbalanced { .. } => (
            Class::Internal,
            halt.cause.to_string(),
            "this is a defect of kafka-soar: please report it",
        ),
    };
    Failure::new(class, format!("{message}{at}{before}")).hint(hint)
}
