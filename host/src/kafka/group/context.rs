//! What the group decides, as librdkafka's callbacks hear of it.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rdkafka::{
    ClientContext, Offset, TopicPartitionList,
    client::OAuthToken,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext},
    error::KafkaError,
    metadata::MetadataTopic,
    types::RDKafkaRespErr,
};

use super::{super::trouble::Context, Key};
use crate::{
    config::Connection,
    kafka::Error,
    model::{Intent, Offsets, Start, Watermarks},
};

/// How long the group's coordinator, or a leader, may take to answer within a rebalance.
const ANSWER: Duration = Duration::from_secs(10);

/// Says where the partitions of a topic are read from: given what the broker has of each, and the
/// offsets that the group has committed, if any.
pub type Planner =
    Box<dyn Fn(&str, &BTreeMap<i32, Watermarks>, Option<&Offsets>) -> Vec<Start> + Send + Sync>;

/// A partition that this member has been given.
pub(super) struct Assigned {
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) from: i64,
    /// The batch that another member, or this one, began there and did not settle.
    pub(super) intent: Option<Intent>,
}

pub(super) enum Change {
    /// All partitions are somebody else's from now on.
    Revoked,
    Assigned(Vec<Assigned>),
    Failed(Error),
}

pub(super) struct GroupContext {
    pub(super) context: Context,
    plan: Planner,
    changes: Mutex<Vec<Change>>,
    /// Counts assignments.
    epoch: AtomicU64,
    /// What is dealt with and not committed.
    settled: Mutex<BTreeMap<Key, i64>>,
    /// Nobody takes records now: what is assigned is paused.
    pub(super) resting: AtomicBool,
}

impl GroupContext {
    pub(super) fn of(connection: &Connection, plan: Planner) -> Result<Self, Error> {
        Ok(Self {
            context: Context::of(connection)?,
            plan,
            changes: Mutex::default(),
            epoch: AtomicU64::new(0),
            settled: Mutex::default(),
            resting: AtomicBool::new(false),
        })
    }

    /// What has changed since the last call.
    pub(super) fn changes(&self) -> Vec<Change> {
        std::mem::take(&mut *lock(&self.changes))
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    pub(super) fn settle(&self, key: Key, offset: i64) {
        lock(&self.settled).insert(key, offset);
    }

    pub(super) fn settled(&self) -> BTreeMap<Key, i64> {
        lock(&self.settled).clone()
    }

    /// Forgets what is committed, unless more has been settled since.
    pub(super) fn committed(&self, done: &BTreeMap<Key, i64>) {
        lock(&self.settled).retain(|key, offset| done.get(key) != Some(offset));
    }

    fn change(&self, change: Change) {
        lock(&self.changes).push(change);
    }

    /// Where each partition of `list` is read from.
    fn plan(
        &self,
        client: &BaseConsumer<Self>,
        list: &TopicPartitionList,
    ) -> Result<Vec<Assigned>, KafkaError> {
        let mut topics: BTreeMap<String, Vec<i32>> = BTreeMap::new();
        for element in list.elements() {
            let partitions = topics.entry(element.topic().to_owned()).or_default();
            partitions.push(element.partition());
        }
        let mut assigned = Vec::new();
        for (topic, mine) in topics {
            // Of all partitions: one without a commit is new if others have one.
            let metadata = client.fetch_metadata(Some(&topic), ANSWER)?;
            let mut all = TopicPartitionList::new();
            for partition in metadata.topics().iter().flat_map(MetadataTopic::partitions) {
                all.add_partition(&topic, partition.id());
            }
            let committed = client.committed_offsets(all, ANSWER)?;
            let (mut saved, mut intents) = (Offsets::new(), BTreeMap::new());
            for element in committed.elements() {
                if let Offset::Offset(offset) = element.offset() {
                    saved.insert(element.partition(), offset);
                    let intent = intent(&topic, element.partition(), offset, element.metadata());
                    intents.extend(intent.map(|intent| (element.partition(), intent)));
                }
            }
            let mut view = BTreeMap::new();
            for element in committed.elements() {
                let id = element.partition();
                let (low, high) = client.fetch_watermarks(&topic, id, ANSWER)?;
                let marks = Watermarks {
                    low,
                    stable: high,
                    // An offset within an open transaction is beyond the stable one.
                    high: saved.get(&id).map_or(high, |_| i64::MAX),
                };
                view.insert(id, marks);
            }
            let saved = (!saved.is_empty()).then_some(&saved);
            let starts = (self.plan)(&topic, &view, saved);
            for start in starts
                .iter()
                .filter(|start| mine.contains(&start.partition))
            {
                let intent = intents
                    .remove(&start.partition)
                    .filter(|intent| intent.ranges[&start.partition].0 >= start.from);
                assigned.push(Assigned {
                    topic: topic.clone(),
                    partition: start.partition,
                    from: start.from,
                    intent,
                });
            }
        }
        Ok(assigned)
    }

    fn assign(&self, client: &BaseConsumer<Self>, list: &TopicPartitionList) {
        let assigned = self.plan(client, list).and_then(|assigned| {
            let mut list = TopicPartitionList::new();
            for start in &assigned {
                list.add_partition_offset(
                    &start.topic,
                    start.partition,
                    Offset::Offset(start.from),
                )?;
            }
            client.assign(&list)?;
            if self.resting.load(Ordering::SeqCst) {
                client.pause(&list)?;
            }
            // So that a restart before the first batch begins here, too.
            let fresh = client.commit(&list_without_intents(&assigned)?, CommitMode::Async);
            if let Err(error) = fresh {
                tracing::debug!("where reading begins was not committed: {error}");
            }
            Ok(assigned)
        });
        self.change(match assigned {
            Ok(assigned) => Change::Assigned(assigned),
            Err(error) => {
                // The group goes on only when it is told of an assignment.
                let _ = client.assign(&TopicPartitionList::new());
                Change::Failed(Error::call("begin reading in the group".to_owned(), &error))
            }
        });
    }

    fn revoke(&self, client: &BaseConsumer<Self>) {
        let settled = std::mem::take(&mut *lock(&self.settled));
        let mut list = TopicPartitionList::new();
        for ((topic, partition), offset) in settled {
            let _ = list.add_partition_offset(&topic, partition, Offset::Offset(offset));
        }
        if list.count() > 0
            && let Err(error) = client.commit(&list, CommitMode::Sync)
        {
            tracing::debug!("settled offsets go to the next member as intents: {error}");
        }
        let _ = client.unassign();
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.change(Change::Revoked);
    }
}

fn list_without_intents(assigned: &[Assigned]) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::new();
    for start in assigned.iter().filter(|start| start.intent.is_none()) {
        list.add_partition_offset(&start.topic, start.partition, Offset::Offset(start.from))?;
    }
    Ok(list)
}

/// The intent in a committed offset's metadata. What another program put there is none.
fn intent(topic: &str, partition: i32, offset: i64, metadata: &str) -> Option<Intent> {
    if metadata.is_empty() {
        return None;
    }
    let intent: Option<Intent> = serde_json::from_str(metadata).ok();
    let usable = intent.filter(|intent: &Intent| {
        intent.topic == topic
            && intent.fault().is_none()
            && intent.ranges.len() == 1
            && intent
                .ranges
                .get(&partition)
                .is_some_and(|(first, _)| *first == offset)
    });
    if usable.is_none() {
        tracing::warn!(
            "topic {topic} partition {partition}: the metadata of the committed offset is not \
             this product's, and passed over"
        );
    }
    usable
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ClientContext for GroupContext {
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

impl ConsumerContext for GroupContext {
    fn rebalance(
        &self,
        client: &BaseConsumer<Self>,
        code: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        match code {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assign(client, list),
            _ => self.revoke(client),
        }
    }
}
