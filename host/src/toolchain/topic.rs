//! Messages of a live topic. It is only read: no group, no offsets kept, nothing written.

use std::sync::{Arc, atomic::AtomicBool};

use crate::{
    actions::Failure,
    config::{BatchLimits, Config, Topic},
    kafka::{Consumer, Deadline},
    model::Batch,
    pipeline::plan,
};

/// The first messages of an asset's topics, one topic after the other.
pub struct TopicMessages {
    consumer: Consumer,
    /// Still to be read.
    topics: std::vec::IntoIter<Topic>,
    reading: bool,
    /// Messages that may still be taken.
    left: usize,
}

impl TopicMessages {
    /// Connects. `batch` is the most messages of a batch, `limit` the most of all; `stop` ends it
    /// early.
    ///
    /// # Errors
    ///
    /// A Kafka failure when the cluster can't be used, or a topic isn't there.
    pub fn connect(
        config: &Config,
        batch: usize,
        limit: usize,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, Failure> {
        let limits = BatchLimits {
            max_messages: batch,
            ..config.batch
        };
        let consumer = Consumer::connect(&config.connection, limits)?.stop_when(stop);
        let topics = consumer.resolve(&config.topics)?;
        Ok(Self {
            consumer,
            topics: topics.into_iter(),
            reading: false,
            left: limit,
        })
    }

    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, Failure> {
        while self.left > 0 && !self.consumer.is_stopped() {
            if self.reading {
                if let Some(batch) = self.consumer.next_batch(Deadline::caught_up())? {
                    self.left -= batch.len().min(self.left);
                    return Ok(Some(batch));
                }
                self.reading = false;
            }
            let Some(topic) = self.topics.next() else {
                break;
            };
            let view = self.consumer.topic(&topic, None)?;
            let starts = plan::poll_now(&view.partitions);
            self.consumer.assign_in_order(&topic, &starts, self.left)?;
            self.reading = true;
        }
        Ok(None)
    }
}
