//! A case: messages, and what a parser is to make of them.

use std::{
    fs::{self, File},
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, fmt::temporal::Pieces};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Format, Messages, subject::check_settings};
use crate::{
    actions::{Class, Failure},
    config::BatchLimits,
    model::{Batch, Instant, Parsed},
    ports::ParseError,
};

/// The topic of a case that names none.
const TOPIC: &str = "topic";

/// When a poll begins in a case that doesn't say.
const STARTED: &str = "2026-01-01T00:00:00Z";

/// A case's folder, read.
pub(super) struct Case {
    pub(super) batch: Batch,
    pub(super) settings: String,
    pub(super) started: Instant,
    /// `None` when there is none yet.
    pub(super) expected: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Circumstances {
    topic: Option<String>,
    started: Option<String>,
}

impl Case {
    /// Reads `in.ndjson`, and `settings.json`, `case.json` and `expected.json` where they are.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let circumstances = match optional(&folder.join("case.json"))? {
            None => Circumstances {
                topic: None,
                started: None,
            },
            Some(text) => serde_json::from_str(&text).map_err(|e| {
                faulty(&folder.join("case.json"), &e.to_string()).hint(
                    "its members, both optional: {\"topic\": \"NAME\", \"started\": \
                     \"2026-01-01T00:00:00Z\"}",
                )
            })?,
        };
        let started = circumstances.started.as_deref().unwrap_or(STARTED);
        let started = instant(started).ok_or_else(|| {
            faulty(
                &folder.join("case.json"),
                &format!("started is {started:?}, no instant with an offset from UTC"),
            )
            .hint("write it as 2026-01-01T00:00:00Z or 2026-01-01T00:00:00+01:00")
        })?;
        let settings = match optional(&folder.join("settings.json"))? {
            None => "{}".to_owned(),
            Some(text) => {
                check_settings(&text).map_err(|failure| {
                    faulty(&folder.join("settings.json"), &failure.message)
                        .hint("it is a JSON object")
                })?;
                text
            }
        };
        let expected = match optional(&expected(folder))? {
            None => None,
            Some(text) => Some(serde_json::from_str(&text).map_err(|e| {
                faulty(&expected(folder), &e.to_string()).hint("--update writes it anew")
            })?),
        };
        Ok(Self {
            batch: batch(
                &folder.join("in.ndjson"),
                circumstances.topic.as_deref().unwrap_or(TOPIC),
            )?,
            settings,
            started,
            expected,
        })
    }
}

/// Where a case says what is to come.
pub(super) fn expected(folder: &Path) -> PathBuf {
    folder.join("expected.json")
}

/// What came, in the shape in which a case says what is to come.
pub(super) fn found(result: &Result<Parsed, ParseError>) -> Value {
    let parsed = match result {
        Err(ParseError::Refused(reason)) => return json!({ "refused": reason }),
        Err(error) => return json!({ "failed": error.to_string() }),
        Ok(parsed) => parsed,
    };
    // What a parser returns has been read already, by whoever validated it.
    let value = |json: &str| serde_json::from_str::<Value>(json).unwrap_or_default();
    let ingests: Vec<Value> = parsed
        .ingests()
        .map(|ingest| {
            let artifacts: Vec<Value> = ingest.artifacts().map(value).collect();
            json!({ "container": value(ingest.container()), "artifacts": artifacts })
        })
        .collect();
    let rejections: Vec<Value> = parsed
        .rejections()
        .iter()
        .map(|rejection| json!({ "index": rejection.index, "reason": rejection.reason }))
        .collect();
    json!({ "ingests": ingests, "rejections": rejections })
}

/// All messages as one batch, as a poll would have them.
fn batch(path: &Path, topic: &str) -> Result<Batch, Failure> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|e| {
        faulty(path, &format!("can't be read: {e}")).hint(
            "a case is a folder with in.ndjson: a message a line; see kafka-soar parser run --help",
        )
    })?;
    let mut messages = Messages::new(BufReader::new(file), name, Format::Messages, topic);
    let batch = messages.next_batch(BatchLimits::default().max_messages)?;
    let batch = batch.ok_or_else(|| {
        faulty(path, "holds no message").hint("a line is a message; {} is a tombstone")
    })?;
    match messages.next_batch(1)? {
        None => Ok(batch),
        Some(_) => Err(faulty(path, "holds more than one batch")
            .hint("a batch has at most 10,000 messages and 8 MiB: make several cases of it")),
    }
}

fn optional(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(faulty(path, &format!("can't be read: {e}"))),
    }
}

/// An instant and its offset from UTC.
fn instant(text: &str) -> Option<Instant> {
    let at: Timestamp = text.parse().ok()?;
    let offset = Pieces::parse(text).ok()?.to_numeric_offset()?;
    Some(Instant {
        unix_ms: u64::try_from(at.as_millisecond()).ok()?,
        utc_offset_minutes: i16::try_from(offset.seconds() / 60).ok()?,
    })
}

fn faulty(path: &Path, problem: &str) -> Failure {
    Failure::new(Class::Config, format!("{}: {problem}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_an_offset() {
        let instant = |text| instant(text).map(|i| (i.unix_ms, i.utc_offset_minutes));
        assert_eq!(instant("1970-01-01T00:00:01Z"), Some((1000, 0)));
        assert_eq!(
            instant("1970-01-01T01:00:00.5+00:30"),
            Some((1_800_500, 30))
        );
        for bad in ["1970-01-01T00:00:00", "1969-01-01T00:00:00Z", "now"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
