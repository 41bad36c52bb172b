//! A script as an asset's parser, as a user runs it: the built binary, a real broker.

use std::sync::Once;

use kafka_soar_tests::testbed::{Fixture, shared};
use serde_json::Value;

use crate::asset::{Asset, run};

const SCRIPT: &str = r#"
import json
import logging

def parse_messages(topic, messages):
    print("got", len(messages), "of", topic)
    logging.warning("a warning")
    found = []
    for message in messages:
        event = json.loads(message["message"])
        found.append({
            "container": {"name": event["name"], "description": topic},
            "artifacts": [{"name": "event", "cef": {"at": [message["partition"], message["offset"]]}}],
        })
    return found
"#;

/// An asset with a compiled runner in its cache.
fn asset(events: &[&str], script: &str) -> Asset {
    static COMPILED: Once = Once::new();
    let topic = shared().topic(1);
    shared().produce(
        &topic,
        events.iter().map(|text| Fixture::value(0, text.as_bytes())),
    );
    let asset = Asset::new(&topic);
    std::fs::write(asset.path("mine.py"), script).expect("written");
    COMPILED.call_once(|| {
        let mut inspect = std::process::Command::new(kafka_soar_tests::binary());
        let inspect = inspect
            .args(["parser", "inspect"])
            .arg(asset.path("mine.py"))
            .env("KAFKA_SOAR_CACHE_DIR", crate::asset::cache());
        let output = run(inspect);
        assert!(output.status.success(), "{output:?}");
    });
    asset
}

#[test]
fn a_path_names_a_script() {
    let asset = asset(&[r#"{"name":"eins"}"#, r#"{"name":"zwei ü"}"#], SCRIPT)
        .set("message_parser", "mine.py");
    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 2, "{remarks}");
    assert!(remarks.contains("WARNING:root:a warning"), "{remarks}");
    let containers = asset.containers();
    let names: Vec<_> = containers
        .iter()
        .map(|line| &line["container"]["name"])
        .collect();
    assert_eq!(names, ["eins", "zwei ü"], "{containers:?}");
}

#[test]
fn soar_hands_on_the_text() {
    let asset = asset(&[r#"{"name":"eins"}"#], SCRIPT)
        .set("message_parser", SCRIPT)
        .set("message_parser__filename", "uploaded.py");
    let summary = asset.polled();
    assert_eq!(summary["messages"], 1);
    assert_eq!(asset.containers().len(), 1);
}

/// The message that the script raises on is quarantined, and the others go on.
#[test]
fn a_message_that_a_script_raises_on_costs_itself_only() {
    let asset = asset(
        &[
            r#"{"name":"a"}"#,
            "no JSON",
            r#"{"name":"b"}"#,
            r#"{"name":"c"}"#,
        ],
        SCRIPT,
    )
    .set("message_parser", "mine.py");
    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["quarantined"], 1, "{summary} {remarks}");
    let containers = asset.containers();
    assert_eq!(containers.len(), 3, "{containers:?}");
    let letters =
        std::fs::read_to_string(asset.path("kafka-soar-quarantine.ndjson")).expect("written");
    let letter: Value = letters
        .lines()
        .next()
        .expect("a letter")
        .parse()
        .expect("JSON");
    let text = letter.to_string();
    assert!(
        text.contains(
            "Got an exception in call to mine.py: Expecting value: line 1 column 1 (char 0)"
        ),
        "{text}"
    );
    assert!(text.contains("line 10"), "its own lines: {text}");
}

#[test]
fn a_script_that_can_not_run_stops_the_poll_and_loses_nothing() {
    let broken = asset(
        &[r#"{"name":"a"}"#],
        "def parse_messages(topic):\n    return []\n",
    )
    .set("message_parser", "mine.py");
    let output = run(&mut broken.poll());
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(65), "{said}");
    assert!(
        said.contains("mine.py: parse_messages() should take exactly 2 arguments, takes 1 instead"),
        "{said}"
    );
    // Mended, nothing is missing.
    std::fs::write(broken.path("mine.py"), SCRIPT).expect("written");
    assert_eq!(broken.polled()["messages"], 1);
}

#[test]
fn test_connectivity_tries_it_out() {
    let asset = asset(&[r#"{"name":"a"}"#], SCRIPT).set("message_parser", "mine.py");
    let output = run(&mut asset.command("test-connectivity"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("Checking custom message parsing script - mine.py"),
        "{said}"
    );
    assert!(
        said.contains("mine.py made 1 container(s) and 1 artifact(s)"),
        "{said}"
    );
}
