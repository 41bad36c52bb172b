//! Lines of JSON: containers that are written, quarantined records that are read.

use std::io::Write as _;

use kafka_soar::{
    config::ParserLimits,
    emit::{Ndjson, QuarantineLines},
    model::{Batch, Quarantined},
    ports::Deliver as _,
    sandbox::fuzzing::validate,
};
use serde_json::Value;

use super::{halves, harmless};

/// What a guest returned; after a zero byte a quarantine file.
pub fn check(bytes: &[u8]) {
    let (text, file) = halves(bytes);
    if let Ok(text) = std::str::from_utf8(text) {
        containers(text);
    }
    quarantine(file);
}

/// Each container is a line that reads as what the guest returned.
fn containers(text: &str) {
    let limits = ParserLimits::default();
    let Ok(parsed) = validate(text.to_owned(), vec![], vec![], 1, &limits) else {
        return;
    };
    let mut written = Vec::new();
    let delivered = Ndjson::to_stream(&mut written).deliver(&Batch::new("topic"), &parsed, false);
    assert!(delivered.expect("memory takes everything").is_empty());
    let written = String::from_utf8(written).expect("JSON is UTF-8");
    let lines: Vec<Value> = written
        .split_inclusive('\n')
        .map(|line| {
            let line = line.strip_suffix('\n').expect("a line ends");
            assert!(!line.contains(['\n', '\r']));
            serde_json::from_str(line).expect("a line is JSON")
        })
        .collect();
    assert_eq!(lines.len(), parsed.ingests().len());
    for (line, ingest) in lines.iter().zip(parsed.ingests()) {
        let read = |json: &str| serde_json::from_str::<Value>(json).expect("a piece is JSON");
        assert_eq!(line["container"], read(ingest.container()));
        assert_eq!(
            line["artifacts"],
            ingest.artifacts().map(read).collect::<Value>()
        );
    }
}

/// A line is a record, which reads the same when it is written again, or the reason why it is none.
fn quarantine(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    let mut lines = QuarantineLines::open(file.path()).expect("it is there");
    loop {
        match lines.next_line() {
            Ok(None) => break,
            Ok(Some(letter)) => {
                let line = serde_json::to_string(&letter).expect("it has a JSON form");
                assert!(!line.contains('\n'));
                let again: Quarantined = serde_json::from_str(&line).expect("it reads");
                assert_eq!(again, letter);
                let record = letter.record();
                assert_eq!(record.headers.len(), letter.headers.len());
            }
            Err(error) => {
                harmless(&error.to_string());
                break;
            }
        }
    }
}
