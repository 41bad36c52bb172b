//! Reading a topic: explicit offsets in, bounded batches out.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::{Deadline, Error, ask, reading::Reading, settings, trouble::Context};
use crate::{
    config::{BatchLimits, Connection, Topic},
    model::{Batch, Offsets, Start},
};
use judge::{Judgement, judge};
use poll::{Poll, assign, position};

pub(super) mod judge;
mod poll;
mod view;
mod wait;

pub use view::TopicView;

/// How long a poll that has records to read waits for the next one before it gives up.
const STANDSTILL: Duration = Duration::from_secs(30);
/// How often a poll that waits looks at its stop flag.
const LOOK: Duration = Duration::from_millis(100);
/// Records between two looks at the clock while records are at hand.
const CLOCK_EVERY: u32 = 256;

/// Reads one topic at a time. Nothing is committed: whoever reads keeps the offsets.
pub struct Consumer {
    client: BaseConsumer<Context>,
    connection: Connection,
    limits: BatchLimits,
    cluster_id: String,
    stop: Arc<AtomicBool>,
    within: Duration,
    standstill: Duration,
    poll: Option<Poll>,
    reached: Option<Offsets>,
}

impl Consumer {
    /// Connects to the cluster.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`], or why none of the hosts could be used: authentication at once,
    /// failed connections within seconds, silence within 20 s.
    pub fn connect(connection: &Connection, limits: BatchLimits) -> Result<Self, Error> {
        Self::connect_within(connection, limits, ask::PATIENCE)
    }

    /// [`Consumer::connect`] with another time than 20 s for this and each later question.
    ///
    /// # Errors
    ///
    /// As [`Consumer::connect`].
    pub fn connect_within(
        connection: &Connection,
        limits: BatchLimits,
        within: Duration,
    ) -> Result<Self, Error> {
        let client: BaseConsumer<Context> = settings::consumer(connection)
            .create_with_context(Context::of(connection)?)
            .map_err(|error| Error::settings(&error))?;
        let mut consumer = Self {
            client,
            connection: connection.clone(),
            limits,
            cluster_id: String::new(),
            stop: Arc::default(),
            within,
            standstill: STANDSTILL,
            poll: None,
            reached: None,
        };
        let serve = || ask::serve(&consumer.client);
        let id = consumer.ask(&serve).cluster_id()?;
        consumer.cluster_id = id;
        Ok(consumer)
    }

    /// Ends the poll after the present batch when `flag` becomes true.
    #[must_use]
    pub fn stop_when(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop = flag;
        self
    }

    /// How long a poll waits without progress for brokers that are gone (30 s otherwise).
    #[must_use]
    pub fn standstill(mut self, limit: Duration) -> Self {
        self.standstill = limit;
        self
    }

    #[must_use]
    pub fn cluster_id(&self) -> &str {
        &self.cluster_id
    }

    /// Begins a poll of `topic`: all of `starts` side by side.
    ///
    /// # Errors
    ///
    /// [`Error::Client`] when librdkafka refuses.
    pub fn assign(&mut self, topic: &Topic, starts: &[Start]) -> Result<(), Error> {
        self.begin(topic, Reading::up_to(starts), VecDeque::new(), None)
    }

    /// Begins a poll of the first `limit` records of `starts`, one partition after the other: a
    /// topic that doesn't change gives the same records every time.
    ///
    /// # Errors
    ///
    /// [`Error::Client`] when librdkafka refuses.
    pub fn assign_in_order(
        &mut self,
        topic: &Topic,
        starts: &[Start],
        limit: usize,
    ) -> Result<(), Error> {
        let mut starts: Vec<Start> = starts.to_vec();
        starts.sort_by_key(|start| start.partition);
        self.begin(topic, Reading::default(), starts.into(), Some(limit))
    }

    fn begin(
        &mut self,
        topic: &Topic,
        reading: Reading,
        later: VecDeque<Start>,
        limit: Option<usize>,
    ) -> Result<(), Error> {
        assign(&self.client, topic, &reading)?;
        self.client.context().clear();
        self.reached = None;
        self.poll = Some(Poll {
            topic: topic.clone(),
            reading,
            later,
            in_order: limit.is_some(),
            left: limit.unwrap_or(usize::MAX),
            held: None,
            last: (0, 0),
            failed: None,
            delivered: false,
        });
        Ok(())
    }

    /// The next records, never none; `None` when the poll is over. A batch is closed by the
    /// first of: its limits, `until`, the end of what there is to read.
    ///
    /// Memory is bounded by the batch, librdkafka's queue (16 MiB and a fetch) and the largest
    /// record, whatever the topic holds. A poll with records to read gives at least one batch
    /// even if `until` is too short for the first fetch, so that no time-out is too short to
    /// get on.
    ///
    /// # Errors
    ///
    /// Lost brokers are waited for; [`Error::Unavailable`] after 30 s without progress. The
    /// rest ends the poll at once. Batches given out before stay valid.
    pub fn next_batch(&mut self, until: Deadline) -> Result<Option<Batch>, Error> {
        let Some(poll) = &mut self.poll else {
            return Ok(None);
        };
        if let Some(error) = poll.failed.take() {
            self.poll = None;
            return Err(error);
        }
        let stopped = self.stop.load(Ordering::Relaxed);
        if stopped || (poll.delivered && until.is_past(Instant::now())) {
            self.reached = poll.reached();
            self.poll = None;
            return Ok(None);
        }
        let mut batch = poll.held.take().unwrap_or_else(|| poll.batch());
        if let Err(error) = self.fill(&mut batch, until) {
            if batch.is_empty() {
                self.poll = None;
                return Err(error);
            }
            if let Some(poll) = &mut self.poll {
                poll.failed = Some(error);
            }
        }
        if batch.is_empty() {
            self.reached = self.poll.take().and_then(|poll| poll.reached());
            return Ok(None);
        }
        if let Some(poll) = &mut self.poll {
            poll.delivered = true;
            poll.last = (batch.len(), batch.bytes());
        }
        Ok(Some(batch))
    }

    /// All records of `starts`, as one batch whatever its size and however long it takes; `None`
    /// when there are none, or the stop flag was set. Ends a poll that was begun before.
    ///
    /// # Errors
    ///
    /// As [`Consumer::next_batch`].
    pub fn whole_batch(&mut self, topic: &Topic, starts: &[Start]) -> Result<Option<Batch>, Error> {
        let limits = std::mem::replace(&mut self.limits, BatchLimits::UNLIMITED);
        let read = self.assign(topic, starts).and_then(|()| {
            let mut batch = Batch::new(topic.as_str());
            self.fill(&mut batch, Deadline::caught_up())?;
            Ok(batch)
        });
        self.limits = limits;
        self.poll = None;
        let read = read?;
        let whole = !read.is_empty() && !self.is_stopped();
        Ok(whole.then_some(read))
    }

    /// Whether the stop flag was set.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Where the next poll goes on when the last one, which is over, has read all that it was
    /// begun with: after its last records, and after transaction markers and aborted records
    /// behind these, which no batch tells of. Of a poll in order only for its last partition.
    #[must_use]
    pub fn reached(&self) -> Option<&Offsets> {
        self.reached.as_ref()
    }

    /// Adds records to `batch` until something closes it.
    fn fill(&mut self, batch: &mut Batch, until: Deadline) -> Result<(), Error> {
        let Some(poll) = &mut self.poll else {
            return Ok(());
        };
        let (client, context) = (&self.client, self.client.context());
        let mut now = Instant::now();
        let mut progress = now;
        let mut ticks = 0_u32;
        let mut troubled = false;
        loop {
            let full = batch.len() >= self.limits.max_messages
                || batch.bytes() >= self.limits.max_bytes
                || (poll.left == 0 && poll.in_order);
            if full || self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let expired = until.is_past(now);
            if expired && poll.delivered {
                return Ok(());
            }
            if poll.reading.is_over() {
                if !poll.go_on(client)? {
                    return Ok(());
                }
                continue;
            }
            let mut arrived = client.poll(Duration::ZERO);
            if arrived.is_none() {
                if expired && !batch.is_empty() {
                    return Ok(());
                }
                let wait = if expired { LOOK } else { until.cap(now, LOOK) };
                arrived = client.poll(wait);
                now = Instant::now();
            }
            match arrived {
                Some(Ok(message)) => {
                    ticks += 1;
                    if ticks.is_multiple_of(CLOCK_EVERY) {
                        now = Instant::now();
                    }
                    progress = now;
                    if poll.take(client, &message, batch, self.limits.max_bytes) {
                        return Ok(());
                    }
                }
                Some(Err(error)) => match judge(&error, &poll.topic, context) {
                    Judgement::End(partition) => {
                        let passed = position(client, &poll.topic, partition);
                        poll.reading.end_of(partition, passed);
                        progress = now;
                    }
                    Judgement::Wait => {
                        troubled = true;
                        continue;
                    }
                    Judgement::Fail(error) => return Err(error),
                    Judgement::Refused => {
                        let waited = now - progress;
                        return Err(context.explain(&self.connection, waited));
                    }
                },
                None if now - progress >= self.standstill => {
                    return Err(Error::Unavailable {
                        waited: self.standstill,
                        cause: context.last().unwrap_or_else(|| "no answer".to_owned()),
                    });
                }
                None => continue,
            }
            if troubled {
                troubled = false;
                context.clear();
            }
        }
    }
}
