//! Asking a cluster something, with the patience that a cluster needs and the cause when it
//! doesn't answer.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rdkafka::{
    Offset, TopicPartitionList,
    client::Client,
    consumer::{BaseConsumer, Consumer as _},
    error::{KafkaError, RDKafkaErrorCode as Code},
    metadata::{Metadata, MetadataTopic},
};

use super::{
    Error,
    cause::{look_at, obstructed},
    error::{unauthorized, words},
    trouble::Context,
};
use crate::config::{Connection, Topic, Topics};

/// How long a question waits for a cluster that is there and doesn't answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// How long one is asked whose every broker has just failed: one may be restarting.
const GRACE: Duration = Duration::from_secs(2);
/// An attempt's share of the time, so that a cause that is known early ends it early. After the
/// grace each one gets twice as much: an answer that is slow to come is waited for in the end.
const FIRST: Duration = Duration::from_millis(500);

/// A topic of Kafka's own.
const INTERNAL: &str = "__consumer_offsets";

/// Why an attempt failed.
pub(super) enum Attempt {
    /// It may go better.
    Again(String),
    /// It won't.
    Stop(Error),
}

/// One client's questions.
pub(super) struct Ask<'a, C: rdkafka::ClientContext> {
    pub(super) client: &'a Client<C>,
    pub(super) context: &'a Context,
    pub(super) connection: &'a Connection,
    /// Serves the client's events for some milliseconds, so that `context` hears of them.
    pub(super) serve: &'a dyn Fn(),
    pub(super) within: Duration,
}

impl<C: rdkafka::ClientContext> Ask<'_, C> {
    /// Repeats `attempt`, which gets its share of the time, until it succeeds or can't.
    pub(super) fn insist<T>(
        &self,
        doing: &str,
        mut attempt: impl FnMut(Duration) -> Result<T, Attempt>,
    ) -> Result<T, Error> {
        let begun = Instant::now();
        let mut share = FIRST;
        let mut seen = None;
        if self.context.holds_token() {
            (self.serve)();
        }
        loop {
            let left = self.within.saturating_sub(begun.elapsed());
            let cause = match attempt(share.min(left)) {
                Ok(answer) => {
                    self.context.clear();
                    return Ok(answer);
                }
                Err(Attempt::Stop(error)) => return Err(error),
                Err(Attempt::Again(cause)) => cause,
            };
            (self.serve)();
            let waited = begun.elapsed();
            let all_failed = self.context.all_failed(&self.connection.hosts);
            if self.context.refused() || (all_failed && waited >= GRACE) {
                return Err(self.context.explain(self.connection, waited));
            }
            // librdkafka says nothing of hosts that hang up: they may only be restarting.
            if waited >= GRACE && seen.is_none() && !self.is_connected() {
                let now = look_at(self.connection);
                if let Some(error) = obstructed(&now) {
                    return Err(error);
                }
                seen = Some(now);
            }
            if waited >= self.within {
                return Err(if self.is_connected() && !all_failed {
                    Error::Timeout {
                        doing: doing.to_owned(),
                        waited: self.within,
                        cause: self.context.last().unwrap_or(cause),
                    }
                } else {
                    self.context.explain_with(self.connection, waited, seen)
                });
            }
            if waited >= GRACE {
                share *= 2;
            }
        }
    }

    fn is_connected(&self) -> bool {
        self.client.fetch_cluster_id(Duration::ZERO).is_some()
    }

    /// The cluster's id.
    pub(super) fn cluster_id(&self) -> Result<String, Error> {
        self.insist("tell its cluster id", |share| {
            // That question alone waits for a connection that nobody asks for: librdkafka makes
            // one on its own only after a second. Of this topic it is no matter what the answer
            // is; no broker makes it on demand, and most have it.
            if let Err(error) = self.client.fetch_metadata(Some(INTERNAL), share) {
                return Err(Attempt::Again(words(&error)));
            }
            self.client
                .fetch_cluster_id(share)
                .ok_or_else(|| Attempt::Again("no answer".to_owned()))
        })
    }

    /// The cluster's brokers, and whatever it says of `topic`, or of all that this client may
    /// describe.
    pub(super) fn metadata(&self, topic: Option<&Topic>) -> Result<Metadata, Error> {
        self.insist("describe itself", |share| self.fetch(topic, share))
    }

    /// The topics that are meant: those named, whether they exist or not, or those that match now.
    pub(super) fn resolve(&self, topics: &Topics) -> Result<Vec<Topic>, Error> {
        match topics {
            Topics::Named(named) => Ok(named.clone()),
            Topics::Matching(pattern) => {
                let metadata = self.metadata(None)?;
                let names = metadata.topics().iter().map(MetadataTopic::name);
                let names = names.filter(|name| pattern.matches(name));
                let mut matching: Vec<Topic> = names.filter_map(|name| name.parse().ok()).collect();
                matching.sort_by(|a, b| a.as_str().cmp(b.as_str()));
                Ok(matching)
            }
        }
    }

    /// The partitions of `topic`: each one's id, and the broker that leads it if one does.
    pub(super) fn partitions(&self, topic: &Topic) -> Result<BTreeMap<i32, Option<i32>>, Error> {
        self.insist(&format!("describe topic {topic}"), |share| {
            describe(&self.fetch(Some(topic), share)?, topic)
        })
    }

    fn fetch(&self, topic: Option<&Topic>, share: Duration) -> Result<Metadata, Attempt> {
        self.client
            .fetch_metadata(topic.map(Topic::as_str), share)
            .map_err(|error| Attempt::Again(words(&error)))
    }
}

/// What an answer says of `topic`.
pub(super) fn describe(
    metadata: &Metadata,
    topic: &Topic,
) -> Result<BTreeMap<i32, Option<i32>>, Attempt> {
    let answer = metadata
        .topics()
        .iter()
        .find(|t| t.name() == topic.as_str())
        .ok_or_else(|| Attempt::Again("the answer left the topic out".to_owned()))?;
    if let Some(error) = answer.error() {
        return Err(refusal(error.into(), topic, "describe"));
    }
    Ok(answer
        .partitions()
        .iter()
        .map(|p| (p.id(), (p.leader() >= 0).then(|| p.leader())))
        .collect())
}

/// What a broker's error about a topic means.
fn refusal(code: Code, topic: &Topic, what: &str) -> Attempt {
    match code {
        Code::UnknownTopicOrPartition | Code::UnknownTopic | Code::UnknownPartition => {
            Attempt::Stop(Error::UnknownTopic {
                topic: topic.to_string(),
            })
        }
        code if unauthorized(code) => Attempt::Stop(Error::Unauthorized {
            doing: format!("{what} topic {topic}"),
            cause: code.to_string(),
        }),
        code => Attempt::Again(code.to_string()),
    }
}

/// Which end of a partition.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Low,
    /// The stable offset for a client that reads committed records, else the high watermark.
    High,
}

/// The low or high offsets of `partitions`, all with one request to each broker.
pub(super) fn offsets(
    client: &BaseConsumer<Context>,
    topic: &Topic,
    partitions: &[i32],
    end: End,
    share: Duration,
) -> Result<BTreeMap<i32, i64>, Attempt> {
    // In this call the offset's place holds a time, and these two stand for the ends.
    let which = match end {
        End::Low => Offset::Beginning,
        End::High => Offset::End,
    };
    let mut list = TopicPartitionList::new();
    for &partition in partitions {
        list.add_partition_offset(topic.as_str(), partition, which)
            .map_err(|error| Attempt::Stop(Error::call("ask for offsets", &error)))?;
    }
    if list.count() == 0 {
        return Ok(BTreeMap::new());
    }
    let refused = |error: &KafkaError| match error.rdkafka_error_code() {
        Some(code) => refusal(code, topic, "read the offsets of"),
        None => Attempt::Again(words(error)),
    };
    let answer = client
        .offsets_for_times(list, share)
        .map_err(|error| refused(&error))?;
    answer
        .elements()
        .iter()
        .map(|element| {
            element.error().map_err(|error| refused(&error))?;
            match element.offset() {
                Offset::Offset(offset) => Ok((element.partition(), offset)),
                other => Err(Attempt::Again(format!(
                    "partition {} answered {other:?}",
                    element.partition()
                ))),
            }
        })
        .collect()
}

/// Lets librdkafka's events through to the context, for clients that read nothing.
pub(super) fn serve(client: &BaseConsumer<Context>) {
    while client.poll(Duration::from_millis(10)).is_some() {}
}
