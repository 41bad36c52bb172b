//! Records that the parser can't handle, as lines of JSON in a file: everything that is needed
//! to look into them and to send them again.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::Serialize;

use super::append::{AppendFile, OpenError};
use crate::{
    model::{Batch, NO_TIMESTAMP, Record, Rejection},
    ports::{Quarantine, QuarantineError},
};

/// Raw records are for the connector's user alone.
const MODE: u32 = 0o600;

/// Appends each rejected record as a line, synced to the disk before it counts. The file is
/// opened, for this process alone, when there is a first one: most polls leave none behind.
#[derive(Debug)]
pub struct QuarantineFile {
    path: PathBuf,
    file: Option<AppendFile>,
}

impl QuarantineFile {
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            file: None,
        }
    }

    fn file(&mut self) -> Result<&mut AppendFile, OpenError> {
        if self.file.is_none() {
            self.file = Some(AppendFile::open(&self.path, MODE)?);
        }
        Ok(self.file.as_mut().expect("just opened"))
    }
}

impl Quarantine for QuarantineFile {
    fn quarantine(
        &mut self,
        batch: &Batch,
        rejections: &[Rejection],
    ) -> Result<(), QuarantineError> {
        let now = Timestamp::now();
        let mut lines = Vec::new();
        for rejection in rejections {
            let record = batch.record(rejection.index);
            let line = Line::new(batch.topic(), &record, &rejection.reason, now);
            serde_json::to_writer(&mut lines, &line).expect("written to memory");
            lines.push(b'\n');
        }
        let file = self
            .file()
            .map_err(|e| QuarantineError(format!("the quarantine can't be opened: {e}")))?;
        file.write(&lines)
            .and_then(|()| file.settle())
            .map_err(|e| {
                let path = file.path().display();
                QuarantineError(format!("the quarantine {path} can't be written: {e}"))
            })
    }
}

#[derive(Serialize)]
struct Line<'a> {
    topic: &'a str,
    partition: i32,
    offset: i64,
    /// Milliseconds since the Unix epoch; null when the record has none.
    timestamp: Option<i64>,
    /// The same as RFC 3339, in UTC.
    time: Option<String>,
    key: Option<Bytes<'a>>,
    /// Null is a tombstone.
    value: Option<Bytes<'a>>,
    headers: Vec<HeaderLine<'a>>,
    reason: &'a str,
    quarantined_at: String,
}

#[derive(Serialize)]
struct HeaderLine<'a> {
    name: &'a str,
    value: Option<Bytes<'a>>,
}

/// `{"text": …}` for UTF-8, `{"base64": …}` for other bytes: nothing is lost, and a text that
/// looks like base64 is still a text.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Bytes<'a> {
    Text(&'a str),
    Base64(String),
}

impl<'a> Bytes<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(_) => Self::Base64(STANDARD.encode(bytes)),
        }
    }
}

impl<'a> Line<'a> {
    fn new(topic: &'a str, record: &Record<'a>, reason: &'a str, now: Timestamp) -> Self {
        let timestamp = Some(record.timestamp).filter(|&ms| ms != NO_TIMESTAMP);
        Self {
            topic,
            partition: record.position.partition,
            offset: record.position.offset,
            timestamp,
            time: timestamp
                .and_then(|ms| Timestamp::from_millisecond(ms).ok())
                .map(|time| time.to_string()),
            key: record.key.map(Bytes::new),
            value: record.value.map(Bytes::new),
            headers: record
                .headers
                .iter()
                .map(|header| HeaderLine {
                    name: header.name,
                    value: header.value.map(Bytes::new),
                })
                .collect(),
            reason,
            quarantined_at: now.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Header, Position};

    #[test]
    fn a_record_is_kept_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q.ndjson");
        let mut batch = Batch::new("fw");
        for (offset, timestamp, value) in [
            (6, NO_TIMESTAMP, None),
            (7, 1_700_000_000_123, Some(&b"\xff\0"[..])),
        ] {
            batch.push(&Record {
                position: Position {
                    partition: 2,
                    offset,
                },
                timestamp,
                key: Some("kéy\n".as_bytes()),
                value,
                headers: vec![
                    Header {
                        name: "h",
                        value: Some(b"v"),
                    },
                    Header {
                        name: "h",
                        value: None,
                    },
                ],
            });
        }
        let rejection = |index| Rejection {
            index,
            reason: "not UTF-8".into(),
        };
        let mut file = QuarantineFile::new(&path);
        assert!(!path.exists(), "only when there is something to keep");
        file.quarantine(&batch, &[rejection(1)]).unwrap();
        file.quarantine(&batch, &[rejection(0)]).unwrap();

        let text = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        for line in &mut lines {
            let at = line
                .as_object_mut()
                .unwrap()
                .shift_remove("quarantined_at")
                .unwrap();
            at.as_str().unwrap().parse::<Timestamp>().unwrap();
        }
        let headers = json!([{"name": "h", "value": {"text": "v"}}, {"name": "h", "value": null}]);
        assert_eq!(
            lines,
            [
                json!({
                    "topic": "fw", "partition": 2, "offset": 7,
                    "timestamp": 1_700_000_000_123_i64, "time": "2023-11-14T22:13:20.123Z",
                    "key": {"text": "kéy\n"}, "value": {"base64": "/wA="},
                    "headers": headers, "reason": "not UTF-8"
                }),
                json!({
                    "topic": "fw", "partition": 2, "offset": 6,
                    "timestamp": null, "time": null,
                    "key": {"text": "kéy\n"}, "value": null,
                    "headers": headers, "reason": "not UTF-8"
                }),
            ]
        );
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
