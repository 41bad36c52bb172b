//! Messages as lines of text.

use std::{collections::HashMap, io::BufRead};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{
    actions::{Class, Failure},
    config::BatchLimits,
    model::{Batch, Header, NO_TIMESTAMP, Position, Record, text::shorten},
};

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON object with a message's parts.
    Messages,
    /// A message's value.
    Lines,
}

/// Reads batches of one topic from lines.
pub struct Messages<'a> {
    lines: Box<dyn BufRead + 'a>,
    /// What the lines come from, for messages about them.
    name: String,
    format: Format,
    topic: String,
    /// Of the line that was read last, from 1.
    number: u64,
    /// Index of the next message.
    index: i64,
    /// By partition, its last offset.
    last: HashMap<i32, i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    value: Option<String>,
    value_base64: Option<String>,
    key: Option<String>,
    key_base64: Option<String>,
    #[serde(default)]
    headers: Vec<(String, Option<HeaderValue>)>,
    timestamp: Option<i64>,
    #[serde(default)]
    partition: i32,
    offset: Option<i64>,
}

/// A header's value: text, or bytes.
#[derive(Deserialize)]
#[serde(untagged)]
enum HeaderValue {
    Text(String),
    Bytes { base64: String },
}

impl<'a> Messages<'a> {
    /// `name` says what the lines come from, such as a file's path.
    pub fn new(
        lines: impl BufRead + 'a,
        name: impl Into<String>,
        format: Format,
        topic: impl Into<String>,
    ) -> Self {
        Self {
            lines: Box::new(lines),
            name: name.into(),
            format,
            topic: topic.into(),
            number: 0,
            index: 0,
            last: HashMap::new(),
        }
    }

    /// The next messages, at most `most` of them; fewer when they are large, and at the end. `None`
    /// when there are no more.
    ///
    /// # Errors
    ///
    /// A configuration failure that names the line and what is wrong with it, an output failure when
    /// the lines can't be read.
    pub(super) fn next_batch(&mut self, most: usize) -> Result<Option<Batch>, Failure> {
        let mut batch = Batch::new(self.topic.as_str());
        while batch.len() < most && batch.bytes() < BatchLimits::default().max_bytes {
            let Some(line) = self.line()? else {
                break;
            };
            match self.format {
                Format::Lines => push(&mut batch, self.index, line.as_slice()),
                Format::Messages if line.trim_ascii().is_empty() => continue,
                Format::Messages => self.message(&line, &mut batch)?,
            }
            self.index += 1;
        }
        Ok((!batch.is_empty()).then_some(batch))
    }

    /// The next line without its end.
    fn line(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut line = Vec::new();
        let read = self.lines.read_until(b'\n', &mut line).map_err(|e| {
            Failure::new(
                Class::Output,
                format!("{} can't be read: {e}", shorten(&self.name, 300)),
            )
        })?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        for end in [b'\n', b'\r'] {
            line.pop_if(|last| *last == end);
        }
        Ok(Some(line))
    }

    fn message(&mut self, line: &[u8], batch: &mut Batch) -> Result<(), Failure> {
        let line: Line = serde_json::from_slice(line).map_err(|e| {
            // It counts lines itself, and there is but one.
            let why = e.to_string();
            self.faulty(&why.replace(" at line 1 column ", " at column "))
        })?;
        let value = self.bytes("value", line.value, line.value_base64)?;
        let key = self.bytes("key", line.key, line.key_base64)?;
        let mut headers = Vec::new();
        for (name, value) in line.headers {
            let value = match value {
                None => None,
                Some(HeaderValue::Text(text)) => Some(text.into_bytes()),
                Some(HeaderValue::Bytes { base64 }) => Some(self.decode("headers", &base64)?),
            };
            headers.push((name, value));
        }
        let position = Position {
            partition: line.partition,
            offset: line.offset.unwrap_or(self.index),
        };
        if position.partition < 0 || position.offset < 0 {
            return Err(self.faulty("partition and offset are 0 or more"));
        }
        if let Some(before) = self.last.insert(position.partition, position.offset)
            && before >= position.offset
        {
            return Err(self.faulty(&format!(
                "offset {} comes after {before} in partition {}; offsets ascend",
                position.offset, position.partition
            )));
        }
        batch.push(&Record {
            position,
            timestamp: line.timestamp.unwrap_or(NO_TIMESTAMP),
            key: key.as_deref(),
            value: value.as_deref(),
            headers: headers
                .iter()
                .map(|(name, value)| Header {
                    name,
                    value: value.as_deref(),
                })
                .collect(),
        });
        Ok(())
    }

    fn bytes(
        &self,
        member: &str,
        text: Option<String>,
        base64: Option<String>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        match (text, base64) {
            (None, None) => Ok(None),
            (Some(text), None) => Ok(Some(text.into_bytes())),
            (None, Some(base64)) => self.decode(&format!("{member}_base64"), &base64).map(Some),
            (Some(_), Some(_)) => Err(self.faulty(&format!(
                "both {member} and {member}_base64 are given; leave one of them out"
            ))),
        }
    }

    fn decode(&self, member: &str, base64: &str) -> Result<Vec<u8>, Failure> {
        let decoded = STANDARD.decode(base64);
        decoded.map_err(|e| self.faulty(&format!("{member} is not base64: {e}")))
    }

    fn faulty(&self, problem: &str) -> Failure {
        let name = shorten(&self.name, 300);
        Failure::new(
            Class::Config,
            format!("{name}, line {}: {}", self.number, shorten(problem, 500)),
        )
        .hint(
            "a line is a message: {\"value\": \"text\", \"key\": \"k\", \"headers\": [[\"name\", \
             \"value\"]], \"timestamp\": 0, \"partition\": 0, \"offset\": 0}, all of them optional, \
             bytes as value_base64 and key_base64; with --format lines a line is a value",
        )
    }
}

fn push(batch: &mut Batch, offset: i64, value: &[u8]) {
    batch.push(&Record {
        position: Position {
            partition: 0,
            offset,
        },
        timestamp: NO_TIMESTAMP,
        key: None,
        value: Some(value),
        headers: Vec::new(),
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: Format) -> Result<Vec<Batch>, Failure> {
        let mut messages = Messages::new(text.as_bytes(), "in.ndjson", format, "t");
        let mut batches = Vec::new();
        while let Some(batch) = messages.next_batch(2)? {
            batches.push(batch);
        }
        Ok(batches)
    }

    #[test]
    fn a_line_has_all_parts_of_a_message_or_none() {
        let batches = read(
            "{\"value\":\"é\",\"key_base64\":\"/w==\",\"headers\":[[\"a\",\"1\"],[\"a\",null],\
             [\"b\",{\"base64\":\"AA==\"}]],\"timestamp\":5,\"partition\":3,\"offset\":7}\r\n\
             \n{}\n{\"value\":\"\"}",
            Format::Messages,
        )
        .unwrap();
        assert_eq!(batches.len(), 2);
        let header = |name, value| Header { name, value };
        assert_eq!(
            batches[0].record(0),
            Record {
                position: Position {
                    partition: 3,
                    offset: 7
                },
                timestamp: 5,
                key: Some(b"\xff"),
                value: Some("é".as_bytes()),
                headers: vec![
                    header("a", Some(&b"1"[..])),
                    header("a", None),
                    header("b", Some(b"\0"))
                ],
            }
        );
        let tombstone = batches[0].record(1);
        assert_eq!((tombstone.value, tombstone.key), (None, None));
        assert_eq!(tombstone.timestamp, NO_TIMESTAMP);
        assert_eq!(tombstone.position.offset, 1);
        assert_eq!(batches[1].record(0).value, Some(&b""[..]));
        assert_eq!(batches[1].position(0).offset, 2);
    }

    #[test]
    fn a_line_may_be_a_value() {
        let batches = read("{}\n\n c\r\nd", Format::Lines).unwrap();
        let values: Vec<_> = batches
            .iter()
            .flat_map(|batch| (0..batch.len()).map(|i| batch.record(i).value.unwrap().to_vec()))
            .collect();
        assert_eq!(values, [&b"{}"[..], b"", b" c", b"d"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (line, words) in [
            (
                "{\"vale\":\"\"}",
                "in.ndjson, line 2: unknown field `vale`, expected one of `value`",
            ),
            (
                "{\"value\":\"a\",\"value_base64\":\"\"}",
                "line 2: both value and value_base64 are given",
            ),
            ("{\"key_base64\":\"-\"}", "line 2: key_base64 is not base64"),
            (
                "{\"value\":\"a\",\"value\":\"b\"}",
                "duplicate field `value`",
            ),
            (
                "{\"value\":1}",
                "invalid type: integer `1`, expected a string",
            ),
            ("not JSON", "line 2: expected ident at column 2"),
            ("{\"offset\":-1}", "partition and offset are 0 or more"),
            (
                "{\"offset\":0}",
                "offset 0 comes after 0 in partition 0; offsets ascend",
            ),
        ] {
            let failure = read(&format!("{{}}\n{line}\n"), Format::Messages).unwrap_err();
            assert_eq!(failure.class, Class::Config);
            assert!(failure.message.contains(words), "{failure}");
        }
    }
}
