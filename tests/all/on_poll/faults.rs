//! Polls that fail: with what exit code and words, and that nothing is lost.

use std::fs;

use kafka_soar_tests::{
    guests,
    testbed::{Fixture, closed_port, shared},
};
use serde_json::json;

use crate::asset::{Asset, error, identifiers, lines, read, run, summary};

#[test]
fn containers_that_can_not_be_written_keep_the_offsets_where_they_are() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 10);
    let asset = Asset::new(&topic);
    let mut poll = asset.command("on-poll");
    poll.args(["--state", "state.json", "--output", "/dev/full", "--json"]);
    let output = run(&mut poll);
    assert_eq!(output.status.code(), Some(74), "{output:?}");
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with("Failed to save ingested Kafka data: "),
        "{message}"
    );
    assert!(message.contains("partition 0 offsets 0–9"), "{message}");
    assert_eq!(asset.offsets(), json!({"0": 0}));
    assert_eq!(asset.polled()["messages"], 10);
}

#[test]
fn a_message_that_crashes_the_parser_costs_itself_only() {
    let topic = shared().topic(1);
    let commands = ["count", "count", "panic", "count", "loop", "count"];
    shared().produce(
        &topic,
        commands.map(|command| Fixture::value(0, command.as_bytes())),
    );
    let asset = Asset::new(&topic)
        .set("message_parser", "hostile.wasm")
        .set("batch_max_messages", 1)
        .set("parser_time_limit", 100);
    fs::write(asset.path("hostile.wasm"), guests::HOSTILE).unwrap();
    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["quarantined"], 2);
    assert_eq!(summary["emitted"], 4);
    assert!(
        remarks.contains("2 message(s) that can't be handled"),
        "{remarks}"
    );
    assert_eq!(asset.offsets(), json!({"0": 6}));

    let quarantine = lines(&read(&asset.path("kafka-soar-quarantine.ndjson")));
    let found: Vec<_> = quarantine
        .iter()
        .map(|line| {
            (
                line["offset"].as_i64().unwrap(),
                line["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [(2, "trap"), (4, "limit")]);
    let reason = quarantine[1]["reason"].as_str().unwrap();
    assert!(
        reason.contains("(limit parser_time_limit = 100 ms)"),
        "{reason}"
    );
    assert_eq!(quarantine[0]["parser"].as_str().unwrap().len(), 64);
    assert_eq!(quarantine[0]["attempt"], 1);
}

#[test]
fn a_broken_parser_halts_the_poll_and_empties_nothing() {
    let topic = shared().topic(1);
    let values = vec![Fixture::value(0, b"panic"); 30];
    shared().produce(&topic, values);
    let asset = Asset::new(&topic).set("message_parser", "hostile.wasm");
    fs::write(asset.path("hostile.wasm"), guests::HOSTILE).unwrap();
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    let error = error(&output);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("16 of 30 messages can't be handled, more than quarantine_threshold"),
        "{message}"
    );
    assert!(
        message.contains("The first: the parser crashed"),
        "{message}"
    );
    assert!(message.contains("partition 0 offsets 0–29"), "{message}");
    assert!(error["hint"].as_str().unwrap().contains("mend the parser"));
    assert_eq!(error["class"], "parser");
    assert_eq!(asset.offsets(), json!({"0": 0}));
    assert!(!asset.path("kafka-soar-quarantine.ndjson").exists());

    // Whoever knows that the messages are at fault says so.
    let asset = asset.set("quarantine_threshold", 100);
    assert_eq!(asset.polled()["quarantined"], 30);
}

#[test]
fn a_state_of_another_cluster_is_refused() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 1);
    let asset = Asset::new(&topic);
    let state = json!({
        topic.as_str(): {"0": 0},
        "kafka-soar/state": {"version": 1, "cluster_id": "elsewhere"},
    })
    .to_string();
    fs::write(asset.path("state.json"), &state).unwrap();
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    assert!(
        error(&output)["message"]
            .as_str()
            .unwrap()
            .contains("\"elsewhere\"")
    );
    assert_eq!(fs::read_to_string(asset.path("state.json")).unwrap(), state);
}

#[test]
fn a_topic_that_is_not_there_is_said_in_the_originals_words() {
    let topic = "never-made".parse().unwrap();
    let asset = Asset::new(&topic);
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    assert!(
        message.starts_with("The specified topic could not be found on the Kafka server"),
        "{message}"
    );
}

#[test]
fn a_cluster_that_is_not_there_is_exit_code_69() {
    let topic = "any".parse().unwrap();
    let asset = Asset::at(&format!("127.0.0.1:{}", closed_port()), &topic);
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("127.0.0.1:"), "{message}");
}

#[test]
fn two_polls_of_one_state_do_not_run_at_once() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 1);
    let asset = Asset::new(&topic);
    let held = kafka_soar::actions::state::Lock::take(&asset.path("state.json")).unwrap();
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    assert!(
        error(&output)["message"]
            .as_str()
            .unwrap()
            .contains("another poll")
    );
    drop(held);
    assert_eq!(asset.polled()["messages"], 1);
}

#[test]
fn a_torn_line_of_a_killed_poll_is_cut_off() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 3);
    let asset = Asset::new(&topic);
    fs::write(
        asset.path("out.ndjson"),
        "{\"container\":{},\"artifacts\":[]}\n{\"container\":{\"na",
    )
    .unwrap();
    asset.polled();
    let containers = asset.containers();
    assert_eq!(containers.len(), 2);
    assert_eq!(identifiers(&containers), ["0:0", "0:1", "0:2"]);
}

#[test]
fn the_other_actions_work_from_the_command_line() {
    let topic = shared().topic(1);
    let asset = Asset::new(&topic);
    let mut post = asset.command("post-data");
    post.args([
        "--data-type",
        "JSON",
        "--data",
        r#"[{"a": "é"}, 2]"#,
        "--timeout",
        "20",
        "--json",
    ]);
    let output = run(&mut post);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let posted = &lines(&String::from_utf8_lossy(&output.stdout))[0];
    assert_eq!(posted["rows"].as_array().unwrap().len(), 2);
    assert_eq!(posted["rows"][1]["offset"], 1);

    let output = run(asset.command("test-connectivity").arg("--json"));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let tested = &lines(&String::from_utf8_lossy(&output.stdout))[0];
    assert_eq!(tested["status"], "Test Connectivity Passed");
    let checks = tested["checks"].as_array().unwrap();
    let parser = checks.iter().find(|check| check["name"] == "parser");
    let parser = parser.unwrap();
    let detail = parser["detail"].as_str().unwrap();
    assert!(detail.contains("2 message(s) from the topic"), "{detail}");

    let output = run(&mut asset.poll());
    assert_eq!(summary(&output)["messages"], 2);
    let containers = asset.containers();
    let message = containers[0]["artifacts"][0]["cef"]["message"]
        .as_str()
        .unwrap();
    assert_eq!(message, "{\n    \"a\": \"é\"\n}");

    let down = Asset::at(&format!("127.0.0.1:{}", closed_port()), &topic);
    let output = run(&mut down.command("test-connectivity"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("FAIL tcp 127.0.0.1:"), "{text}");
    assert!(text.ends_with("Test Connectivity Failed\n"), "{text}");
}

#[test]
fn a_disk_without_room_for_the_state_stops_the_poll_and_keeps_the_state() {
    // The offsets of another topic make a state that is larger than the shell lets a file be; the
    // parser's native code, a file in memory, is not.
    const LIMIT_KIB: usize = 512;
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 1);
    let asset = Asset::new(&topic);
    let other: serde_json::Map<_, _> = (0..60_000)
        .map(|partition: u32| (partition.to_string(), 1_000_000.into()))
        .collect();
    let state = serde_json::json!({ "other": other });
    fs::write(asset.path("state.json"), state.to_string()).unwrap();
    asset.polled();
    let before = read(&asset.path("state.json"));
    assert!(before.len() > LIMIT_KIB << 10, "{}", before.len());
    shared().produce_numbered(&topic, 1, 1);

    let poll = asset.poll();
    let mut full = std::process::Command::new("bash");
    full.arg("-c")
        .arg(format!(
            "trap '' XFSZ; ulimit -f {LIMIT_KIB}; exec \"$0\" \"$@\""
        ))
        .arg(poll.get_program())
        .args(poll.get_args())
        .current_dir(asset.folder.path())
        .env("KAFKA_SOAR_CACHE_DIR", crate::asset::cache());
    let output = run(&mut full);
    assert_eq!(output.status.code(), Some(74), "{output:?}");
    let error = error(&output);
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("state.json can't be written: File too large"),
        "{message}"
    );
    assert_eq!(read(&asset.path("state.json")), before);

    // With room again it goes on; what had no intent was not delivered.
    assert_eq!(asset.polled()["messages"], 1);
    assert_eq!(asset.messages().len(), 2);
    let mut found: Vec<String> = asset.messages();
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 1);
}
