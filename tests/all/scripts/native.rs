//! Scripts in the style of those that people have (`parsers/python-runner/tests/scripts`) give in the
//! sandbox, to the byte, what they give in an ordinary Python.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use kafka_soar::model::{Batch, NO_TIMESTAMP, Parsed, Position, Record};
use serde::Deserialize;

use super::{load, sandbox, source};

/// A message of `in.ndjson`.
#[derive(Deserialize)]
struct Message {
    value: String,
    partition: i32,
    offset: i64,
}

/// One message at a time, a few, all of them: what a script keeps must come out alike.
const BATCHES: [usize; 3] = [1, 3, 1000];

const TOPIC: &str = "events";

pub(super) fn runner() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../parsers/python-runner")
}

/// The Python that compiled the runner.
fn python() -> Command {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    let mut command = Command::new(python);
    command.arg("-B").current_dir(runner());
    command
}

fn succeeded(command: &mut Command) -> Output {
    let output = command.output().expect("Python of the runner's build");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn natively(script: &Path, batch: usize) -> Vec<String> {
    let output = succeeded(
        python()
            .arg("tests/scripts/native.py")
            .arg(script.join("parser.py"))
            .arg(script.join("in.ndjson"))
            .args(["--topic", TOPIC, "--batch", &batch.to_string()]),
    );
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\n').map(str::to_owned).collect()
}

fn messages(script: &Path) -> Vec<Message> {
    let text = fs::read_to_string(script.join("in.ndjson")).expect("messages");
    text.split_terminator('\n')
        .map(|line| serde_json::from_str(line).expect("a message"))
        .collect()
}

fn batch(messages: &[Message]) -> Batch {
    let mut batch = Batch::new(TOPIC);
    for message in messages {
        batch.push(&Record {
            position: Position {
                partition: message.partition,
                offset: message.offset,
            },
            timestamp: NO_TIMESTAMP,
            key: None,
            value: Some(message.value.as_bytes()),
            headers: vec![],
        });
    }
    batch
}

/// What came of a batch, as `native.py` writes it.
fn text(parsed: &Parsed) -> String {
    let mut text = String::from("[");
    for (index, ingest) in parsed.ingests().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let artifacts: Vec<_> = ingest.artifacts().collect();
        let _ = write!(
            text,
            r#"{comma}{{"container":{},"artifacts":[{}]}}"#,
            ingest.container(),
            artifacts.join(",")
        );
    }
    text + "]"
}

#[test]
fn scripts_give_what_they_give_without_a_sandbox() {
    let scripts = runner().join("tests/scripts");
    let mut compared = 0;
    let mut different = Vec::new();
    for entry in fs::read_dir(&scripts).expect("scripts") {
        let script = entry.expect("an entry").path();
        if !script.join("in.ndjson").exists() {
            continue;
        }
        compared += 1;
        let name = script.file_name().expect("a name").to_string_lossy();
        let source = source(
            "parser.py",
            &fs::read_to_string(script.join("parser.py")).expect("a script"),
        );
        let messages = messages(&script);
        for size in BATCHES {
            let mut parser = load(sandbox(), &source);
            let expected = natively(&script, size);
            let batches = messages.chunks(size);
            assert_eq!(batches.len(), expected.len(), "{name} by {size}");
            for (number, (messages, expected)) in batches.zip(&expected).enumerate() {
                let got = match parser.parse(&batch(messages)) {
                    Ok(parsed) => text(&parsed),
                    Err(e) => e.to_string(),
                };
                if got != *expected {
                    different.push(format!(
                        "{name}, batch {number} of {size}:\n  sandboxed {got}\n  natively  {expected}"
                    ));
                }
            }
        }
    }
    assert!(compared >= 36, "only {compared} scripts");
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// The runner's own tests, which need no sandbox.
#[test]
fn the_runner_passes_its_tests() {
    let output = succeeded(python().args(["-m", "unittest"]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("\nOK"), "{said}");
    let ran: usize = said
        .split_once("Ran ")
        .and_then(|(_, rest)| rest.split(' ').next()?.parse().ok())
        .unwrap_or_else(|| panic!("how many? {said}"));
    assert!(ran >= 50, "{said}");
}
