//! The default parser's output against that of `reference.py`, which states the original
//! connector's: case by case, as JSON.

use std::{
    cell::RefCell,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use default_parser::DefaultParser;
use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{self, Batch, Instant, Position},
    sandbox::Parser,
};
use kafka_soar_parser::testing::{Record, batch};
use serde::Deserialize;
use serde_json::Value;

/// A line of `cases.ndjson`, and of what `fuzz.py` writes.
#[derive(Deserialize)]
struct Case {
    name: String,
    topic: String,
    started: Started,
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Started {
    unix_ms: u64,
    utc_offset_minutes: i16,
}

#[derive(Deserialize)]
struct Message {
    partition: i32,
    offset: i64,
    value: String,
}

/// A line of what `reference.py` writes.
#[derive(Deserialize)]
struct Answer {
    name: String,
    ingests: Value,
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("cases/default_parser")
        .join(name)
}

fn python(name: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new("python3")
        .arg(script(name))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is on the path");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // From another thread, because the script answers while it reads.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{name}: {}", output.status);
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Runs each case through `parse`, which returns the JSON text of the containers, and compares.
fn compare(cases: &str, parse: impl Fn(&Case) -> String) {
    let answers = python("reference.py", &[], cases);
    let (mut compared, mut answers) = (0, answers.lines());
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let answer = answers.next().expect("an answer to each case");
        let answer: Answer = serde_json::from_str(answer).unwrap();
        assert_eq!(answer.name, case.name);
        let text = parse(&case);
        let ingests: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error} in {text}", case.name));
        assert_eq!(ingests, answer.ingests, "{}", case.name);
        compared += 1;
    }
    assert!(compared > 100, "only {compared} cases");
    assert_eq!(answers.next(), None);
}

fn cases() -> String {
    std::fs::read_to_string(script("cases.ndjson")).unwrap()
}

/// The same on every run, so that a failure can be repeated.
fn fuzzed() -> String {
    python("fuzz.py", &["20231220", "2000"], "")
}

fn native(case: &Case) -> String {
    let mut given = batch(&case.topic);
    for message in &case.messages {
        given = given.record(&Record {
            partition: message.partition,
            offset: message.offset,
            value: Some(message.value.as_bytes()),
            ..Record::default()
        });
    }
    let started = i64::try_from(case.started.unix_ms).unwrap();
    given
        .started(started, case.started.utc_offset_minutes)
        .parse_text::<DefaultParser>()
        .unwrap()
}

#[test]
fn natively_every_case_is_what_the_reference_says() {
    compare(&cases(), native);
}

#[test]
fn natively_random_messages_are_what_the_reference_says() {
    compare(&fuzzed(), native);
}

/// The component that is inside the binary, in the sandbox that production uses.
struct Sandboxed(RefCell<Parser>);

impl Sandboxed {
    fn new() -> Self {
        let started = Instant {
            unix_ms: 0,
            utc_offset_minutes: 0,
        };
        let limits = ParserLimits::default();
        let parser = kafka_soar_tests::sandbox(None)
            .load(
                &ParserSource::Default,
                &Policy::default(),
                &limits,
                "{}",
                started,
            )
            .unwrap();
        Self(RefCell::new(parser))
    }

    fn parse(&self, case: &Case) -> String {
        let mut batch = Batch::new(&case.topic);
        for message in &case.messages {
            batch.push(&model::Record {
                position: Position {
                    partition: message.partition,
                    offset: message.offset,
                },
                timestamp: model::NO_TIMESTAMP,
                key: None,
                value: Some(message.value.as_bytes()),
                headers: Vec::new(),
            });
        }
        let started = Instant {
            unix_ms: case.started.unix_ms,
            utc_offset_minutes: case.started.utc_offset_minutes,
        };
        let mut parser = self.0.borrow_mut();
        parser.set_clock(started);
        let parsed = parser.parse(&batch).unwrap();
        assert!(parsed.rejections().is_empty());
        assert!(parsed.sources().iter().copied().eq(0..batch.len()));
        let ingests: Vec<String> = parsed
            .ingests()
            .map(|ingest| {
                let artifacts: Vec<_> = ingest.artifacts().collect();
                format!(
                    r#"{{"container":{},"artifacts":[{}]}}"#,
                    ingest.container(),
                    artifacts.join(",")
                )
            })
            .collect();
        format!("[{}]", ingests.join(","))
    }
}

#[test]
fn sandboxed_every_case_is_what_the_reference_says() {
    let sandboxed = Sandboxed::new();
    compare(&cases(), |case| sandboxed.parse(case));
}

#[test]
fn sandboxed_random_messages_are_what_the_reference_says() {
    let sandboxed = Sandboxed::new();
    compare(&fuzzed(), |case| sandboxed.parse(case));
}
