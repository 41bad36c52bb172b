//! Sending records, and learning what became of each.

use std::{
    sync::mpsc::{self, Receiver, Sender},
    time::{Duration, Instant},
};

use rdkafka::{
    ClientContext, Message,
    client::OAuthToken,
    config::RDKafkaLogLevel,
    error::{KafkaError, RDKafkaErrorCode as Code},
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

/// Sends records without key.
pub struct Producer {
    client: BaseProducer<Reports>,
    reports: Receiver<(usize, Outcome)>,
    connection: Connection,
    give_up: Duration,
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
        give_up: Duration,
    ) -> Result<Self, Error> {
        let (sender, reports) = mpsc::channel();
        let context = Reports {
            context: Context::of(connection)?,
            reports: sender,
        };
        let client: BaseProducer<Reports> = settings::producer(connection, give_up)
            .create_with_context(context)
            .map_err(|error| Error::settings(&error))?;
        let producer = Self {
            client,
            reports,
            connection: connection.clone(),
            give_up,
        };
        producer.find(topic)?;
        Ok(producer)
    }

    /// Waits until the topic has partitions, which a broker may make now.
    fn find(&self, topic: &Topic) -> Result<(), Error> {
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
                other => return other.map(drop),
            }
        }
    }

    /// Sends `values` and waits until it is known what became of each: the outcomes are in the
    /// order of `values`. Takes little longer than the time after which records are given up.
    #[must_use]
    pub fn send(&self, topic: &Topic, values: &[&str]) -> Vec<Outcome> {
        let until = Instant::now() + self.give_up + LATE;
        let mut outcomes: Vec<Option<Outcome>> = vec![None; values.len()];
        let mut waiting = 0_usize;
        for (index, value) in values.iter().enumerate() {
            match self.enqueue(topic, index, value, until, &mut outcomes, &mut waiting) {
                None => waiting += 1,
                failed => outcomes[index] = failed,
            }
        }
        while waiting > 0 && Instant::now() < until {
            self.client.poll(TICK);
            self.collect(&mut outcomes, &mut waiting);
        }
        let context = &self.client.client().context().context;
        outcomes
            .into_iter()
            .map(|outcome| {
                outcome.unwrap_or_else(|| Outcome::TimedOut {
                    cause: context.last(),
                })
            })
            .collect()
    }

    /// Hands a record to librdkafka, waiting while its queue is full.
    fn enqueue(
        &self,
        topic: &Topic,
        index: usize,
        value: &str,
        until: Instant,
        outcomes: &mut [Option<Outcome>],
        waiting: &mut usize,
    ) -> Option<Outcome> {
        loop {
            let record: BaseRecord<'_, (), str, usize> =
                BaseRecord::with_opaque_to(topic.as_str(), index).payload(value);
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
