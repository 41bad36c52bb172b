//! Kafka records of one topic, column by column.

use crate::{Error, Message, Output};

/// A column of optional byte strings, as the host hands it over.
#[derive(Debug, Clone, Default)]
pub(crate) struct Column {
    pub(crate) bytes: Vec<u8>,
    /// Where each item ends in `bytes`; empty when every item is null.
    pub(crate) ends: Vec<u32>,
    /// Ascending indices of the null items; empty when every item is null.
    pub(crate) nulls: Vec<u32>,
}

impl Column {
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)? as usize;
        if !self.nulls.is_empty() && self.is_null(index) {
            return None;
        }
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1] as usize,
        };
        Some(&self.bytes[start..end])
    }

    fn is_null(&self, index: usize) -> bool {
        u32::try_from(index).is_ok_and(|index| self.nulls.binary_search(&index).is_ok())
    }
}

/// Kafka messages of one topic in the order in which the host read them: offsets ascend within
/// each partition, partitions may interleave. Never empty.
///
/// How many messages make a batch is up to the asset (10,000 by default), and a poll may take
/// several batches.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub(crate) topic: String,
    pub(crate) partitions: Vec<i32>,
    pub(crate) offsets: Vec<i64>,
    pub(crate) timestamps: Vec<i64>,
    pub(crate) keys: Column,
    pub(crate) values: Column,
    pub(crate) header_ends: Vec<u32>,
    pub(crate) header_names: Column,
    pub(crate) header_values: Column,
}

impl Batch {
    /// The topic's name.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Number of messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len()
    }

    /// Whether there is no message; the host never sends such a batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The messages in order.
    #[must_use]
    pub fn messages(&self) -> impl ExactSizeIterator<Item = Message<'_>> + DoubleEndedIterator {
        (0..self.len()).map(|index| Message::new(self, index))
    }

    /// Calls `parse` with every message in order. When it returns an error, that message is
    /// rejected with the error's reason, what was written on `out` for it is taken back, and the
    /// next message follows.
    ///
    /// ```
    /// # use kafka_soar_parser::{Batch, Output, reject, testing::batch};
    /// # fn parse(batch: &Batch, out: &mut Output) {
    /// batch.each(out, |message, out| {
    ///     let text = message.text()?;
    ///     if text.starts_with('#') {
    ///         return Ok(()); // nothing to tell SOAR, and no reason to reject it either
    ///     }
    ///     let Some((host, what)) = text.split_once(": ") else {
    ///         reject!("there is no host in front of \": \"");
    ///     };
    ///     out.artifact(message).name(what).cef("sourceHostName", host);
    ///     Ok(())
    /// });
    /// # }
    /// ```
    pub fn each<'b>(
        &'b self,
        out: &mut Output,
        mut parse: impl FnMut(Message<'b>, &mut Output) -> Result<(), Error>,
    ) {
        for message in self.messages() {
            let before = out.mark();
            let parsed = parse(message, out);
            let parsed = parsed.and(out.take_fault().map_or(Ok(()), Err));
            if let Err(error) = parsed {
                out.take_back(before);
                out.reject(message, error);
            }
        }
    }

    /// Bytes of all values: a measure for what the output will need.
    pub(crate) fn value_bytes(&self) -> usize {
        self.values.bytes.len()
    }
}
