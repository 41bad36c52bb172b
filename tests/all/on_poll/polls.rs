//! Scheduled polls and polls now, when all goes well.

use std::fs;

use kafka_soar_tests::testbed::{Fixture, shared};
use serde_json::{Value, json};

use crate::asset::{Asset, artifacts, identifiers, lines, read, run};

#[test]
fn a_poll_goes_on_where_the_last_one_stopped() {
    let topic = shared().topic(2);
    shared().produce_numbered(&topic, 2, 500);
    let asset = Asset::new(&topic).set("ingest", json!({"container_label": "events"}));
    let first = asset.polled();
    assert_eq!(first["messages"], 1_000);
    assert_eq!(first["emitted"], 1_000);
    assert_eq!(first["behind"], 0);
    assert_eq!(asset.offsets(), json!({"0": 500, "1": 500}));

    // One container a poll that fits one batch, with the asset's label.
    let containers = asset.containers();
    assert_eq!(containers.len(), 1);
    let container = &containers[0]["container"];
    assert_eq!(container["label"], "events");
    assert_eq!(container["description"], "Some messages from Kafka");
    let name = container["name"].as_str().unwrap();
    assert!(
        name.starts_with(&format!("Messages ingested from {topic} at 2")),
        "{name}"
    );

    let idle = asset.polled();
    assert_eq!(idle["status"], "No messages to ingest, taking no action");
    assert_eq!(asset.containers().len(), 1);

    shared().produce_numbered(&topic, 2, 3);
    assert_eq!(asset.polled()["messages"], 6);
    let containers = asset.containers();
    let mut seen = identifiers(&containers);
    assert_eq!(seen.len(), 1_006);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 1_006);
    assert_eq!(asset.offsets(), json!({"0": 503, "1": 503}));
}

#[test]
fn an_empty_first_poll_leaves_its_offsets() {
    let topic = shared().topic(2);
    shared().produce_numbered(&topic, 2, 10);
    let asset = Asset::new(&topic).set("read_from_beginning", false);
    assert_eq!(asset.polled()["messages"], 0);
    assert_eq!(asset.offsets(), json!({"0": 10, "1": 10}));
    shared().produce_numbered(&topic, 2, 1);
    // What came since, and not the whole topic.
    assert_eq!(asset.polled()["messages"], 2);
}

#[test]
fn the_originals_state_is_read_and_stays_readable() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 10);
    let asset = Asset::new(&topic);
    let original = json!({topic.as_str(): {"0": 7}, "other": {"3": 9}, "app_version": "2.0.7"});
    fs::write(asset.path("state.json"), original.to_string()).unwrap();
    assert_eq!(asset.polled()["messages"], 3);
    let state: Value = read(&asset.path("state.json")).parse().unwrap();
    assert_eq!(state[topic.as_str()], json!({"0": 10}));
    assert_eq!(state["other"], json!({"3": 9}));
    assert_eq!(state["app_version"], "2.0.7");
    assert!(state["kafka-soar/state"]["cluster_id"].is_string());
}

#[test]
fn messages_that_are_no_text_are_quarantined_and_block_nothing() {
    let topic = shared().topic(1);
    let values: [Option<&[u8]>; 5] = [
        Some(b"first"),
        Some(b"\xff\xfe"),
        None,
        Some("caf\u{e9}".as_bytes()),
        Some(b""),
    ];
    shared().produce(
        &topic,
        values.map(|value| Fixture {
            key: Some(b"k"),
            value,
            ..Fixture::default()
        }),
    );
    let asset = Asset::new(&topic);
    let summary = asset.polled();
    assert_eq!(
        (
            &summary["messages"],
            &summary["emitted"],
            &summary["quarantined"]
        ),
        (&json!(5), &json!(3), &json!(2))
    );
    assert_eq!(asset.offsets(), json!({"0": 5}));
    let containers = asset.containers();
    let texts: Vec<&Value> = artifacts(&containers)
        .iter()
        .map(|artifact| &artifact["cef"]["message"])
        .collect();
    assert_eq!(texts, [&json!("first"), &json!("caf\u{e9}"), &json!("")]);

    let quarantine = lines(&read(&asset.path("kafka-soar-quarantine.ndjson")));
    let of = |field: &str| -> Vec<&Value> { quarantine.iter().map(|line| &line[field]).collect() };
    assert_eq!(of("offset"), [&json!(1), &json!(2)]);
    assert_eq!(of("value")[1], &Value::Null);
    assert!(
        quarantine[0].to_string().contains("//4="),
        "{}",
        quarantine[0]
    );
    let reasons = of("reason");
    assert!(
        reasons[0].as_str().unwrap().contains("UTF-8"),
        "{reasons:?}"
    );
    assert!(
        reasons[1].as_str().unwrap().contains("no value"),
        "{reasons:?}"
    );
}

#[test]
fn a_poll_now_takes_the_first_messages_and_leaves_the_state_alone() {
    let topic = shared().topic(2);
    shared().produce_numbered(&topic, 2, 5);
    let asset = Asset::new(&topic);
    asset.polled();
    let state = read(&asset.path("state.json"));
    let mut poll = asset.command("on-poll");
    poll.args(["--state", "state.json", "--poll-now", "7"]);
    let first = run(&mut poll);
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    let containers = lines(&String::from_utf8_lossy(&first.stdout));
    assert_eq!(
        identifiers(&containers),
        ["0:0", "0:1", "0:2", "0:3", "0:4", "1:0", "1:1"]
    );
    assert_eq!(read(&asset.path("state.json")), state);
}

#[test]
fn a_large_poll_is_cut_into_batches() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 250);
    let asset = Asset::new(&topic).set("batch_max_messages", 100);
    let summary = asset.polled();
    assert_eq!(
        (&summary["batches"], &summary["containers"]),
        (&json!(3), &json!(3))
    );
    let sizes: Vec<usize> = asset
        .containers()
        .iter()
        .map(|line| line["artifacts"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [100, 100, 50]);
}
