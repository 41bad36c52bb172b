//! Records that the parser can't handle, as lines of JSON in a file: everything that is needed
//! to look into them and to send them again.

mod lines;
mod rewrite;

use std::path::PathBuf;

pub use self::lines::QuarantineLines;

use super::append::{AppendFile, OpenError};
use crate::{
    model::{Batch, Origin, Provenance, Quarantined, Rejection},
    ports::{Quarantine, QuarantineError},
};

/// Raw records are for the connector's user alone.
const MODE: u32 = 0o600;

/// Appends each rejected record as a line, synced to the disk before it counts. The file is
/// opened, for this process alone, when there is a first one: most polls leave none behind.
#[derive(Debug)]
pub struct QuarantineFile {
    path: PathBuf,
    provenance: Provenance,
    file: Option<AppendFile>,
}

impl QuarantineFile {
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, provenance: Provenance) -> Self {
        Self {
            path: path.into(),
            provenance,
            file: None,
        }
    }

    /// Where the next records come from.
    pub fn set_provenance(&mut self, provenance: Provenance) {
        self.provenance = provenance;
    }

    /// Opens the file now, so that nobody else writes it.
    ///
    /// # Errors
    ///
    /// [`OpenError::Busy`] when somebody else does.
    pub fn hold(&mut self) -> Result<(), OpenError> {
        self.file().map(drop)
    }

    /// Takes records out of the file: whoever reads it finds all of them or those that stay. It
    /// is no longer held afterwards.
    ///
    /// # Errors
    ///
    /// When it can't be written: all records are still there.
    pub fn take_out(
        &mut self,
        done: &mut dyn FnMut(&Quarantined) -> bool,
    ) -> Result<(), QuarantineError> {
        self.hold().map_err(|e| not_opened(&e))?;
        // Held until the new file is in place.
        let held = self.file.take();
        let rewritten = rewrite::without(&self.path, done);
        drop(held);
        rewritten
            .map_err(|e| QuarantineError(format!("{} can't be written: {e}", self.path.display())))
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
        origin: &Origin,
    ) -> Result<(), QuarantineError> {
        let mut lines = Vec::new();
        for rejection in rejections {
            let record = batch.record(rejection.index);
            let line =
                Quarantined::new(batch.topic(), &record, rejection, origin, &self.provenance);
            serde_json::to_writer(&mut lines, &line).expect("written to memory");
            lines.push(b'\n');
        }
        let file = self.file().map_err(|e| not_opened(&e))?;
        file.write(&lines)
            .and_then(|()| file.settle())
            .map_err(|e| {
                let path = file.path().display();
                QuarantineError(format!("the quarantine {path} can't be written: {e}"))
            })
    }
}

fn not_opened(error: &OpenError) -> QuarantineError {
    QuarantineError(format!("the quarantine can't be opened: {error}"))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use serde_json::{Value, json};

    use super::*;
    use crate::model::{Header, Instant, NO_TIMESTAMP, Position, Record, RejectionKind};
    use jiff::Timestamp;

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
            kind: RejectionKind::Rejected,
            reason: "not UTF-8".into(),
        };
        let origin = Origin {
            started: Instant {
                unix_ms: 0,
                utc_offset_minutes: 0,
            },
            parser: "abc".into(),
            max_artifacts: None,
        };
        let provenance = Provenance {
            cluster_id: "c".into(),
            attempt: 2,
        };
        let mut file = QuarantineFile::new(&path, provenance);
        assert!(!path.exists(), "only when there is something to keep");
        file.quarantine(&batch, &[rejection(1)], &origin).unwrap();
        file.quarantine(&batch, &[rejection(0)], &origin).unwrap();

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
                    "cluster_id": "c", "topic": "fw", "partition": 2, "offset": 7,
                    "timestamp": 1_700_000_000_123_i64, "time": "2023-11-14T22:13:20.123Z",
                    "key": {"text": "kéy\n"}, "value": {"base64": "/wA="},
                    "headers": headers, "kind": "rejected", "reason": "not UTF-8",
                    "parser": "abc", "attempt": 2
                }),
                json!({
                    "cluster_id": "c", "topic": "fw", "partition": 2, "offset": 6,
                    "timestamp": null, "time": null,
                    "key": {"text": "kéy\n"}, "value": null,
                    "headers": headers, "kind": "rejected", "reason": "not UTF-8",
                    "parser": "abc", "attempt": 2
                }),
            ]
        );
        let mut read = QuarantineLines::open(&path).unwrap();
        for index in [1, 0] {
            let letter = read.next_line().unwrap().unwrap();
            assert_eq!(letter.record(), batch.record(index));
        }
        assert_eq!(read.next_line().unwrap(), None);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
