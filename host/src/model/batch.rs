//! Kafka records of one topic, column by column.

use std::collections::BTreeMap;

use super::{Column, Range};

/// Kafka's timestamp of a record that has none.
pub const NO_TIMESTAMP: i64 = -1;

/// Where a record stands in its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub partition: i32,
    pub offset: i64,
}

/// Next offset to read, by partition.
pub type Offsets = BTreeMap<i32, i64>;

/// A header as the broker delivered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    pub name: &'a str,
    pub value: Option<&'a [u8]>,
}

/// One record, borrowed: what a [`Batch`] is made of and gives back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    pub position: Position,
    /// Milliseconds since the Unix epoch, or [`NO_TIMESTAMP`].
    pub timestamp: i64,
    pub key: Option<&'a [u8]>,
    /// `None` is a tombstone.
    pub value: Option<&'a [u8]>,
    pub headers: Vec<Header<'a>>,
}

/// Kafka records of one topic in the order in which they were read, in the shape of the WIT
/// record `message-parser.batch`. Offsets ascend within each partition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    topic: String,
    partitions: Vec<i32>,
    offsets: Vec<i64>,
    timestamps: Vec<i64>,
    keys: Column,
    values: Column,
    header_ends: Vec<u32>,
    header_names: Column,
    header_values: Column,
}

impl Batch {
    #[must_use]
    pub fn new(topic: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            ..Self::default()
        }
    }

    /// An empty batch with room for `records` records whose values have `bytes` bytes in all, so
    /// that it grows without copying.
    #[must_use]
    pub fn with_room(topic: impl Into<String>, records: usize, bytes: usize) -> Self {
        Self {
            topic: topic.into(),
            partitions: Vec::with_capacity(records),
            offsets: Vec::with_capacity(records),
            timestamps: Vec::with_capacity(records),
            values: Column::with_room(records, bytes),
            ..Self::default()
        }
    }

    /// The batch that these lists describe: positions and timestamps one a record, and keys,
    /// values, header names and header values; `None` when they contradict each other.
    #[must_use]
    pub fn from_parts(
        topic: String,
        partitions: Vec<i32>,
        offsets: Vec<i64>,
        timestamps: Vec<i64>,
        header_ends: Vec<u32>,
        [keys, values, header_names, header_values]: [Column; 4],
    ) -> Option<Self> {
        let records = offsets.len();
        let headers = header_ends.last().map_or(0, |&end| end as usize);
        let whole = [partitions.len(), timestamps.len(), keys.len(), values.len()]
            .iter()
            .all(|&len| len == records)
            && (header_ends.is_empty() || header_ends.len() == records)
            && header_ends.is_sorted()
            && header_names.len() == headers
            && header_values.len() == headers;
        whole.then_some(Self {
            topic,
            partitions,
            offsets,
            timestamps,
            keys,
            values,
            header_ends,
            header_names,
            header_values,
        })
    }

    /// Appends a record.
    ///
    /// # Panics
    ///
    /// When a column would pass 4 GiB; whoever fills a batch bounds it far below.
    pub fn push(&mut self, record: &Record<'_>) {
        let before = self.header_names.len();
        for header in &record.headers {
            self.header_names.push(Some(header.name.as_bytes()));
            self.header_values.push(header.value);
        }
        // A batch without headers has no list of their ends: written down from the first header.
        if !record.headers.is_empty() || !self.header_ends.is_empty() {
            debug_assert!(self.header_ends.len() <= self.len());
            self.header_ends.resize(self.len(), narrow(before));
            self.header_ends.push(narrow(self.header_names.len()));
        }
        self.partitions.push(record.position.partition);
        self.offsets.push(record.position.offset);
        self.timestamps.push(record.timestamp);
        self.keys.push(record.key);
        self.values.push(record.value);
    }

    /// The record at index `i`.
    ///
    /// # Panics
    ///
    /// When `i` is not below [`Batch::len`].
    #[must_use]
    pub fn record(&self, i: usize) -> Record<'_> {
        let headers = if self.header_ends.is_empty() {
            Vec::new()
        } else {
            let start = if i == 0 { 0 } else { self.header_ends[i - 1] };
            (start as usize..self.header_ends[i] as usize)
                .map(|h| Header {
                    // Pushed from a `&str`, so never null and always UTF-8.
                    name: std::str::from_utf8(self.header_names.get(h).unwrap_or_default())
                        .unwrap_or_default(),
                    value: self.header_values.get(h),
                })
                .collect()
        };
        Record {
            position: self.position(i),
            timestamp: self.timestamps[i],
            key: self.keys.get(i),
            value: self.values.get(i),
            headers,
        }
    }

    #[must_use]
    pub fn position(&self, i: usize) -> Position {
        Position {
            partition: self.partitions[i],
            offset: self.offsets[i],
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Bytes of keys, values and headers.
    #[must_use]
    pub fn bytes(&self) -> usize {
        [
            &self.keys,
            &self.values,
            &self.header_names,
            &self.header_values,
        ]
        .iter()
        .map(|c| c.bytes().len())
        .sum()
    }

    /// For each partition in the batch, the offset after its last record here.
    #[must_use]
    pub fn next_offsets(&self) -> Offsets {
        // Offsets ascend within a partition, so the last one wins.
        self.partitions
            .iter()
            .zip(&self.offsets)
            .map(|(&partition, &offset)| (partition, offset + 1))
            .collect()
    }

    /// For each partition in the batch, its first offset and the one after its last.
    #[must_use]
    pub fn ranges(&self) -> BTreeMap<i32, Range> {
        let mut ranges = BTreeMap::new();
        for (&partition, &offset) in self.partitions.iter().zip(&self.offsets) {
            ranges.entry(partition).or_insert((offset, 0)).1 = offset + 1;
        }
        ranges
    }

    /// The records at `indices`, as a batch of their own.
    ///
    /// # Panics
    ///
    /// When `indices` reaches beyond [`Batch::len`].
    #[must_use]
    pub fn part(&self, indices: std::ops::Range<usize>) -> Self {
        let bytes = self.values.bytes().len() * indices.len() / self.len().max(1);
        let mut part = Self::with_room(self.topic.as_str(), indices.len(), bytes);
        for index in indices {
            part.push(&self.record(index));
        }
        part
    }

    /// The same records, partition after partition. How partitions are interleaved is up to the
    /// broker and differs from one reading to the next; this order does not.
    #[must_use]
    pub fn by_partition(self) -> Self {
        if self.partitions.is_sorted() {
            return self;
        }
        let mut indices: Vec<usize> = (0..self.len()).collect();
        // Stable: offsets ascend within a partition.
        indices.sort_by_key(|&index| self.partitions[index]);
        let mut sorted =
            Self::with_room(self.topic.as_str(), self.len(), self.values.bytes().len());
        for index in indices {
            sorted.push(&self.record(index));
        }
        sorted
    }

    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    #[must_use]
    pub fn partitions(&self) -> &[i32] {
        &self.partitions
    }

    #[must_use]
    pub fn offsets(&self) -> &[i64] {
        &self.offsets
    }

    #[must_use]
    pub fn timestamps(&self) -> &[i64] {
        &self.timestamps
    }

    #[must_use]
    pub fn keys(&self) -> &Column {
        &self.keys
    }

    #[must_use]
    pub fn values(&self) -> &Column {
        &self.values
    }

    /// Where each record's headers end in the two header columns; empty when no record has one.
    #[must_use]
    pub fn header_ends(&self) -> &[u32] {
        &self.header_ends
    }

    #[must_use]
    pub fn header_names(&self) -> &Column {
        &self.header_names
    }

    #[must_use]
    pub fn header_values(&self) -> &Column {
        &self.header_values
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a batch is bounded far below 2^32 headers")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record<'a>(partition: i32, offset: i64, headers: &[Header<'a>]) -> Record<'a> {
        Record {
            position: Position { partition, offset },
            timestamp: 1_700_000_000_000,
            key: Some(b"k"),
            value: None,
            headers: headers.to_vec(),
        }
    }

    #[test]
    fn records_come_back_as_they_went_in() {
        let twice = [
            Header {
                name: "trace",
                value: Some(b"1"),
            },
            Header {
                name: "trace",
                value: None,
            },
        ];
        let records = [
            record(0, 5, &[]),
            record(1, 9, &twice),
            record(0, 6, &[]),
            record(0, 7, &twice[..1]),
        ];
        let mut batch = Batch::new("t");
        for record in &records {
            batch.push(record);
        }
        assert_eq!(batch.header_ends(), [0, 2, 2, 3]);
        for (i, r) in records.iter().enumerate() {
            assert_eq!(&batch.record(i), r);
        }
        assert_eq!(batch.next_offsets(), Offsets::from([(0, 8), (1, 10)]));
    }

    #[test]
    fn partitions_are_put_one_after_the_other() {
        let positions = [(1, 7), (0, 3), (1, 8), (0, 5), (0, 6)];
        let mut batch = Batch::new("t");
        for (partition, offset) in positions {
            batch.push(&record(partition, offset, &[]));
        }
        assert_eq!(batch.ranges(), BTreeMap::from([(0, (3, 7)), (1, (7, 9))]));
        let sorted = batch.by_partition();
        assert_eq!(sorted.offsets(), [3, 5, 6, 7, 8]);
        assert_eq!(sorted.partitions(), [0, 0, 0, 1, 1]);
        let part = sorted.part(2..4);
        assert_eq!(part.ranges(), BTreeMap::from([(0, (6, 7)), (1, (7, 8))]));
        assert_eq!(part.record(0), record(0, 6, &[]));
        assert_eq!(sorted.clone().by_partition(), sorted);
    }

    #[test]
    fn a_batch_without_headers_lists_no_ends() {
        let mut batch = Batch::new("t");
        batch.push(&record(0, 0, &[]));
        batch.push(&record(0, 1, &[]));
        assert!(batch.header_ends().is_empty());
        assert_eq!(batch.bytes(), 2);
    }
}
