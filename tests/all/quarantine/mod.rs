//! `kafka-soar quarantine` as a user runs it: the built binary, a real broker, files.

mod file;
mod interrupted;
mod soar;
mod topic;

use std::{
    fs,
    process::{Command, Output},
};

use kafka_soar::config::Topic;
use kafka_soar_tests::{
    guests,
    testbed::{Fixture, shared},
};
use serde_json::Value;

use crate::asset::{Asset, error, lines, read, run, summary};

const FILE: &str = "kafka-soar-quarantine.ndjson";

/// An asset whose parser, `hostile.wasm`, does what messages tell it; polled once.
fn polled(asset: Asset) -> Asset {
    // The parser does what the first message of a batch tells it: each is the first.
    let asset = hostile(asset)
        .set("batch_max_messages", 1)
        .set("quarantine_threshold", 100);
    asset.polled();
    asset
}

fn hostile(asset: Asset) -> Asset {
    fs::write(asset.path("hostile.wasm"), guests::HOSTILE).unwrap();
    asset.set("message_parser", "hostile.wasm")
}

/// A topic of one partition with these values.
fn topic_of(values: &[&str]) -> Topic {
    let topic = shared().topic(1);
    let records = values.iter().map(|v| Fixture::value(0, v.as_bytes()));
    shared().produce(&topic, records);
    topic
}

/// Gives the asset the default parser, which takes every text.
fn mend(asset: &mut Asset) {
    asset.config["message_parser"] = Value::from("");
}

fn command(asset: &Asset, what: &str, arguments: &[&str]) -> Command {
    let mut command = asset.command(&format!("quarantine {what}"));
    command.args(["--state", "state.json"]).args(arguments);
    command
}

fn ran(asset: &Asset, what: &str, arguments: &[&str]) -> Output {
    run(&mut command(asset, what, arguments))
}

#[track_caller]
fn succeeded(output: Output) -> Output {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    output
}

/// What is listed.
#[track_caller]
fn listed(asset: &Asset, arguments: &[&str]) -> Vec<Value> {
    let output = succeeded(ran(asset, "list", &[&["--json"], arguments].concat()));
    lines(&String::from_utf8_lossy(&output.stdout))
}

/// Offset, attempt and count of each message that is listed.
#[track_caller]
fn brief(asset: &Asset, arguments: &[&str]) -> Vec<(i64, u64, u64)> {
    let number = |entry: &Value, name: &str| entry[name].as_u64().expect("a number");
    listed(asset, arguments)
        .iter()
        .map(|entry| {
            let offset = entry["offset"].as_i64().expect("a number");
            (offset, number(entry, "attempt"), number(entry, "count"))
        })
        .collect()
}

/// Replays into `replayed.ndjson`; the summary.
#[track_caller]
fn replayed(asset: &Asset, what: &[&str]) -> Value {
    let arguments = [&["--output", "replayed.ndjson", "--json"], what].concat();
    summary(&succeeded(ran(asset, "replay", &arguments)))
}

/// The identifiers of containers that were replayed, without the cluster's id.
fn containers(asset: &Asset) -> Vec<String> {
    lines(&read(&asset.path("replayed.ndjson")))
        .iter()
        .map(|line| {
            let identifier = &line["container"]["source_data_identifier"];
            let parts: Vec<&str> = identifier.as_str().expect("text").split(':').collect();
            assert_eq!(parts[0], "kafka", "{line}");
            parts[2..].join(":")
        })
        .collect()
}

/// A command that fails with this code: message and hint.
#[track_caller]
fn failed(output: &Output, code: i32) -> (String, String) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let error = error(output);
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("message"), text("hint"))
}

fn remarks(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
