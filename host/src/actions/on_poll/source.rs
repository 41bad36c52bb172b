//! The pipeline's source: batches of one topic after the other from the consumer, offsets into
//! the state.

use std::{
    cell::Cell,
    collections::{BTreeMap, VecDeque},
    num::NonZeroU64,
    rc::Rc,
    time::Instant,
};

use super::{keeper::Keeper, outcome, turns::Turns};
use crate::{
    actions::Failure,
    config::{Config, Topic},
    kafka::{Consumer, Deadline},
    model::{Batch, Intent, Offsets, Start},
    pipeline::plan,
    ports::{Source, SourceError, Taken},
};

pub(super) struct PollSource<'a> {
    consumer: Consumer,
    keeper: Keeper,
    config: &'a Config,
    until: Deadline,
    readers: Vec<Reader>,
    turns: Turns,
    /// Batches that an earlier poll began and did not settle, by the reader of their topic.
    begun: VecDeque<(usize, Intent)>,
    /// The topic that is being read, and until when.
    present: Option<(usize, Deadline)>,
    taken: bool,
    /// Whether the present batch is one that an earlier poll began.
    again: bool,
    /// Whether something was settled since the state was saved.
    unsaved: bool,
    /// Messages that a poll now may still take.
    limit: Option<usize>,
    lost: Rc<Cell<u64>>,
    behind: Rc<Cell<u64>>,
}

/// One topic and how far it has got.
struct Reader {
    topic: Topic,
    /// By partition: next offset to settle, and where the topic ended when the poll began.
    ahead: BTreeMap<i32, (i64, i64)>,
}

impl Reader {
    fn new(topic: &Topic, starts: &[Start]) -> Self {
        let ahead = starts.iter();
        Self {
            topic: topic.clone(),
            ahead: ahead
                .map(|start| (start.partition, (start.from, start.end)))
                .collect(),
        }
    }

    fn starts(&self) -> Vec<Start> {
        let start = |(&partition, &(from, end)): (&i32, &(i64, i64))| Start {
            partition,
            from,
            end,
        };
        self.ahead.iter().map(start).collect()
    }

    fn offsets(&self) -> Offsets {
        self.ahead
            .iter()
            .map(|(&partition, &(next, _))| (partition, next))
            .collect()
    }
}

impl<'a> PollSource<'a> {
    /// Plans a scheduled poll of `topics`, and saves where it starts even if nothing is read: a
    /// first poll that starts at the end of an idle topic must leave a trace, or the next one
    /// would start over.
    pub(super) fn scheduled(
        consumer: Consumer,
        keeper: Keeper,
        config: &'a Config,
        topics: &[Topic],
    ) -> Result<Self, Failure> {
        let mut source = Self::new(consumer, keeper, config, None);
        let mut readers = Vec::new();
        for topic in topics {
            let saved = source.keeper.offsets(topic)?;
            readers.push(source.plan(topic, saved.as_ref())?);
        }
        source.keeper.save()?;
        source.read(readers);
        let begun = source.readers.iter().enumerate();
        source.begun = begun
            .filter_map(|(index, reader)| Some((index, source.keeper.intent(&reader.topic)?)))
            .collect();
        Ok(source)
    }

    /// Plans a poll now: the first `limit` messages, of one topic after the other.
    pub(super) fn now(
        consumer: Consumer,
        config: &'a Config,
        topics: &[Topic],
        limit: NonZeroU64,
    ) -> Result<Self, Failure> {
        let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
        let mut source = Self::new(consumer, Keeper::forgetful(), config, Some(limit));
        let mut readers = Vec::new();
        for topic in topics {
            let view = source.consumer.topic(topic, None)?;
            readers.push(Reader::new(topic, &plan::poll_now(&view.partitions)));
        }
        source.read(readers);
        Ok(source)
    }

    fn new(consumer: Consumer, keeper: Keeper, config: &'a Config, limit: Option<usize>) -> Self {
        Self {
            consumer,
            keeper,
            config,
            until: Deadline::after(config.timeout),
            readers: Vec::new(),
            turns: Turns::new(0),
            begun: VecDeque::new(),
            present: None,
            taken: false,
            again: false,
            unsaved: false,
            limit,
            lost: Rc::default(),
            behind: Rc::default(),
        }
    }

    fn read(&mut self, readers: Vec<Reader>) {
        self.turns = Turns::new(readers.len());
        self.readers = readers;
        self.measure();
    }

    /// Where a topic goes on, given what was read of it.
    fn plan(&mut self, topic: &Topic, read: Option<&Offsets>) -> Result<Reader, Failure> {
        let view = self.consumer.topic(topic, read)?;
        let anew = self
            .keeper
            .meets_anew(topic, || self.consumer.topic_id(topic));
        let plan = if anew {
            tracing::warn!(
                "topic {topic} was deleted and made anew since the last poll: it is read from its \
                 beginning"
            );
            plan::scheduled(&view.partitions, None, true)
        } else {
            let beginning = self.config.read_from_beginning || self.keeper.expects_new_topics();
            plan::scheduled(&view.partitions, read, beginning)
        };
        outcome::remark(&plan, topic);
        if let Some(intent) = self.keeper.intent(topic)
            && (anew || !plan.has(&intent))
        {
            tracing::warn!(
                "topic {topic}: the messages of an interrupted batch are no longer there, so it \
                 can't be finished"
            );
            self.keeper.drop_intent(topic);
        }
        let lost: u64 = plan.lost.iter().map(plan::Lost::count).sum();
        self.lost.set(self.lost.get() + lost);
        self.keeper.begin(topic, &plan.offsets());
        Ok(Reader::new(topic, &plan.starts))
    }

    /// Offsets between what is settled and the ends of the topics as the poll found them. Kept
    /// up to date while the pipeline owns the source.
    pub(super) fn behind(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.behind)
    }

    /// Offsets that retention deleted before they were read.
    pub(super) fn lost(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.lost)
    }

    fn measure(&self) {
        let ahead = self.readers.iter().flat_map(|reader| reader.ahead.values());
        let behind = ahead
            .map(|(next, end)| u64::try_from(end - next).unwrap_or(0))
            .sum();
        self.behind.set(behind);
    }

    /// The next batch that an earlier poll began, formed again.
    fn again(&mut self) -> Result<Option<Taken>, SourceError> {
        let Some((index, intent)) = self.begun.pop_front() else {
            return Ok(None);
        };
        let start = |(&partition, &(from, end)): (&i32, &(i64, i64))| Start {
            partition,
            from,
            end,
        };
        let starts: Vec<Start> = intent.ranges.iter().map(start).collect();
        let topic = &self.readers[index].topic;
        let batch = self
            .consumer
            .whole_batch(topic, &starts)
            .map_err(|e| unread(e.into()))?;
        self.present = Some((index, self.until));
        self.again = true;
        let Some(batch) = batch else {
            return Ok(None);
        };
        tracing::info!(
            "topic {topic}: going on with a batch of {} messages that an earlier poll began",
            batch.len()
        );
        self.taken = true;
        Ok(Some(Taken {
            batch,
            intent: Some(intent),
        }))
    }

    fn batch(&mut self) -> Result<Option<Batch>, SourceError> {
        loop {
            if let Some((index, until)) = self.present {
                let batch = self.consumer.next_batch(until);
                if let Some(batch) = batch.map_err(|e| unread(e.into()))? {
                    self.taken = true;
                    if let Some(limit) = &mut self.limit {
                        *limit -= batch.len();
                    }
                    return Ok(Some(batch));
                }
                self.present = None;
                if self.consumer.is_stopped() {
                    return Ok(None);
                }
                let reached = self.consumer.reached().cloned();
                if reached.is_some() || self.limit.is_some() {
                    self.turns.done(index);
                }
                if let Some(reached) = reached {
                    self.pass(index, &reached);
                }
            }
            if !self.turn().map_err(unread)? && !self.wait().map_err(unread)? {
                return Ok(None);
            }
        }
    }

    /// Settles what is behind a topic's last record. It would else count as left to read, and one
    /// day as lost to retention.
    fn pass(&mut self, index: usize, reached: &Offsets) {
        let ahead = &self.readers[index].ahead;
        let further = |(partition, offset): (&i32, &i64)| {
            ahead.get(partition).is_some_and(|(next, _)| next < offset)
        };
        if reached.iter().any(further) {
            self.settle_of(index, reached);
        }
    }

    fn settle_of(&mut self, index: usize, next: &Offsets) {
        let reader = &mut self.readers[index];
        self.keeper.advance(&reader.topic, next);
        self.unsaved = true;
        for (partition, offset) in next {
            if let Some((settled, _)) = reader.ahead.get_mut(partition) {
                *settled = *offset;
            }
        }
        self.measure();
    }

    fn save(&mut self) -> Result<(), SourceError> {
        self.keeper
            .save()
            .map_err(|e| SourceError::Settle(e.to_string()))?;
        self.unsaved = false;
        Ok(())
    }

    /// Begins to read the next topic; false if there is none to be read now.
    fn turn(&mut self) -> Result<bool, Failure> {
        let time_is_up = self.until.is_past(Instant::now());
        let Some((index, left)) = self.turns.next(time_is_up) else {
            return Ok(false);
        };
        let reader = &self.readers[index];
        let starts = reader.starts();
        match self.limit {
            Some(0) => return Ok(false),
            Some(limit) => self
                .consumer
                .assign_in_order(&reader.topic, &starts, limit)?,
            None => self.consumer.assign(&reader.topic, &starts)?,
        }
        // In order they are read whole, one after the other.
        let count = if self.limit.is_some() { 1 } else { left };
        self.present = Some((index, self.until.share(count)));
        Ok(true)
    }

    /// A scheduled poll that had nothing to read waits for a first message; false if none came.
    fn wait(&mut self) -> Result<bool, Failure> {
        if self.taken || self.limit.is_some() || !self.until.waits() {
            return Ok(false);
        }
        let topics: Vec<(Topic, Vec<Start>)> = self
            .readers
            .iter()
            .map(|reader| (reader.topic.clone(), reader.starts()))
            .collect();
        if !self.consumer.wait(&topics, self.until)? {
            return Ok(false);
        }
        // Once: a message that is not to be had after all is no reason to go round and round.
        self.taken = true;
        let before = std::mem::take(&mut self.readers);
        let mut readers = Vec::new();
        for reader in &before {
            readers.push(self.plan(&reader.topic, Some(&reader.offsets()))?);
        }
        self.read(readers);
        Ok(true)
    }
}

impl Source for PollSource<'_> {
    fn next(&mut self) -> Result<Option<Taken>, SourceError> {
        while !self.begun.is_empty() {
            if let Some(taken) = self.again()? {
                return Ok(Some(taken));
            }
            if self.consumer.is_stopped() {
                return Ok(None);
            }
            // None of its records is left: nothing to finish.
            if let Some((index, _)) = self.present {
                let topic = self.readers[index].topic.clone();
                self.keeper.drop_intent(&topic);
                self.unsaved = true;
            }
        }
        if self.again {
            self.again = false;
            self.present = None;
        }
        Ok(self.batch()?.map(|batch| Taken {
            batch,
            intent: None,
        }))
    }

    fn intend(&mut self, intent: &Intent) -> Result<(), SourceError> {
        self.keeper.intend(intent);
        self.save()
    }

    fn settle(&mut self, next: &Offsets) {
        if let Some((index, _)) = self.present {
            self.settle_of(index, next);
        }
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        if self.unsaved { self.save() } else { Ok(()) }
    }
}

pub(in crate::actions) fn unread(failure: Failure) -> SourceError {
    SourceError::Read {
        hint: failure.hint.unwrap_or_default(),
        message: failure.message,
    }
}
