//! Reading topics as a member of a consumer group: the group keeps the offsets, and with each one
//! what is about to be made of the batch that begins there.
//!
//! A batch is of one partition, so that whoever is given the partition next finds all that it needs
//! to form the same batch again. The commit of an intent has the batch's first offset, and the
//! intent as the offset's metadata; settling is committed along with the next intent, or when there
//! is nothing to do.

mod context;
mod partition;
mod pulse;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    error::{KafkaError, RDKafkaErrorCode as Code},
    message::BorrowedMessage,
};

pub use context::Planner;

use self::{
    context::{Change, GroupContext},
    partition::Partition,
    pulse::Pulse,
};
use super::{
    Error,
    ask::{self, Ask},
    consumer::judge::{Judgement, judge},
    headers, settings,
};
use crate::{
    config::{BatchLimits, Connection, ConsumerGroup, Topic, Topics},
    model::{Intent, NO_TIMESTAMP, Offsets, Position, Record},
    ports::{Source, SourceError, Taken},
};

/// How often the stop flag is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How often topics are looked for that match a pattern.
const LOOK_FOR_TOPICS: Duration = Duration::from_mins(1);
/// How often it is said that there are no brokers.
const WARN_EVERY: Duration = Duration::from_secs(30);
/// How long it takes to join again after an assignment that could not be begun.
const REJOIN: Duration = Duration::from_secs(1);

/// What a member reads and how.
#[derive(Debug, Clone)]
pub struct GroupOptions {
    pub group: ConsumerGroup,
    pub topics: Topics,
    pub limits: BatchLimits,
    /// How long a batch waits for more records after its first.
    pub linger: Duration,
}

/// A member of a consumer group.
pub struct Group {
    client: Arc<BaseConsumer<GroupContext>>,
    connection: Connection,
    options: GroupOptions,
    stop: Arc<AtomicBool>,
    subscribed: Vec<Topic>,
    looked: Instant,
    warned: Option<Instant>,
    /// When the last assignment could not be begun.
    failed: Option<Instant>,
    partitions: BTreeMap<Key, Partition>,
    ready: VecDeque<(Key, Taken)>,
    /// Of the batch that was given out last, and the assignment that it belongs to.
    present: Option<(Key, u64)>,
    /// After the client: when both are gone the group has been left.
    pulse: Pulse,
}

/// Topic and partition.
type Key = (String, i32);

impl Group {
    /// Joins the group. `plan` says where partitions are read from.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`], why none of the hosts could be used, or a topic that isn't there.
    pub fn join(
        connection: &Connection,
        options: GroupOptions,
        plan: Planner,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, Error> {
        let context = GroupContext::of(connection, plan)?;
        let client: BaseConsumer<GroupContext> = settings::group_member(connection, &options.group)
            .create_with_context(context)
            .map_err(|error| Error::settings(&error))?;
        let client = Arc::new(client);
        let mut group = Self {
            pulse: Pulse::start(&client),
            client,
            connection: connection.clone(),
            options,
            stop,
            subscribed: Vec::new(),
            looked: Instant::now(),
            warned: None,
            failed: None,
            partitions: BTreeMap::new(),
            ready: VecDeque::new(),
            present: None,
        };
        group.subscribe()?;
        Ok(group)
    }

    /// The cluster's id.
    ///
    /// # Errors
    ///
    /// Why the cluster doesn't answer.
    pub fn cluster_id(&self) -> Result<String, Error> {
        #[expect(
            clippy::redundant_closure_for_method_calls,
            reason = "a method is not general enough for any lifetime"
        )]
        self.asking(|ask| ask.cluster_id())
    }

    fn asking<T>(
        &self,
        question: impl FnOnce(&Ask<'_, GroupContext>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let context = &self.client.context().context;
        // Polling would take records; events come to the context's callbacks all the same.
        question(&Ask {
            client: self.client.client(),
            context,
            connection: &self.connection,
            serve: &|| std::thread::sleep(Duration::from_millis(20)),
            within: ask::PATIENCE,
        })
    }

    fn subscribe(&mut self) -> Result<(), Error> {
        self.looked = Instant::now();
        let topics = self.asking(|ask| ask.resolve(&self.options.topics))?;
        if let Topics::Named(names) = &self.options.topics {
            for name in names {
                self.asking(|ask| ask.partitions(name))?;
            }
        }
        if topics == self.subscribed {
            return Ok(());
        }
        let names: Vec<&str> = topics.iter().map(Topic::as_str).collect();
        self.client
            .subscribe(&names)
            .map_err(|error| Error::call("subscribe to the topics".to_owned(), &error))?;
        tracing::info!(
            "group {}: reading {}",
            self.options.group.id,
            names.join(", ")
        );
        self.subscribed = topics;
        Ok(())
    }

    /// Takes note of what the group decided meanwhile.
    fn heed(&mut self) {
        for change in self.client.context().changes() {
            match change {
                Change::Revoked => {
                    self.partitions.clear();
                    self.ready.clear();
                }
                Change::Assigned(starts) => {
                    for start in starts {
                        let key = (start.topic.clone(), start.partition);
                        self.partitions.insert(key, Partition::new(start));
                    }
                }
                Change::Failed(error) => {
                    tracing::warn!("{error}; joining the group again");
                    self.failed = Some(Instant::now());
                }
            }
        }
    }

    /// Joins again where an assignment could not be begun: a leader may have been restarting.
    fn rejoin(&mut self) -> Result<(), Error> {
        if self.failed.is_none_or(|at| at.elapsed() < REJOIN) {
            return Ok(());
        }
        self.failed = None;
        self.client.unsubscribe();
        let names: Vec<&str> = self.subscribed.iter().map(Topic::as_str).collect();
        self.client
            .subscribe(&names)
            .map_err(|error| Error::call("subscribe to the topics".to_owned(), &error))
    }

    fn take(&mut self, message: &BorrowedMessage<'_>) {
        let key = (message.topic().to_owned(), message.partition());
        let limits = self.options.limits;
        let Some(partition) = self.partitions.get_mut(&key) else {
            return;
        };
        let record = Record {
            position: Position {
                partition: message.partition(),
                offset: message.offset(),
            },
            timestamp: message.timestamp().to_millis().unwrap_or(NO_TIMESTAMP),
            key: message.key(),
            value: message.payload(),
            headers: headers::of(message),
        };
        let closed = partition.push(&record, limits);
        self.ready
            .extend(closed.into_iter().map(|taken| (key.clone(), taken)));
        let pending: usize = self.partitions.values().map(Partition::bytes).sum();
        if pending >= limits.max_bytes {
            self.close(|partition| partition.bytes() > 0);
        }
    }

    /// Has batches count as complete.
    fn close(&mut self, which: impl Fn(&Partition) -> bool) {
        for (key, partition) in &mut self.partitions {
            if which(partition) {
                let closed = partition.close();
                self.ready.extend(closed.map(|taken| (key.clone(), taken)));
            }
        }
    }

    fn next_batch(&mut self) -> Result<Option<Taken>, Error> {
        let polling = Arc::clone(&self.pulse.polling);
        let client = Arc::clone(&self.client);
        let _awake = pulse::awake(&polling, &client);
        loop {
            self.heed();
            self.rejoin()?;
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            if let Some((key, taken)) = self.ready.pop_front() {
                if taken.intent.is_some() {
                    tracing::info!(
                        "topic {} partition {}: going on with a batch of {} messages that another \
                         member began",
                        key.0,
                        key.1,
                        taken.batch.len()
                    );
                }
                self.present = Some((key, self.client.context().epoch()));
                return Ok(Some(taken));
            }
            if matches!(self.options.topics, Topics::Matching(_))
                && self.looked.elapsed() >= LOOK_FOR_TOPICS
            {
                self.subscribe()?;
            }
            match client.poll(LOOK.min(self.options.linger)) {
                Some(Ok(message)) => {
                    // A rebalance may have come with the poll that gave it.
                    self.heed();
                    self.take(&message);
                }
                Some(Err(error)) => self.judge(&error)?,
                None => {
                    if self.ready.is_empty() && self.partitions.values().all(Partition::is_empty) {
                        self.commit_settled();
                    }
                }
            }
            let linger = self.options.linger;
            self.close(|partition| partition.is_ripe(linger));
        }
    }

    fn judge(&mut self, error: &KafkaError) -> Result<(), Error> {
        let Some(topic) = self.subscribed.first() else {
            return Ok(());
        };
        if error.rdkafka_error_code() == Some(Code::GroupAuthorizationFailed) {
            return Err(Error::Unauthorized {
                doing: format!("have this client in group {}", self.options.group.id),
                cause: super::error::words(error),
            });
        }
        let context = &self.client.context().context;
        match judge(error, topic, context) {
            Judgement::End(id) => {
                // Of which topic is not told.
                let meant = self.partitions.iter_mut().filter(|(key, _)| key.1 == id);
                meant.for_each(|(_, partition)| partition.at_end());
                Ok(())
            }
            Judgement::Fail(error) => Err(error),
            Judgement::Refused => Err(context.explain(&self.connection, Duration::ZERO)),
            // A service waits for brokers as long as it takes.
            Judgement::Wait => {
                if self.warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
                    let cause = context.last().unwrap_or_else(|| super::error::words(error));
                    tracing::warn!("waiting for Kafka: {cause}");
                    self.warned = Some(Instant::now());
                }
                Ok(())
            }
        }
    }

    /// Commits what is settled, while there is nothing better to do. What fails is committed later.
    fn commit_settled(&self) {
        let context = self.client.context();
        let settled = context.settled();
        if settled.is_empty() {
            return;
        }
        match self.commit(&settled, None) {
            Ok(()) => context.committed(&settled),
            Err(error) => tracing::debug!("offsets were not committed yet: {error}"),
        }
    }

    fn commit(
        &self,
        settled: &BTreeMap<Key, i64>,
        intent: Option<(&Key, i64, &str)>,
    ) -> Result<(), KafkaError> {
        let mut list = TopicPartitionList::new();
        for ((topic, partition), offset) in settled {
            list.add_partition_offset(topic, *partition, Offset::Offset(*offset))?;
        }
        if let Some(((topic, partition), offset, metadata)) = intent {
            if list.find_partition(topic, *partition).is_none() {
                list.add_partition(topic, *partition);
            }
            if let Some(mut element) = list.find_partition(topic, *partition) {
                element.set_offset(Offset::Offset(offset))?;
                element.set_metadata(metadata);
            }
        }
        self.client.commit(&list, CommitMode::Sync)
    }

    /// The batch that was given out last, if it still is this member's.
    fn own(&self) -> Option<&Key> {
        let (key, epoch) = self.present.as_ref()?;
        (*epoch == self.client.context().epoch()).then_some(key)
    }
}

/// Whether the group has given the partition to another member.
fn is_fenced(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            Code::IllegalGeneration
                | Code::UnknownMemberId
                | Code::RebalanceInProgress
                | Code::FencedInstanceId
                | Code::StaleMemberEpoch
                | Code::AssignmentLost
                | Code::NoOffset
        )
    )
}

impl Source for Group {
    fn next(&mut self) -> Result<Option<Taken>, SourceError> {
        self.next_batch().map_err(|error| SourceError::Read {
            hint: error.remedy().to_owned(),
            message: error.to_string(),
        })
    }

    // No rebalance may come between looking at what is this member's and committing it: brokers
    // don't check whose a partition is, and would let another member's offset be set back.

    fn intend(&mut self, intent: &Intent) -> Result<(), SourceError> {
        let polling = Arc::clone(&self.pulse.polling);
        let _no_rebalance = pulse::lock(&polling);
        let failed = |error: String| SourceError::Settle(error);
        let Some(key) = self.own() else {
            return Err(SourceError::Fenced);
        };
        let first = intent.ranges.get(&key.1).map_or(0, |(first, _)| *first);
        let metadata = serde_json::to_string(intent).map_err(|e| failed(e.to_string()))?;
        let settled = self.client.context().settled();
        match self.commit(&settled, Some((key, first, &metadata))) {
            Ok(()) => {
                self.client.context().committed(&settled);
                Ok(())
            }
            Err(error) if is_fenced(&error) => Err(SourceError::Fenced),
            Err(error) => Err(failed(super::error::words(&error))),
        }
    }

    fn settle(&mut self, next: &Offsets) {
        let polling = Arc::clone(&self.pulse.polling);
        let _no_rebalance = pulse::lock(&polling);
        if let Some(key) = self.own()
            && let Some(&offset) = next.get(&key.1)
        {
            self.client.context().settle(key.clone(), offset);
        }
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        let polling = Arc::clone(&self.pulse.polling);
        let _no_rebalance = pulse::lock(&polling);
        let settled = self.client.context().settled();
        if settled.is_empty() {
            return Ok(());
        }
        match self.commit(&settled, None) {
            Ok(()) => {
                self.client.context().committed(&settled);
                Ok(())
            }
            // Whoever has the partition now finds the intent.
            Err(error) if is_fenced(&error) => Ok(()),
            Err(error) => Err(SourceError::Settle(super::error::words(&error))),
        }
    }
}
