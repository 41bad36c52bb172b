//! A recording as the text of a file, there and back.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::{FORMAT, Outcome, VERSION};
use crate::{
    config::ParserLimits,
    model::{Batch, Bytes, Header, Instant, Position, QuarantinedHeader, Record},
};

/// A parse, and all that it depended on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// RFC 3339, in UTC.
    pub recorded_at: String,
    pub parser: Identity,
    /// The JSON text that the parser saw as its settings.
    pub settings: String,
    pub limits: ParserLimits,
    /// The parser's clock.
    pub started: Instant,
    /// As the parser got it: messages in Schema Registry's format are decoded.
    pub batch: Batch,
    pub outcome: Outcome,
}

/// Which parser it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// As messages name it.
    pub name: String,
    /// SHA-256 of the component, in lower-case hexadecimal.
    pub digest: String,
    /// Version of the contract, where the component itself was at hand.
    pub contract: Option<String>,
}

/// Why a file can't be read as a recording.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{path}: {error}")]
    Io { path: PathBuf, error: io::Error },
    #[error("{path} is not a recording: its first line is not a seal of {FORMAT}")]
    NotARecording { path: PathBuf },
    #[error(
        "{path} is a recording in version {found}, and this kafka-soar reads version {VERSION}; \
         use the kafka-soar that made it, or a later one"
    )]
    Version { path: PathBuf, found: u64 },
    #[error(
        "{path} is damaged: its contents don't have the checksum that its first line tells; it \
         was cut off or changed after it was written"
    )]
    Checksum { path: PathBuf },
    /// The checksum is right, and yet it is none of ours.
    #[error("{path} is not a recording that kafka-soar made: {problem}")]
    Content { path: PathBuf, problem: String },
}

#[derive(Serialize)]
struct Seal<'a> {
    format: &'a str,
    version: u32,
    sha256: String,
}

/// A seal of any version.
#[derive(Deserialize)]
struct AnySeal {
    format: String,
    version: u64,
    sha256: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    recorded_at: String,
    parser: Identity,
    settings: String,
    limits: Limits,
    started: Instant,
    topic: String,
    records: usize,
}

/// [`ParserLimits`] under the names that they have in an asset.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the asset's fields")]
struct Limits {
    parser_memory_limit: usize,
    parser_time_limit: u64,
    /// Absent when the asset sets none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parser_message_time_limit: Option<u64>,
    parser_output_limit: usize,
    parser_log_limit: usize,
    parser_artifact_limit: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    partition: i32,
    offset: i64,
    timestamp: i64,
    key: Option<Bytes>,
    value: Option<Bytes>,
    headers: Vec<QuarantinedHeader>,
}

impl Recording {
    /// The file's text.
    #[must_use]
    pub fn to_text(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.batch.bytes() * 2);
        add(
            &mut body,
            &Head {
                recorded_at: self.recorded_at.clone(),
                parser: self.parser.clone(),
                settings: self.settings.clone(),
                limits: (&self.limits).into(),
                started: self.started,
                topic: self.batch.topic().to_owned(),
                records: self.batch.len(),
            },
        );
        for index in 0..self.batch.len() {
            add(&mut body, &Line::of(&self.batch.record(index)));
        }
        add(&mut body, &self.outcome);
        let mut text = Vec::with_capacity(body.len() + 128);
        add(
            &mut text,
            &Seal {
                format: FORMAT,
                version: VERSION,
                sha256: hex::encode(Sha256::digest(&body)),
            },
        );
        text.append(&mut body);
        text
    }

    /// Reads a file. Nothing in it is trusted: whoever made it may have meant harm.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]; each names the path.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let io = |error| ReadError::Io {
            path: path.to_owned(),
            error,
        };
        // A pipe would have whoever opens it wait.
        if !path.metadata().map_err(io)?.is_file() {
            return Err(io(io::Error::other("it is not a file")));
        }
        let mut text = Vec::new();
        File::open(path)
            .and_then(|mut file| file.read_to_end(&mut text))
            .map_err(io)?;
        let path = || path.to_owned();
        let none = || ReadError::NotARecording { path: path() };
        let end = memchr::memchr(b'\n', &text).ok_or_else(none)?;
        let seal: AnySeal = serde_json::from_slice(&text[..end]).map_err(|_| none())?;
        if seal.format != FORMAT {
            return Err(none());
        }
        if seal.version != u64::from(VERSION) {
            return Err(ReadError::Version {
                path: path(),
                found: seal.version,
            });
        }
        let body = &text[end + 1..];
        if seal.sha256 != Some(hex::encode(Sha256::digest(body))) {
            return Err(ReadError::Checksum { path: path() });
        }
        Self::of_lines(body).map_err(|problem| ReadError::Content {
            path: path(),
            problem,
        })
    }

    fn of_lines(body: &[u8]) -> Result<Self, String> {
        let mut lines = Lines {
            rest: body,
            number: 1,
        };
        let head: Head = lines.next()?;
        let mut batch = Batch::new(head.topic);
        // By partition: its last offset.
        let mut last = HashMap::new();
        for _ in 0..head.records {
            let line: Line = lines.next()?;
            if let Some(before) = last.insert(line.partition, line.offset)
                && before >= line.offset
            {
                return Err(format!(
                    "line {}: offset {} comes after {before} in partition {}",
                    lines.number, line.offset, line.partition
                ));
            }
            line.push_to(&mut batch);
        }
        if batch.is_empty() {
            return Err("line 2: it has no records".to_owned());
        }
        let outcome: Outcome = lines.next()?;
        if !lines.rest.is_empty() {
            return Err(format!("there is more after line {}", lines.number));
        }
        Ok(Self {
            recorded_at: head.recorded_at,
            parser: head.parser,
            settings: head.settings,
            limits: head.limits.into(),
            started: head.started,
            batch,
            outcome,
        })
    }
}

/// Adds a line.
fn add(text: &mut Vec<u8>, line: &impl Serialize) {
    serde_json::to_writer(&mut *text, line).expect("texts for keys, and memory to write to");
    text.push(b'\n');
}

struct Lines<'a> {
    rest: &'a [u8],
    /// Of the line that was last taken.
    number: usize,
}

impl Lines<'_> {
    fn next<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        self.number += 1;
        let end = memchr::memchr(b'\n', self.rest)
            .ok_or_else(|| format!("line {} is missing", self.number))?;
        let line = serde_json::from_slice(&self.rest[..end])
            .map_err(|error| format!("line {}: {error}", self.number))?;
        self.rest = &self.rest[end + 1..];
        Ok(line)
    }
}

impl Line {
    fn of(record: &Record<'_>) -> Self {
        let bytes = |bytes: Option<&[u8]>| bytes.map(|bytes| Bytes(bytes.to_vec()));
        Self {
            partition: record.position.partition,
            offset: record.position.offset,
            timestamp: record.timestamp,
            key: bytes(record.key),
            value: bytes(record.value),
            headers: record
                .headers
                .iter()
                .map(|header| QuarantinedHeader {
                    name: header.name.to_owned(),
                    value: bytes(header.value),
                })
                .collect(),
        }
    }

    fn push_to(&self, batch: &mut Batch) {
        batch.push(&Record {
            position: Position {
                partition: self.partition,
                offset: self.offset,
            },
            timestamp: self.timestamp,
            key: self.key.as_ref().map(|bytes| bytes.0.as_slice()),
            value: self.value.as_ref().map(|bytes| bytes.0.as_slice()),
            headers: self
                .headers
                .iter()
                .map(|header| Header {
                    name: &header.name,
                    value: header.value.as_ref().map(|bytes| bytes.0.as_slice()),
                })
                .collect(),
        });
    }
}

impl From<&ParserLimits> for Limits {
    fn from(limits: &ParserLimits) -> Self {
        // Taken apart, so that a new limit can't be forgotten here.
        let ParserLimits {
            memory,
            time,
            message_time,
            output,
            log,
            artifacts,
        } = *limits;
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            parser_memory_limit: memory,
            parser_time_limit: milliseconds(time),
            parser_message_time_limit: message_time.map(milliseconds),
            parser_output_limit: output,
            parser_log_limit: log,
            parser_artifact_limit: artifacts,
        }
    }
}

impl From<Limits> for ParserLimits {
    fn from(limits: Limits) -> Self {
        Self {
            memory: limits.parser_memory_limit,
            time: Duration::from_millis(limits.parser_time_limit),
            message_time: limits.parser_message_time_limit.map(Duration::from_millis),
            output: limits.parser_output_limit,
            log: limits.parser_log_limit,
            artifacts: limits.parser_artifact_limit,
        }
    }
}

#[cfg(test)]
mod tests;
