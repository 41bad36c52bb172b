//! `parser run`: messages through a parser, and whatever comes of them.

use std::time::Duration;

use serde::{Serialize, Serializer};

use super::{Messages, Subject, TopicMessages};
use crate::{
    actions::{
        Class, Failure,
        parsers::{Parsers, now, with_schemas},
    },
    config::{Config, Policy},
    model::{Batch, Origin, Parsed},
    ports::{Deliver, Parse, ParseError},
};

/// Where messages come from.
pub enum Input<'a> {
    Lines(Messages<'a>),
    /// The topic of an asset, whose messages are decoded if it names a registry.
    Topic(Box<Config>, Box<TopicMessages>),
}

/// What runs.
#[derive(Debug, Clone)]
pub struct Options {
    pub subject: Subject,
    /// Messages of a batch.
    pub batch: usize,
    /// The most messages; `None` for all.
    pub limit: Option<usize>,
}

/// A message that the parser rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Index over all messages, from 0.
    pub index: usize,
    pub partition: i32,
    pub offset: i64,
    pub reason: String,
}

/// What was run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub messages: usize,
    pub batches: usize,
    pub containers: usize,
    pub artifacts: usize,
    pub rejected: usize,
    /// Milliseconds of instantiating, running and validating.
    #[serde(rename = "parse_ms", serialize_with = "milliseconds")]
    pub time: Duration,
    /// The most bytes that one batch took.
    pub peak_memory: usize,
}

fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((time.as_secs_f64() * 1e6).round() / 1e3)
}

/// Runs messages through a parser, batch after batch, and delivers what comes. `rejected` hears of
/// each message that the parser rejects. Ends with the first batch that fails.
///
/// # Errors
///
/// A parser failure when the parser is refused, crashes, passes a limit or breaks the contract, with
/// the messages of the batch at fault; what came of earlier ones has been delivered.
pub fn run(
    options: &Options,
    input: &mut Input<'_>,
    policy: &Policy,
    deliver: &mut dyn Deliver,
    rejected: &mut dyn FnMut(&Rejected),
) -> Result<Summary, Failure> {
    let mut parsers = options.subject.load(policy)?;
    let origin = Origin {
        started: now(),
        parser: parsers.digest().to_owned(),
        max_artifacts: None,
    };
    let mut summary = Summary::default();
    let mut left = options.limit.unwrap_or(usize::MAX);
    while left > 0 {
        let most = options.batch.min(left);
        let Some(batch) = input.next_batch(most)? else {
            break;
        };
        left -= batch.len().min(left);
        let parsed = input.parse(&mut parsers, &batch, &origin);
        let parsed = parsed.map_err(|error| failure(&parsers, summary.messages, &batch, &error))?;
        for rejection in parsed.rejections() {
            let position = batch.position(rejection.index);
            rejected(&Rejected {
                index: summary.messages + rejection.index,
                partition: position.partition,
                offset: position.offset,
                reason: rejection.reason.clone(),
            });
        }
        deliver
            .deliver(&batch, &parsed, false)
            .map_err(|error| Failure::new(Class::Output, error.message))?;
        summary.count(&batch, &parsed);
    }
    let stats = parsers.stats();
    summary.time = stats.time;
    summary.peak_memory = stats.peak_memory;
    Ok(summary)
}

impl Input<'_> {
    fn next_batch(&mut self, most: usize) -> Result<Option<Batch>, Failure> {
        match self {
            Self::Lines(messages) => messages.next_batch(most),
            Self::Topic(_, messages) => messages.next_batch(),
        }
    }

    fn parse(
        &self,
        parsers: &mut Parsers,
        batch: &Batch,
        origin: &Origin,
    ) -> Result<Parsed, ParseError> {
        match self {
            Self::Lines(_) => parsers.parse(batch, origin),
            Self::Topic(config, _) => {
                with_schemas(config, parsers, |parser| parser.parse(batch, origin))
            }
        }
    }
}

impl Summary {
    fn count(&mut self, batch: &Batch, parsed: &Parsed) {
        self.messages += batch.len();
        self.batches += 1;
        self.containers += parsed.ingests().len();
        self.artifacts += parsed.artifact_count();
        self.rejected += parsed.rejections().len();
    }
}

/// Which messages a batch that failed had, so that they can be run one by one.
pub(super) fn failure(
    parsers: &Parsers,
    before: usize,
    batch: &Batch,
    error: &ParseError,
) -> Failure {
    // Says its name itself, and is no message's fault.
    if let ParseError::Broken(text) = error {
        return Failure::new(Class::Parser, text.clone())
            .hint("mend the script; a poll would stop before the first message, and lose nothing");
    }
    let first = before + 1;
    let which = match batch.len() {
        1 => format!("message {first}"),
        many => format!("messages {first} to {}", before + many),
    };
    let class = match error {
        ParseError::Unavailable { .. } => Class::Internal,
        _ => Class::Parser,
    };
    let failure = Failure::new(class, format!("{}, {which}: {error}", parsers.name()));
    match (error, batch.len()) {
        (ParseError::Unavailable { hint, .. }, _) => failure.hint(*hint),
        (ParseError::Refused(_), _) => failure
            .hint("the parser refuses any such batch: mend what it names, its settings perhaps"),
        (_, 1) => failure.hint("mend the parser; a poll would put this message into quarantine"),
        _ => failure.hint("--batch 1 shows which message it is; a poll finds it likewise"),
    }
}
