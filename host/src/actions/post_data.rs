//! `post data`: sends a text, or each element of a JSON list, to a topic.

use std::time::Duration;

use serde::Serialize;

pub use crate::kafka::{Compression, Envelope};

use super::{Class, Failure};
use crate::{
    config::{Config, Topic, TopicError},
    kafka::{Delivered, Outcome as Sent, Producer},
};

mod messages;

/// How long a post without a time-out tries to hand its data over.
const HANDOVER: Duration = Duration::from_secs(10);
const TIMED_OUT: &str = "There was an issue sending data to Kafka - sending timed out";

/// The action's parameters, as SOAR gives them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `string` or `JSON`.
    pub data_type: String,
    pub data: String,
    /// The asset's topic when `None`.
    pub topic: Option<String>,
    /// Seconds to wait for the acknowledgement. 0: no result rows; the data are handed over all
    /// the same, and an error is told if that fails within 10 s.
    pub timeout: i64,
    pub envelope: Envelope,
    pub compression: Compression,
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// One a message, in their order; none with a time-out of 0.
    pub rows: Vec<Row>,
    /// The action's status text.
    pub status: String,
    /// How many messages were not acknowledged.
    pub failed: usize,
    #[serde(skip)]
    cause: Option<String>,
}

impl Outcome {
    /// The action's failure, if any message failed.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        let cause = self.cause.as_ref()?;
        Some(
            Failure::new(Class::Kafka, &self.status)
                .hint(format!("the first failed with: {cause}")),
        )
    }
}

/// The result row of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Row {
    Sent {
        /// Always null: Kafka no longer has one.
        checksum: Option<u32>,
        offset: i64,
        partition: i32,
        /// Bytes; -1 without key.
        serialized_key_size: i64,
        /// Bytes.
        serialized_value_size: usize,
        /// Milliseconds since the Unix epoch.
        timestamp: i64,
        topic: String,
        topic_partition: i32,
    },
    Failed {
        message: String,
        topic: String,
        status: &'static str,
        error: String,
    },
}

/// Runs the action. Messages that fail are in the outcome, see [`Outcome::failure`].
///
/// # Errors
///
/// A parameter that can't be used ([`Class::Config`]), or a cluster that can't
/// ([`Class::Kafka`]): then nothing was sent.
pub fn run(config: &Config, options: &Options) -> Result<Outcome, Failure> {
    let refused = |text: String| Failure::new(Class::Config, text);
    let topic = match &options.topic {
        Some(name) => name.parse().map_err(|error: TopicError| {
            refused(error.to_string()).hint(format!("the topic given is {name:?}"))
        })?,
        None => config.topics.only().cloned().ok_or_else(|| {
            refused(format!(
                "the asset's topic is {}: post data needs one topic",
                config.topics
            ))
            .hint("name it: --topic, or the action's parameter topic")
        })?,
    };
    let timeout = timeout(options.timeout)?;
    let messages = messages::from(&options.data_type, &options.data).map_err(refused)?;

    let give_up = if timeout.is_zero() { HANDOVER } else { timeout };
    let producer = Producer::connect(&config.connection, &topic, options.compression, give_up)
        .map_err(|error| {
            let failure = Failure::from(error);
            let text = format!(
                "Kafka Producer failed to send message to Kafka server: {}",
                failure.message
            );
            Failure {
                message: text,
                ..failure
            }
        })?;
    let texts: Vec<&str> = messages.iter().map(String::as_str).collect();
    let sent = producer.send(&topic, &texts, &options.envelope)?;
    let key = options.envelope.key.as_deref();
    let rows = texts
        .iter()
        .zip(sent)
        .map(|(message, sent)| row(message, &topic, key, sent))
        .collect();
    Ok(outcome(rows, !timeout.is_zero()))
}

/// A day: librdkafka counts milliseconds in 31 bits.
const MAX_TIMEOUT: u64 = 86_400;

fn timeout(seconds: i64) -> Result<Duration, Failure> {
    let refused = |text: String| Failure::new(Class::Config, text);
    let Ok(seconds) = u64::try_from(seconds) else {
        return Err(refused("Timeout should not be negative".to_owned())
            .hint(format!("the timeout given is {seconds}")));
    };
    if seconds > MAX_TIMEOUT {
        return Err(refused(format!(
            "timeout: expected 0 to {MAX_TIMEOUT} seconds, found {seconds}"
        )));
    }
    Ok(Duration::from_secs(seconds))
}

fn row(message: &str, topic: &Topic, key: Option<&str>, sent: Sent) -> Row {
    let error = match sent {
        Sent::Delivered(Delivered { partition, .. }) if partition < 0 => {
            "Kafka could not assign message to partition".to_owned()
        }
        Sent::Delivered(Delivered { offset, .. }) if offset < 0 => {
            "Kafka could not assign message to offset".to_owned()
        }
        Sent::Delivered(at) => {
            return Row::Sent {
                checksum: None,
                offset: at.offset,
                partition: at.partition,
                serialized_key_size: key
                    .map_or(-1, |key| i64::try_from(key.len()).unwrap_or(i64::MAX)),
                serialized_value_size: message.len(),
                timestamp: at.timestamp,
                topic: topic.to_string(),
                topic_partition: at.partition,
            };
        }
        Sent::TimedOut { cause: None } => TIMED_OUT.to_owned(),
        Sent::TimedOut { cause: Some(cause) } => format!("{TIMED_OUT}: {cause}"),
        Sent::Failed { cause } => {
            format!("Kafka Producer failed to send message to Kafka server: {cause}")
        }
    };
    Row::Failed {
        message: message.to_owned(),
        topic: topic.to_string(),
        status: "failed",
        error,
    }
}

fn outcome(rows: Vec<Row>, wanted: bool) -> Outcome {
    let mut errors = rows.iter().filter_map(|row| match row {
        Row::Failed { error, .. } => Some(error),
        Row::Sent { .. } => None,
    });
    let cause = errors.next().cloned();
    let failed = usize::from(cause.is_some()) + errors.count();
    let status = match failed {
        0 => "Successfully sent data to Kafka".to_owned(),
        1 => "1 message failed to send, see spawn logs".to_owned(),
        n => format!("{n} messages failed to send, see spawn logs"),
    };
    Outcome {
        rows: if wanted { rows } else { Vec::new() },
        status,
        failed,
        cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic() -> Topic {
        "t".parse().unwrap()
    }

    #[test]
    fn a_row_has_the_fields_of_the_original() {
        let at = Delivered {
            partition: 2,
            offset: 7,
            timestamp: 1_700_000_000_000,
        };
        let row = row("é", &topic(), None, Sent::Delivered(at));
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"checksum":null,"offset":7,"partition":2,"serialized_key_size":-1,"serialized_value_size":2,"timestamp":1700000000000,"topic":"t","topic_partition":2}"#
        );
    }

    #[test]
    fn a_failed_row_is_always_text() {
        let row = row(
            "m",
            &topic(),
            None,
            Sent::TimedOut {
                cause: Some("gone".into()),
            },
        );
        assert_eq!(
            serde_json::to_string(&row).unwrap(),
            r#"{"message":"m","topic":"t","status":"failed","error":"There was an issue sending data to Kafka - sending timed out: gone"}"#
        );
    }

    #[test]
    fn the_status_counts_what_failed() {
        let failed = |n: usize| {
            let rows = (0..n).map(|_| {
                let cause = "no".into();
                row("m", &topic(), None, Sent::Failed { cause })
            });
            outcome(rows.collect(), false)
        };
        assert_eq!(failed(0).status, "Successfully sent data to Kafka");
        assert_eq!(failed(0).failure(), None);
        assert_eq!(failed(1).status, "1 message failed to send, see spawn logs");
        assert_eq!(
            failed(3).status,
            "3 messages failed to send, see spawn logs"
        );
        assert!(failed(3).rows.is_empty());
        assert_eq!(failed(3).failure().unwrap().class, Class::Kafka);
    }

    #[test]
    fn a_timeout_is_neither_negative_nor_endless() {
        assert_eq!(timeout(2).unwrap(), Duration::from_secs(2));
        assert_eq!(
            timeout(-1).unwrap_err().message,
            "Timeout should not be negative"
        );
        for bad in [i64::MIN, 86_401, i64::MAX] {
            assert_eq!(timeout(bad).unwrap_err().class, Class::Config, "{bad}");
        }
    }
}
