//! What a poll came to, in figures and in words.

use serde::Serialize;

use crate::{
    actions::{Class, Failure, parsers::exception, recording::Tally, wall::Walls},
    config::Topic,
    pipeline::{self, Cause, Halt, plan::Plan},
    ports::{ParseError, SourceError},
};

/// How far a poll has got.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    pub messages: u64,
    pub bytes: u64,
    /// Offsets left up to the end of the topic as the poll found it.
    pub behind: u64,
    pub containers: u64,
    pub artifacts: u64,
}

impl Progress {
    pub(in crate::actions) fn new(summary: &pipeline::Summary, behind: u64) -> Self {
        Self {
            messages: summary.messages,
            bytes: summary.bytes,
            behind,
            containers: summary.containers,
            artifacts: summary.artifacts,
        }
    }
}

/// A poll that came to its end.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// SOAR's status line.
    pub status: String,
    pub summary: Summary,
}

/// A poll in figures.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    #[serde(flatten)]
    pub counts: pipeline::Summary,
    /// The whole poll, connecting included.
    pub seconds: f64,
    /// In the parser: instantiating, running, validating.
    pub parser_seconds: f64,
    /// The most bytes of memory that the parser took for a batch.
    pub parser_peak_memory: u64,
    /// Offsets that the topic's retention deleted before they were read.
    pub lost_to_retention: u64,
    /// Offsets left up to the end of the topic as the poll found it.
    pub behind: u64,
    /// What stood of the second wall.
    pub second_wall: Walls,
    /// What became of the recordings, if any were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Tally>,
}

impl Outcome {
    pub(in crate::actions) fn new(summary: Summary, stopped: bool) -> Self {
        let status = match (summary.counts.messages, stopped) {
            (_, true) => "Stopped; the next poll goes on from here".into(),
            (0, false) => "No messages to ingest, taking no action".into(),
            (_, false) => "Polling complete".into(),
        };
        Self { status, summary }
    }
}

/// Says what is noteworthy about where a poll starts.
pub(in crate::actions) fn remark(plan: &Plan, topic: &Topic) {
    for lost in &plan.lost {
        tracing::warn!(
            "topic {topic} partition {}: offsets {} to {} were deleted by the topic's retention \
             before they were read ({} messages at most); going on at {}",
            lost.partition,
            lost.from,
            lost.to - 1,
            lost.count(),
            lost.to
        );
    }
    for recreated in &plan.recreated {
        tracing::warn!(
            "topic {topic} partition {}: the saved offset {} is beyond the topic's end {}; the \
             topic was made anew, so it is read from its beginning",
            recreated.partition,
            recreated.saved,
            recreated.high
        );
    }
    for partition in &plan.gone {
        tracing::warn!(
            "topic {topic} no longer has partition {partition}, of which offsets are saved; the \
             topic was made anew, so it is read from its beginning"
        );
    }
}

/// A poll that stopped before its end, as the action's failure.
pub(in crate::actions) fn failure(halt: &Halt, parser: &str) -> Failure {
    let at = halt
        .span
        .as_ref()
        .map(|span| format!("\nAt {span}."))
        .unwrap_or_default();
    let settled = match halt.summary.messages {
        0 => String::new(),
        n => format!("\n{n} message(s) before were delivered and their offsets kept."),
    };
    let (class, message, hint) = match &halt.cause {
        Cause::Source(SourceError::Read { message, hint }) => {
            (Class::Kafka, message.clone(), hint.clone())
        }
        Cause::Source(error @ (SourceError::Settle(_) | SourceError::Fenced)) => (
            Class::Output,
            format!("{error}; the containers of this batch were delivered and will be again"),
            "the state's folder must be there and writable, and the disk not full".into(),
        ),
        Cause::Parse(ParseError::Unavailable { message, hint }) => {
            (Class::Kafka, message.clone(), (*hint).into())
        }
        Cause::Parse(error) => (
            Class::Parser,
            exception(parser, error),
            "mend the parser, or choose another with message_parser; the batch stays in the topic \
             and is read again"
                .into(),
        ),
        Cause::Deliver(error) => (
            Class::Output,
            format!("Failed to save ingested Kafka data: {error}"),
            error.hint.clone(),
        ),
        Cause::Quarantine(_) => (
            Class::Output,
            halt.cause.to_string(),
            "name a writable file with --quarantine, or a topic with dead_letter_topic that this \
             client may write to, and poll again: nothing is lost"
                .into(),
        ),
        Cause::Broken { .. } => (
            Class::Parser,
            halt.cause.to_string(),
            "mend the parser, raise the limit that it names, or correct SOAR's label and severity, \
             and poll again: nothing is lost. If the messages are at fault, raise \
             quarantine_threshold (percent)"
                .into(),
        ),
        Cause::Unbalanced { .. } => (
            Class::Internal,
            halt.cause.to_string(),
            "this is a defect of kafka-soar: please report it with the topic's figures".into(),
        ),
    };
    Failure::new(class, format!("{message}{at}{settled}")).hint(hint)
}
