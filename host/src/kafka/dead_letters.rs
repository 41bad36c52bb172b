//! Records that can't be handled, in a dead-letter topic: key, value, headers and timestamp as they
//! were, and why they are here in further headers.
//!
//! Kafka Connect's names are used for what Kafka Connect tells, so that its tools can be used here:
//! <https://kafka.apache.org/documentation/#connectconfigs_errors.deadletterqueue.context.headers.enable>,
//! spelt out in `org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter`. Their values are
//! texts. What they don't tell has headers of our own, listed in docs/delivery.md.

use std::time::Duration;

use rdkafka::message::{Header as Wire, OwnedHeaders};

use super::{Compression, Outcome, Producer, producer::Outgoing};
use crate::{
    config::{Connection, Topic},
    model::{
        Batch, Bytes, Header, NO_TIMESTAMP, Origin, Provenance, Quarantined, QuarantinedHeader,
        Record, Rejection, RejectionKind, rfc3339,
    },
    ports::{Quarantine, QuarantineError},
};

const TOPIC: &str = "__connect.errors.topic";
const PARTITION: &str = "__connect.errors.partition";
const OFFSET: &str = "__connect.errors.offset";
const CONNECTOR: &str = "__connect.errors.connector.name";
const TASK: &str = "__connect.errors.task.id";
const STAGE: &str = "__connect.errors.stage";
const CLASS: &str = "__connect.errors.class.name";
const EXCEPTION: &str = "__connect.errors.exception.class.name";
const MESSAGE: &str = "__connect.errors.exception.message";
/// How many headers the record had itself; they come first.
const OWN_HEADERS: &str = "kafka-soar.headers";
const CLUSTER: &str = "kafka-soar.cluster.id";
const PARSER: &str = "kafka-soar.parser.digest";
const ATTEMPT: &str = "kafka-soar.attempt";
/// Milliseconds since the Unix epoch: a topic may have another opinion on the record's own.
const TIMESTAMP: &str = "kafka-soar.timestamp";
const AT: &str = "kafka-soar.quarantined.at";

/// How long the dead-letter topic may take.
const GIVE_UP: Duration = Duration::from_secs(30);
/// Brokers refuse timestamps that are further ahead than an hour, unless told otherwise.
const AHEAD_MS: i64 = 30 * 60 * 1000;

/// Sends rejected records to a topic; they count when all in-sync replicas have them. Connects when
/// there is a first one: most polls have none.
pub struct DeadLetters {
    connection: Connection,
    topic: Topic,
    provenance: Provenance,
    producer: Option<Producer>,
}

impl DeadLetters {
    #[must_use]
    pub fn new(connection: &Connection, topic: &Topic, provenance: Provenance) -> Self {
        Self {
            connection: connection.clone(),
            topic: topic.clone(),
            provenance,
            producer: None,
        }
    }

    /// Where the next records come from.
    pub fn set_provenance(&mut self, provenance: Provenance) {
        self.provenance = provenance;
    }

    fn producer(&mut self) -> Result<&Producer, QuarantineError> {
        if self.producer.is_none() {
            let producer =
                Producer::connect(&self.connection, &self.topic, Compression::None, GIVE_UP);
            let producer = producer.map_err(|error| {
                QuarantineError(format!(
                    "the dead-letter topic {} can't be used: {error}",
                    self.topic
                ))
            })?;
            self.producer = Some(producer);
        }
        Ok(self.producer.as_ref().expect("just connected"))
    }
}

impl Quarantine for DeadLetters {
    fn quarantine(
        &mut self,
        batch: &Batch,
        rejections: &[Rejection],
        origin: &Origin,
    ) -> Result<(), QuarantineError> {
        let now = jiff::Timestamp::now().as_millisecond();
        let letters: Vec<(&Rejection, Quarantined)> = rejections
            .iter()
            .map(|rejection| {
                let record = batch.record(rejection.index);
                let letter =
                    Quarantined::new(batch.topic(), &record, rejection, origin, &self.provenance);
                (rejection, letter)
            })
            .collect();
        let topic = self.topic.clone();
        let producer = self.producer()?;
        let partitions = producer.partitions();
        let records = letters.iter().map(|(rejection, letter)| {
            let record = letter.record();
            let at = usize::try_from(letter.partition).unwrap_or(0) % partitions.len().max(1);
            Outgoing {
                key: record.key,
                value: record.value,
                headers: Some(headers(&record, letter, rejection.kind)),
                partition: partitions.get(at).copied(),
                timestamp: letter
                    .timestamp
                    .filter(|ms| (0..now.saturating_add(AHEAD_MS)).contains(ms)),
            }
        });
        for outcome in producer.send_all(&topic, records) {
            let cause = match outcome {
                Outcome::Delivered(_) => continue,
                Outcome::TimedOut { cause } => cause.unwrap_or_else(|| "no answer".to_owned()),
                Outcome::Failed { cause } => cause,
            };
            return Err(QuarantineError(format!(
                "the dead-letter topic {topic} did not take a message: {cause}"
            )));
        }
        Ok(())
    }
}

fn headers(record: &Record<'_>, letter: &Quarantined, kind: RejectionKind) -> OwnedHeaders {
    let mut headers = OwnedHeaders::new_with_capacity(record.headers.len() + 16);
    for Header { name, value } in &record.headers {
        headers = headers.insert(Wire {
            key: name,
            value: *value,
        });
    }
    let timestamp = letter.timestamp.map(|ms| ms.to_string());
    let own = record.headers.len().to_string();
    for (key, value) in [
        (TOPIC, Some(letter.topic.as_str())),
        (PARTITION, Some(&letter.partition.to_string())),
        (OFFSET, Some(&letter.offset.to_string())),
        (CONNECTOR, Some("kafka-soar")),
        (TASK, Some("0")),
        (STAGE, Some(stage(kind))),
        (CLASS, Some("kafka-soar:parser/message-parser")),
        (EXCEPTION, Some(kind.name())),
        (MESSAGE, Some(&letter.reason)),
        (OWN_HEADERS, Some(&own)),
        (CLUSTER, Some(&letter.cluster_id)),
        (PARSER, Some(&letter.parser)),
        (ATTEMPT, Some(&letter.attempt.to_string())),
        (TIMESTAMP, timestamp.as_deref()),
        (AT, Some(&letter.quarantined_at)),
    ] {
        headers = headers.insert(Wire { key, value });
    }
    headers
}

/// A name of `org.apache.kafka.connect.runtime.errors.Stage`.
fn stage(kind: RejectionKind) -> &'static str {
    match kind {
        RejectionKind::Undecodable => "VALUE_CONVERTER",
        RejectionKind::Unwanted => "TASK_PUT",
        _ => "TRANSFORMATION",
    }
}

/// The record that a record of a dead-letter topic stands for.
///
/// # Errors
///
/// When it was put there by something else: which header it lacks.
pub fn unwrap(letter: &Record<'_>) -> Result<Quarantined, String> {
    let find = |name: &str| {
        let mut found = letter.headers.iter().rev().filter(|h| h.name == name);
        let value = found.next()?.value?;
        std::str::from_utf8(value).ok()
    };
    let text = |name: &str| find(name).ok_or_else(|| format!("it has no header {name}"));
    // Kafka Connect's own letters tell neither; all their headers but its own are the record's.
    let own = match find(OWN_HEADERS) {
        Some(count) => number(OWN_HEADERS, count)?,
        None => letter
            .headers
            .iter()
            .position(|header| header.name.starts_with("__connect.errors."))
            .unwrap_or(letter.headers.len()),
    };
    let timestamp = match find(TIMESTAMP) {
        Some(ms) => Some(number(TIMESTAMP, ms)?),
        None => Some(letter.timestamp).filter(|&ms| ms != NO_TIMESTAMP && find(AT).is_none()),
    };
    let owned = |bytes: Option<&[u8]>| bytes.map(|bytes| Bytes(bytes.to_vec()));
    let text_or_none = |name: &str| find(name).unwrap_or_default().to_owned();
    Ok(Quarantined {
        cluster_id: text_or_none(CLUSTER),
        topic: text(TOPIC)?.to_owned(),
        partition: number(PARTITION, text(PARTITION)?)?,
        offset: number(OFFSET, text(OFFSET)?)?,
        timestamp,
        time: timestamp.and_then(rfc3339),
        key: owned(letter.key),
        value: owned(letter.value),
        headers: letter
            .headers
            .iter()
            .take(own)
            .map(|header| QuarantinedHeader {
                name: header.name.to_owned(),
                value: owned(header.value),
            })
            .collect(),
        kind: text_or_none(EXCEPTION),
        reason: text_or_none(MESSAGE),
        parser: text_or_none(PARSER),
        attempt: find(ATTEMPT).map_or(Ok(1), |n| number(ATTEMPT, n))?,
        quarantined_at: match find(AT) {
            Some(at) => at.to_owned(),
            None => rfc3339(letter.timestamp).unwrap_or_default(),
        },
    })
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("its header {name} is no number: {text:?}"))
}
