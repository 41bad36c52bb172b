//! Tries a parser out on messages of the topic, for `test connectivity`.

use std::time::Duration;

use super::{Class, Failure, parsers};
use crate::{
    config::{BatchLimits, Config},
    kafka::{Consumer, Deadline},
    model::{Batch, NO_TIMESTAMP, Position, Record},
    pipeline::plan,
    ports::Parse as _,
};

/// Messages of the topic that are tried.
const MESSAGES: usize = 5;

/// What reading them may take of the test's time, for each question to the cluster.
const WITHIN: Duration = Duration::from_secs(2);

/// Loads the asset's parser and has it parse the first messages of the topic, or, where there
/// are none to be had, made-up ones. Says what came of it.
///
/// # Errors
///
/// When the parser is refused, crashes, passes a limit or breaks the contract. Messages that it
/// rejects are no failure.
pub(super) fn try_out(config: &Config) -> Result<String, Failure> {
    let mut parser = parsers::load(config, parsers::now())?;
    let real = real(config).filter(|batch| !batch.is_empty());
    let source = match real {
        Some(_) => "the topic",
        None => "a sample",
    };
    let batch = real.unwrap_or_else(|| made_up(config));
    let name = parser.name().to_owned();
    let parsed = parser.parse(&batch).map_err(|error| {
        Failure::new(
            Class::Parser,
            format!("Got an exception in call to {name}: {error}"),
        )
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

/// The first messages; `None` when the cluster doesn't give any, which other checks report.
fn real(config: &Config) -> Option<Batch> {
    let limits = BatchLimits {
        max_messages: MESSAGES,
        ..config.batch
    };
    let mut consumer = Consumer::connect_within(&config.connection, limits, WITHIN)
        .ok()?
        .standstill(WITHIN);
    let view = consumer.topic(&config.topic, None).ok()?;
    let starts = plan::poll_now(&view.partitions);
    consumer
        .assign_in_order(&config.topic, &starts, MESSAGES)
        .ok()?;
    consumer.next_batch(Deadline::after(WITHIN)).ok()?
}

fn made_up(config: &Config) -> Batch {
    let mut batch = Batch::new(config.topic.as_str());
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
