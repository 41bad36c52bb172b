//! Where reading a topic begins and ends.

/// What the broker has of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watermarks {
    /// The oldest offset that is retained.
    pub low: i64,
    /// The offset at which reading ends: everything before it is written, and committed if it
    /// was written in a transaction (Kafka's last stable offset).
    pub stable: i64,
    /// The offset of the next record to be written. Above `stable` while a transaction is open.
    pub high: i64,
}

/// Where a poll reads a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    pub partition: i32,
    /// Offset of the first record to read.
    pub from: i64,
    /// The poll has caught up when it has dealt with every record before this offset: the
    /// partition's stable offset when the poll began. At or below `from`: nothing to read.
    pub end: i64,
}
