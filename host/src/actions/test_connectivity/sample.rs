//! Tries a parser out on messages of the topic.

use std::time::Duration;

use crate::{
    actions::{
        Class, Failure,
        parsers::{self, Parsers, with_schemas},
    },
    config::{BatchLimits, Config, Topic},
    kafka::{Consumer, Deadline},
    model::{Batch, NO_TIMESTAMP, Origin, Position, Record},
    pipeline::plan,
    ports::Parse as _,
    wall::Report,
};

/// Messages of the topic that are tried.
const MESSAGES: usize = 5;

/// What came of trying the parser out.
pub(super) struct Tried {
    pub(super) found: Result<String, Failure>,
    /// What stands of the second wall around its process; `None` when it did not get that far.
    pub(super) wall: Option<Report>,
}

/// Limits of a consumer that reads them.
pub(super) fn limits(config: &Config) -> BatchLimits {
    BatchLimits {
        max_messages: MESSAGES,
        ..config.batch
    }
}

/// The first messages; `None` when the topic has none.
pub(super) fn messages(consumer: &mut Consumer, topic: &Topic, within: Duration) -> Option<Batch> {
    let view = consumer.topic(topic, None).ok()?;
    let starts = plan::poll_now(&view.partitions);
    consumer.assign_in_order(topic, &starts, MESSAGES).ok()?;
    consumer.next_batch(Deadline::after(within)).ok()?
}

/// Loads the asset's parser and has it parse `messages`, or, where there are none to be had,
/// made-up ones. Says what came of it. Takes no longer than `within` or the asset's own limit.
///
/// It fails when the parser is refused, crashes, passes a limit or breaks the contract. Messages
/// that it rejects are no failure.
pub(super) fn try_out(config: &Config, messages: Option<Batch>, within: Duration) -> Tried {
    let mut config = config.clone();
    config.limits.time = config.limits.time.min(within);
    match Parsers::load(&config) {
        Ok(mut parser) => Tried {
            found: parse(&config, &mut parser, messages),
            wall: parser.wall(),
        },
        Err(failure) => Tried {
            found: Err(failure),
            wall: None,
        },
    }
}

fn parse(
    config: &Config,
    parser: &mut Parsers,
    messages: Option<Batch>,
) -> Result<String, Failure> {
    let real = messages.filter(|batch| !batch.is_empty());
    let source = match real {
        Some(_) => "the topic",
        None => "a sample",
    };
    let batch = real.unwrap_or_else(|| made_up(config));
    let name = parser.name().to_owned();
    let origin = Origin {
        started: parsers::now(),
        parser: parser.digest().to_owned(),
        max_artifacts: None,
    };
    let parsed = with_schemas(config, parser, |parser| parser.parse(&batch, &origin));
    let parsed = parsed.map_err(|error| {
        Failure::new(Class::Parser, parsers::exception(&name, &error))
            .hint("mend the parser, or choose another with message_parser")
    })?;
    Ok(format!(
        "{name} made {} container(s) and {} artifact(s) of {} message(s) from {source}, and \
         rejected {}",
        parsed.ingests().len(),
        parsed.artifact_count(),
        batch.len(),
        parsed.rejections().len(),
    ))
}

fn made_up(config: &Config) -> Batch {
    let mut batch = Batch::new(config.topics.to_string());
    for (offset, value) in (0..).zip(["a sample message", r#"{"sample": "message"}"#]) {
        batch.push(&Record {
            position: Position {
                partition: 0,
                offset,
            },
            timestamp: NO_TIMESTAMP,
            key: None,
            value: Some(value.as_bytes()),
            headers: vec![],
        });
    }
    batch
}
