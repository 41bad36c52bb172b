//! Running a parser natively, in a test.
//!
//! ```
//! use kafka_soar_parser::{Batch, Error, Output, Parser, testing::batch};
//!
//! struct Lengths;
//!
//! impl Parser for Lengths {
//!     fn parse(batch: &Batch, out: &mut Output) -> Result<(), Error> {
//!         out.container("Lengths");
//!         batch.each(out, |message, out| {
//!             out.artifact(message).cef("length", message.bytes()?.len());
//!             Ok(())
//!         });
//!         Ok(())
//!     }
//! }
//!
//! let parsed = batch("topic").value("four").tombstone().parse::<Lengths>()?;
//! assert_eq!(parsed.ingests[0].artifacts[0]["cef"]["length"], 4);
//! assert_eq!(parsed.rejections[0].reason, "the message has no value (a tombstone)");
//! # Ok::<(), Error>(())
//! ```

use std::{cell::RefCell, collections::BTreeMap, fmt::Display};

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Batch, Error, Parser,
    batch::Column,
    log::Level,
    output::{self, Written},
    poll::Instant,
    time::Timestamp,
};

/// Begins a batch of messages of a topic.
#[must_use]
pub fn batch(topic: impl Into<String>) -> Given {
    Given {
        batch: Batch {
            topic: topic.into(),
            ..Batch::default()
        },
        host: Host::default(),
    }
}

/// What a parser is given: messages, settings and the time.
#[derive(Debug, Clone)]
pub struct Given {
    batch: Batch,
    host: Host,
}

/// A Kafka record; without fields set, a tombstone at offset 0 of partition 0.
#[derive(Debug, Clone, Copy, Default)]
pub struct Record<'a> {
    pub partition: i32,
    pub offset: i64,
    /// Milliseconds since the Unix epoch.
    pub timestamp: Option<i64>,
    pub key: Option<&'a [u8]>,
    pub value: Option<&'a [u8]>,
    /// Names and values.
    pub headers: &'a [(&'a str, Option<&'a [u8]>)],
}

impl Given {
    /// Adds a message with this value to partition 0, without key, timestamp or headers.
    #[must_use]
    pub fn value(self, value: impl AsRef<[u8]>) -> Self {
        self.plain(Some(value.as_ref()))
    }

    /// Adds a message without a value to partition 0.
    #[must_use]
    pub fn tombstone(self) -> Self {
        self.plain(None)
    }

    fn plain(self, value: Option<&[u8]>) -> Self {
        let offset = self.next_offset(0);
        self.record(&Record {
            offset,
            value,
            ..Record::default()
        })
    }

    fn next_offset(&self, partition: i32) -> i64 {
        let positions = self.batch.partitions.iter().zip(&self.batch.offsets);
        positions
            .rev()
            .find(|&(&of, _)| of == partition)
            .map_or(0, |(_, offset)| offset + 1)
    }

    /// Adds a record.
    ///
    /// # Panics
    ///
    /// When the batch passes 4 GiB.
    #[must_use]
    pub fn record(mut self, record: &Record<'_>) -> Self {
        let batch = &mut self.batch;
        let index = batch.len();
        batch.partitions.push(record.partition);
        batch.offsets.push(record.offset);
        batch.timestamps.push(record.timestamp.unwrap_or(-1));
        batch.keys.push(index, record.key);
        batch.values.push(index, record.value);
        let mut headers = batch.header_ends.last().map_or(0, |&end| end as usize);
        if !record.headers.is_empty() {
            // A batch without headers has no list of their ends.
            batch.header_ends.resize(index, narrow(headers));
        }
        for &(name, value) in record.headers {
            batch.header_names.push(headers, Some(name.as_bytes()));
            batch.header_values.push(headers, value);
            headers += 1;
        }
        if headers > 0 {
            batch.header_ends.push(narrow(headers));
        }
        self
    }

    /// Sets `parser_settings`, JSON text of an object; `{}` otherwise.
    #[must_use]
    pub fn settings(mut self, json: impl Display) -> Self {
        self.host.settings = json.to_string();
        self
    }

    /// Sets when the poll began, and how far east of UTC the host's clock is; 1970 in UTC
    /// otherwise.
    #[must_use]
    pub fn started(mut self, unix_ms: i64, utc_offset_minutes: i16) -> Self {
        self.host.started = Instant {
            utc: Timestamp::from_unix_ms(unix_ms),
            utc_offset_minutes,
        };
        self
    }

    /// The batch as the parser sees it.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// Runs a parser and reads what it wrote.
    ///
    /// # Errors
    ///
    /// What the parser refuses the batch with.
    ///
    /// # Panics
    ///
    /// When the parser panics, or writes `container` or `artifacts` in a way that isn't the
    /// contract's: a defect of the SDK.
    pub fn parse<P: Parser>(&self) -> Result<Parsed, Error> {
        let (written, log) = self.run::<P>()?;
        Ok(Parsed {
            log,
            ..Parsed::read(written)
        })
    }

    /// Runs a parser and returns the JSON text that it wrote, unread: for measuring.
    ///
    /// # Errors
    ///
    /// What the parser refuses the batch with.
    pub fn parse_text<P: Parser>(&self) -> Result<String, Error> {
        Ok(self.run::<P>()?.0.ingests)
    }

    fn run<P: Parser>(&self) -> Result<(Written, Vec<(Level, String)>), Error> {
        HOST.replace(self.host.clone());
        let written = output::run::<P>(&self.batch);
        let log = HOST.take().log;
        Ok((written?, log))
    }
}

/// What a parser made of a batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    /// The JSON text as the host gets it; empty when there is no container.
    pub text: String,
    /// The same, read.
    pub ingests: Vec<Ingest>,
    /// For each artifact the index of its message; empty when the parser doesn't tell.
    pub sources: Vec<u32>,
    /// By index.
    pub rejections: Vec<Rejection>,
    /// Lines that the parser wrote.
    pub log: Vec<(Level, String)>,
}

/// A container with its artifacts.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingest {
    pub container: Value,
    pub artifacts: Vec<Value>,
}

/// A message that the parser can't handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Index of the message in the batch.
    pub index: usize,
    pub reason: String,
}

impl Parsed {
    pub(crate) fn read(written: Written) -> Self {
        let ingests = match &*written.ingests {
            "" => Vec::new(),
            text => serde_json::from_str(text)
                .unwrap_or_else(|error| panic!("the SDK wrote invalid JSON: {error}\n{text}")),
        };
        let rejections = written.rejections.into_iter();
        Self {
            text: written.ingests,
            ingests,
            sources: written.sources,
            rejections: rejections
                .map(|(index, reason)| Rejection {
                    index: index as usize,
                    reason,
                })
                .collect(),
            log: Vec::new(),
        }
    }

    /// The reasons by index of the rejected message.
    #[must_use]
    pub fn reasons(&self) -> BTreeMap<usize, &str> {
        self.rejections
            .iter()
            .map(|one| (one.index, &*one.reason))
            .collect()
    }
}

impl Column {
    /// Appends an item behind `len` others.
    fn push(&mut self, len: usize, item: Option<&[u8]>) {
        if item.is_some() && self.ends.is_empty() {
            self.nulls.extend(0..narrow(len));
            self.ends.resize(len, 0);
        }
        if let Some(item) = item {
            self.bytes.extend_from_slice(item);
        } else if !self.ends.is_empty() {
            self.nulls.push(narrow(len));
        }
        if item.is_some() || !self.ends.is_empty() {
            self.ends.push(narrow(self.bytes.len()));
        }
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a batch in a test is below 4 GiB")
}

#[derive(Debug, Clone)]
struct Host {
    settings: String,
    started: Instant,
    log: Vec<(Level, String)>,
}

impl Default for Host {
    fn default() -> Self {
        Self {
            settings: "{}".to_owned(),
            started: Instant {
                utc: Timestamp::from_unix_ms(0),
                utc_offset_minutes: 0,
            },
            log: Vec::new(),
        }
    }
}

thread_local! {
    /// Of the test that runs on this thread.
    static HOST: RefCell<Host> = RefCell::default();
}

pub(crate) mod host {
    use super::{HOST, Instant, Level};

    pub(crate) fn settings() -> String {
        HOST.with_borrow(|host| host.settings.clone())
    }

    pub(crate) fn started() -> Instant {
        HOST.with_borrow(|host| host.started)
    }

    pub(crate) fn log(level: Level, line: &str) {
        HOST.with_borrow_mut(|host| host.log.push((level, line.to_owned())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Output, info, poll, warn};

    struct Curious;

    impl Parser for Curious {
        fn parse(_: &Batch, out: &mut Output) -> Result<(), Error> {
            out.container(&poll::started().local().to_string());
            info!("{} and {}", 1, 2);
            warn!("three");
            Ok(())
        }
    }

    #[test]
    fn a_parser_sees_the_time_and_its_lines_are_kept() {
        let given = batch("t").value("x").started(1_700_000_000_000, 60);
        for _ in 0..2 {
            let parsed = given.parse::<Curious>().unwrap();
            assert_eq!(parsed.ingests[0].container["name"], "2023-11-14 23:13:20");
            assert_eq!(
                parsed.log,
                [
                    (Level::Info, "1 and 2".to_owned()),
                    (Level::Warn, "three".to_owned()),
                ]
            );
        }
    }

    #[test]
    fn columns_are_as_the_host_makes_them() {
        let given = batch("t").tombstone().value("ab").value("").tombstone();
        let values = &given.batch.values;
        assert_eq!(values.bytes, b"ab");
        assert_eq!(values.ends, [0, 2, 2, 2]);
        assert_eq!(values.nulls, [0, 3]);
        assert_eq!(given.batch.offsets, [0, 1, 2, 3]);
        assert!(given.batch.keys.ends.is_empty() && given.batch.keys.nulls.is_empty());
        assert!(given.batch.header_ends.is_empty());
    }
}
