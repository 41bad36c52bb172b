//! Sending records, and learning what became of each.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
    sync::mpsc::{self, Receiver, Sender},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientContext, Message,
    client::OAuthToken,
    config::RDKafkaLogLevel,
    error::{KafkaError, RDKafkaErrorCode as Code},
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext},
};

use super::{Error, ask, ask::Ask, error::words, settings, trouble::Context};
use crate::config::{Connection, Topic};

/// How often reports are looked for. `flush` would look every 100 ms.
const TICK: Duration = Duration::from_millis(2);
/// How long reports may be late after librdkafka has given up on their records.
const LATE: Duration = Duration::from_secs(2);

/// Where a record went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    pub partition: i32,
    pub offset: i64,
    /// Milliseconds since the Unix epoch.
    pub timestamp: i64,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// All in-sync replicas have it.
    Delivered(Delivered),
    /// Not acknowledged in time. It may have arrived nevertheless.
    TimedOut { cause: Option<String> },
    /// Refused.
    Failed { cause: String },
}

/// What the records of a post carry beside their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Records with one key go to one partition, the same that Java clients choose.
    pub key: Option<String>,
    /// In this order; names may repeat.
    pub headers: Vec<(String, Option<String>)>,
    /// Without it and without key all records of a post go to one partition, whichever, so that
    /// their order is kept.
    pub partition: Option<i32>,
}

/// How batches of records are compressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compression {
    /// What every client can read, whatever it was built with.
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Compression {
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// Kafka's name for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

/// Sends records.
pub struct Producer {
    client: BaseProducer<Reports>,
    reports: Receiver<(usize, Outcome)>,
    connection: Connection,
    give_up: Duration,
    /// The partitions of the topic; those that have a leader first.
    partitions: Vec<i32>,
}

/// Passes delivery reports on. A panic here would lose them silently, so there is none.
struct Reports {
    context: Context,
    reports: Sender<(usize, Outcome)>,
}

impl ClientContext for Reports {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(
        &self,
        config: Option<&str>,
    ) -> Result<OAuthToken, Box<dyn std::error::Error>> {
        self.context.generate_oauth_token(config)
    }

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.context.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.context.error(error, reason);
    }
}

impl ProducerContext for Reports {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, index: usize) {
        let outcome = match result {
            Ok(message) => Outcome::Delivered(Delivered {
                partition: message.partition(),
                offset: message.offset(),
                timestamp: message.timestamp().to_millis().unwrap_or(-1),
            }),
            Err((error, _)) => self.outcome(error),
        };
        // Nobody listens any more only when the producer is being dropped.
        let _ = self.reports.send((index, outcome));
    }
}

impl Reports {
    fn outcome(&self, error: &KafkaError) -> Outcome {
        match error.rdkafka_error_code() {
            Some(
                Code::MessageTimedOut
                | Code::OperationTimedOut
                | Code::RequestTimedOut
                | Code::PurgeQueue
                | Code::PurgeInflight,
            ) => Outcome::TimedOut {
                cause: self.context.last(),
            },
            _ => Outcome::Failed {
                cause: words(error),
            },
        }
    }
}

/// A record to send.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    pub(super) key: Option<&'a [u8]>,
    pub(super) value: Option<&'a [u8]>,
    pub(super) headers: Option<OwnedHeaders>,
    /// `None` leaves it to the key.
    pub(super) partition: Option<i32>,
    /// Milliseconds since the Unix epoch; now when `None`.
    pub(super) timestamp: Option<i64>,
}

fn headers(envelope: &Envelope) -> Option<OwnedHeaders> {
    let none = OwnedHeaders::new_with_capacity(envelope.headers.len());
    let add = |all: OwnedHeaders, (key, value): &(String, Option<String>)| {
        all.insert(Header {
            key,
            value: value.as_ref(),
        })
    };
    (!envelope.headers.is_empty()).then(|| envelope.headers.iter().fold(none, add))
}

impl Producer {
    /// Makes a producer whose records are given up after `give_up`, and connects it.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`], [`Error::UnknownTopic`] when the broker doesn't make the topic on
    /// demand, or why none of the hosts could be used.
    pub fn connect(
        connection: &Connection,
        topic: &Topic,
        compression: Compression,
        give_up: Duration,
    ) -> Result<Self, Error> {
        let (sender, reports) = mpsc::channel();
        let context = Reports {
            context: Context::of(connection)?,
            reports: sender,
        };
        let client: BaseProducer<Reports> = settings::producer(connection, compression, give_up)
            .create_with_context(context)
            .map_err(|error| Error::settings(&error))?;
        let mut producer = Self {
            client,
            reports,
            connection: connection.clone(),
            give_up,
            partitions: Vec::new(),
        };
        let (led, orphaned): (Vec<_>, Vec<_>) = producer
            .find(topic)?
            .into_iter()
            .partition(|(_, leader)| leader.is_some());
        producer.partitions = led.into_iter().chain(orphaned).map(|(id, _)| id).collect();
        Ok(producer)
    }

    /// Waits until the topic has partitions, which a broker may make now.
    fn find(&self, topic: &Topic) -> Result<BTreeMap<i32, Option<i32>>, Error> {
        let begun = Instant::now();
        let ask = Ask {
            client: self.client.client(),
            context: &self.client.client().context().context,
            connection: &self.connection,
            serve: &|| self.client.poll(Duration::from_millis(20)),
            within: self.give_up.min(ask::PATIENCE),
        };
        loop {
            match ask.partitions(topic) {
                // On demand a topic takes a moment after the first question.
                Err(Error::UnknownTopic { .. })
                    if begun.elapsed() < ask.within.min(Duration::from_secs(3)) =>
                {
                    self.client.poll(Duration::from_millis(100));
                }
                other => return other,
            }
        }
    }

    /// Sends `values` and waits until it is known what became of each: the outcomes are in the
    /// order of `values`. Takes little longer than the time after which records are given up.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPartition`]: nothing was sent.
    pub fn send(
        &self,
        topic: &Topic,
        values: &[&str],
        envelope: &Envelope,
    ) -> Result<Vec<Outcome>, Error> {
        let partition = self.partition(topic, envelope)?;
        let records = values.iter().map(|value| Outgoing {
            key: envelope.key.as_deref().map(str::as_bytes),
            value: Some(value.as_bytes()),
            headers: headers(envelope),
            partition,
            timestamp: None,
        });
        Ok(self.send_all(topic, records))
    }

    /// The partitions of the topic.
    pub(super) fn partitions(&self) -> &[i32] {
        &self.partitions
    }

    /// Sends records and waits until it is known what became of each: the outcomes are in their
    /// order. Takes little longer than the time after which records are given up.
    pub(super) fn send_all<'a>(
        &self,
        topic: &Topic,
        records: impl ExactSizeIterator<Item = Outgoing<'a>>,
    ) -> Vec<Outcome> {
        let until = Instant::now() + self.give_up + LATE;
        let mut outcomes: Vec<Option<Outcome>> = vec![None; records.len()];
        let mut waiting = 0_usize;
        for (index, record) in records.enumerate() {
            match self.enqueue(topic, index, &record, until, &mut outcomes, &mut waiting) {
                None => waiting += 1,
                failed => outcomes[index] = failed,
            }
        }
        while waiting > 0 && Instant::now() < until {
            self.client.poll(TICK);
            self.collect(&mut outcomes, &mut waiting);
        }
        let context = &self.client.client().context().context;
        let outcomes = outcomes.into_iter().map(|outcome| {
            outcome.unwrap_or_else(|| Outcome::TimedOut {
                cause: context.last(),
            })
        });
        outcomes.collect()
    }

    /// The partition for a post; `None` leaves it to the key.
    fn partition(&self, topic: &Topic, envelope: &Envelope) -> Result<Option<i32>, Error> {
        match envelope.partition {
            Some(partition) if self.partitions.contains(&partition) => Ok(Some(partition)),
            Some(partition) => Err(Error::UnknownPartition {
                topic: topic.to_string(),
                partition,
                last: self.partitions.iter().copied().max().unwrap_or(-1),
            }),
            None if envelope.key.is_some() => Ok(None),
            None => {
                // Seeded anew each time.
                let any = RandomState::new().hash_one(()) % self.partitions.len().max(1) as u64;
                Ok(usize::try_from(any)
                    .ok()
                    .and_then(|any| self.partitions.get(any))
                    .copied())
            }
        }
    }

    /// Hands a record to librdkafka, waiting while its queue is full.
    fn enqueue(
        &self,
        topic: &Topic,
        index: usize,
        outgoing: &Outgoing<'_>,
        until: Instant,
        outcomes: &mut [Option<Outcome>],
        waiting: &mut usize,
    ) -> Option<Outcome> {
        loop {
            let mut record: BaseRecord<'_, [u8], [u8], usize> =
                BaseRecord::with_opaque_to(topic.as_str(), index);
            record.key = outgoing.key;
            record.payload = outgoing.value;
            record.partition = outgoing.partition;
            record.timestamp = outgoing.timestamp;
            record.headers.clone_from(&outgoing.headers);
            match self.client.send(record) {
                Ok(()) => return None,
                Err((KafkaError::MessageProduction(Code::QueueFull), _))
                    if Instant::now() < until =>
                {
                    self.client.poll(TICK);
                    self.collect(outcomes, waiting);
                }
                Err((error, _)) => {
                    return Some(self.client.client().context().outcome(&error));
                }
            }
        }
    }

    fn collect(&self, outcomes: &mut [Option<Outcome>], waiting: &mut usize) {
        for (index, outcome) in self.reports.try_iter() {
            if let Some(slot @ None) = outcomes.get_mut(index) {
                *slot = Some(outcome);
                *waiting -= 1;
            }
        }
    }
}
