//! One poll: what is read, and how a record gets into a batch.

use std::collections::VecDeque;

use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    message::BorrowedMessage,
};

use super::super::{
    Error, headers,
    reading::{Reading, Verdict},
    trouble::Context,
};
use crate::{
    config::Topic,
    model::{Batch, NO_TIMESTAMP, Offsets, Position, Record, Start},
};

/// What is being read.
pub(super) struct Poll {
    pub(super) topic: Topic,
    pub(super) reading: Reading,
    /// Partitions to read after the present one; only when they are read in order.
    pub(super) later: VecDeque<Start>,
    /// Partitions are read one after the other, up to `left` records.
    pub(super) in_order: bool,
    /// Records that may still be taken.
    pub(super) left: usize,
    /// A record that didn't fit the last batch: the first of the next one.
    pub(super) held: Option<Batch>,
    /// Records and bytes of the last batch: the next one is likely to be like it.
    pub(super) last: (usize, usize),
    /// What ended the poll, to be told after the batch it interrupted.
    pub(super) failed: Option<Error>,
    /// Whether a batch has been given out.
    pub(super) delivered: bool,
}

impl Poll {
    /// An empty batch.
    pub(super) fn batch(&self) -> Batch {
        let (records, bytes) = self.last;
        Batch::with_room(self.topic.as_str(), records, bytes)
    }

    /// What is read was read to its end. Turns to the next partition; false if there is none.
    pub(super) fn go_on(&mut self, client: &BaseConsumer<Context>) -> Result<bool, Error> {
        let Some(start) = self.later.pop_front() else {
            return Ok(false);
        };
        self.reading = Reading::up_to(&[start]);
        assign(client, &self.topic, &self.reading)?;
        Ok(true)
    }

    /// Where the next poll goes on, if everything was read.
    pub(super) fn reached(&self) -> Option<Offsets> {
        let over = self.reading.is_over() && self.later.is_empty() && self.held.is_none();
        over.then(|| self.reading.reached())
    }

    /// Puts a record into `batch` or holds it back; true when that closes the batch.
    pub(super) fn take(
        &mut self,
        client: &BaseConsumer<Context>,
        message: &BorrowedMessage<'_>,
        batch: &mut Batch,
        max_bytes: usize,
    ) -> bool {
        let position = Position {
            partition: message.partition(),
            offset: message.offset(),
        };
        let verdict = self.reading.record(position.partition, position.offset);
        if verdict != Verdict::Take {
            rest(client, &self.topic, position.partition, &self.reading);
        }
        if verdict == Verdict::Later {
            return false;
        }
        self.left -= 1;
        let record = Record {
            position,
            timestamp: message.timestamp().to_millis().unwrap_or(NO_TIMESTAMP),
            key: message.key(),
            value: message.payload(),
            headers: headers::of(message),
        };
        if batch.is_empty() || batch.bytes() + size(&record) <= max_bytes {
            batch.push(&record);
            return false;
        }
        let mut next = self.batch();
        next.push(&record);
        self.held = Some(next);
        true
    }
}

/// Bytes of a record as a batch counts them.
fn size(record: &Record<'_>) -> usize {
    let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
    let headers: usize = record
        .headers
        .iter()
        .map(|header| header.name.len() + length(header.value))
        .sum();
    length(record.key) + length(record.value) + headers
}

/// Fetches what `reading` has open, from explicit offsets.
pub(super) fn assign(
    client: &BaseConsumer<Context>,
    topic: &Topic,
    reading: &Reading,
) -> Result<(), Error> {
    let doing = || format!("begin reading topic {topic}");
    let mut list = TopicPartitionList::new();
    for (partition, offset) in reading.positions() {
        list.add_partition_offset(topic.as_str(), partition, Offset::Offset(offset))
            .map_err(|error| Error::call(doing(), &error))?;
    }
    client
        .assign(&list)
        .map_err(|error| Error::call(doing(), &error))
}

/// The offset after the last record or transaction marker of a partition that was seen since it
/// was assigned.
pub(super) fn position(
    client: &BaseConsumer<Context>,
    topic: &Topic,
    partition: i32,
) -> Option<i64> {
    let positions = client.position().ok()?;
    let found = positions.find_partition(topic.as_str(), partition)?;
    match found.offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    }
}

/// Stops fetching a partition that is done while others are still being read: what librdkafka
/// would fetch ahead is not this poll's. Only thrift, so a failure is no matter. (Not `pause`,
/// which outlasts the next assignment.)
fn rest(client: &BaseConsumer<Context>, topic: &Topic, partition: i32, reading: &Reading) {
    if reading.is_over() {
        return;
    }
    let mut list = TopicPartitionList::new();
    list.add_partition(topic.as_str(), partition);
    if let Err(error) = client.incremental_unassign(&list) {
        tracing::debug!(%topic, partition, "could not stop fetching: {error}");
    }
}
