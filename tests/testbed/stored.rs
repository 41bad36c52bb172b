//! What a broker has of a partition, as its files say: proof that a topic is what a test needs.

use std::{fs, path::Path};

use kafka_soar::config::Topic;

use super::Broker;

/// A batch of records in a partition's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredBatch {
    pub base_offset: i64,
    /// 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
    pub codec: u8,
    pub records: u32,
    /// The whole batch, header included.
    pub bytes: usize,
}

/// Bytes before the records of a batch, of which the first twelve are not in its own length.
const HEADER: usize = 61;
const UNCOUNTED: usize = 12;

impl Broker {
    /// The batches of a partition, in the order of their offsets. Only for a single node.
    pub fn stored(&self, topic: &Topic, partition: i32) -> Vec<StoredBatch> {
        let log = Path::new(self.fact("log"));
        let folder = log.with_file_name(format!("data/{topic}-{partition}"));
        let mut segments: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|end| end == "log"))
            .collect();
        segments.sort();
        segments
            .iter()
            // The log cleaner may have replaced it since.
            .filter_map(|path| fs::read(path).ok())
            .flat_map(|bytes| batches(&bytes))
            .collect()
    }
}

/// A segment's batches in format 2, the only one that Kafka 4 writes.
fn batches(mut segment: &[u8]) -> Vec<StoredBatch> {
    let mut found = Vec::new();
    while segment.len() >= HEADER {
        let number = |at: usize| u32::from_be_bytes(segment[at..at + 4].try_into().expect("four"));
        assert_eq!(segment[16], 2, "the format of a batch");
        let bytes = UNCOUNTED + number(8) as usize;
        found.push(StoredBatch {
            base_offset: i64::from_be_bytes(segment[..8].try_into().expect("eight")),
            codec: segment[22] & 7,
            records: number(57),
            bytes,
        });
        segment = segment.get(bytes..).unwrap_or_default();
    }
    found
}
