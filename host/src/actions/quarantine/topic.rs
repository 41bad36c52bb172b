//! Reading a dead-letter topic.

use std::sync::{Arc, atomic::AtomicBool};

use super::letters::Letter;
use crate::{
    actions::{Class, Failure, on_poll::remark, state::State},
    config::{Config, Topic},
    kafka::{Consumer, Deadline, Error, unwrap},
    model::{Batch, Offsets, Position, Start},
    pipeline::plan::{self, Lost},
};

/// How much of a dead-letter topic is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// What was not brought back yet, as far as the state knows.
    Left,
    All,
}

/// What a dead-letter topic had when it was opened, however often it is read.
pub(super) struct TopicReader {
    consumer: Consumer,
    topic: Topic,
    /// What tells it from one that is made anew under its name.
    id: Option<String>,
    starts: Vec<Start>,
    batch: Batch,
    /// The record of the batch that is next.
    at: usize,
    /// Records that are no dead letters: how many, and what the first lacks.
    foreign: (u64, Option<String>),
    lost: u64,
}

impl TopicReader {
    /// `None` when the topic is not there: nothing was ever put into it.
    pub(super) fn open(
        topic: &Topic,
        config: &Config,
        state: Option<&State>,
        reach: Reach,
        stop: Arc<AtomicBool>,
    ) -> Result<Option<Self>, Failure> {
        let consumer = Consumer::connect(&config.connection, config.batch)?.stop_when(stop);
        if let Some(state) = state {
            // Whoever saves the state adopts it there; here it is only held against.
            state.clone().adopt_cluster(consumer.cluster_id())?;
        }
        let saved = state.filter(|_| reach == Reach::Left);
        let mut replayed = saved.and_then(|state| state.replayed(topic));
        let view = match consumer.topic(topic, replayed) {
            Ok(view) => view,
            Err(Error::UnknownTopic { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let id = saved.and_then(|_| consumer.topic_id(topic));
        if let (Some(known), Some(id)) = (saved.and_then(|s| s.topic_id(topic)), &id)
            && known != id
        {
            tracing::warn!("topic {topic} was deleted and made anew: all of it is new");
            replayed = None;
        }
        let plan = plan::scheduled(&view.partitions, replayed, true);
        remark(&plan, topic);
        let lost = plan.lost.iter().map(Lost::count).sum();
        let mut reader = Self {
            consumer,
            topic: topic.clone(),
            id,
            starts: plan.starts,
            batch: Batch::new(topic.as_str()),
            at: 0,
            foreign: (0, None),
            lost,
        };
        reader.rewind()?;
        Ok(Some(reader))
    }

    pub(super) fn cluster_id(&self) -> &str {
        self.consumer.cluster_id()
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Where it is read from.
    pub(super) fn starts(&self) -> Offsets {
        let starts = self.starts.iter();
        starts.map(|start| (start.partition, start.from)).collect()
    }

    /// Offsets that retention deleted before they were brought back.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    pub(super) fn rewind(&mut self) -> Result<(), Failure> {
        self.batch = Batch::new(self.topic.as_str());
        self.at = 0;
        self.foreign = (0, None);
        Ok(self.consumer.assign(&self.topic, &self.starts)?)
    }

    pub(super) fn next(&mut self) -> Result<Option<Letter>, Failure> {
        loop {
            if self.at >= self.batch.len() {
                let Some(batch) = self.consumer.next_batch(Deadline::caught_up())? else {
                    return Ok(None);
                };
                self.batch = batch;
                self.at = 0;
            }
            let record = self.batch.record(self.at);
            self.at += 1;
            match unwrap(&record) {
                Ok(message) => {
                    let place = record.position;
                    return Ok(Some(Letter { place, message }));
                }
                Err(lacks) => {
                    let Position { partition, offset } = record.position;
                    self.foreign.0 += 1;
                    self.foreign.1.get_or_insert_with(|| {
                        format!("{}/{partition}@{offset}: {lacks}", self.topic)
                    });
                }
            }
        }
    }

    /// Says, after all of it was read, what was no dead letter.
    ///
    /// # Errors
    ///
    /// When nothing was one, though something was there.
    pub(super) fn judge(&self, letters: u64) -> Result<(), Failure> {
        let (count, Some(first)) = &self.foreign else {
            return Ok(());
        };
        let topic = &self.topic;
        if letters == 0 {
            return Err(Failure::new(
                Class::Config,
                format!(
                    "topic {topic} is no dead-letter topic: none of its {count} record(s) is a \
                     message in quarantine. The first, {first}"
                ),
            )
            .hint("name the topic that polls put messages into: dead_letter_topic"));
        }
        tracing::warn!(
            "topic {topic}: {count} record(s) are no messages in quarantine and are left alone. \
             The first, {first}"
        );
        Ok(())
    }
}
