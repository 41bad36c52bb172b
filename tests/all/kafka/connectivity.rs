//! test connectivity against clusters that work, half work and don't.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use kafka_soar::actions::test_connectivity;
use kafka_soar_tests::testbed::{closed_port, shared};
use serde_json::Value;

use crate::asset::{self, Asset};

/// The outcome, and the lines for the person who waits.
fn run(hosts: &str, topic: &str) -> (Value, Vec<String>) {
    let asset = Asset::at(hosts, &topic.parse().expect("a legal name"));
    let output = asset::run(asset.command("test-connectivity").arg("--json"));
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("an outcome");
    let code = i32::from(outcome["passed"] != true);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let lines = String::from_utf8(output.stderr).unwrap();
    (outcome, lines.lines().map(str::to_owned).collect())
}

fn failed(outcome: &Value) -> Vec<&Value> {
    let checks = outcome["checks"].as_array().unwrap();
    checks.iter().filter(|check| check["ok"] == false).collect()
}

#[test]
fn a_cluster_that_works_passes_every_check() {
    let topic = shared().topic(3);
    let host = shared().bootstrap();
    let (outcome, lines) = run(host, topic.as_str());
    assert_eq!(outcome["passed"], true, "{:#?}", failed(&outcome));
    let checks = outcome["checks"].as_array().unwrap();
    let names: Vec<&str> = checks.iter().map(|c| c["name"].as_str().unwrap()).collect();
    let expected = [
        "configuration".to_owned(),
        format!("name {host}"),
        format!("tcp {host}"),
        format!("listener {host}"),
        "cluster".to_owned(),
        format!("topic {topic}"),
        format!("read {topic}"),
        format!("write {topic}"),
        "parser".to_owned(),
        "second wall".to_owned(),
    ];
    assert_eq!(names, expected);
    assert!(checks[4]["detail"].as_str().unwrap().contains(host));
    assert_eq!(checks[5]["detail"], "3 partitions, each with a leader");
    assert_eq!(
        lines,
        [
            "Creating a temporary consumer to test connectivity",
            "Test Connectivity Passed"
        ]
    );
}

#[test]
fn a_dead_host_among_live_ones_fails_the_test() {
    let topic = shared().topic(1);
    let dead = format!("127.0.0.1:{}", closed_port());
    let hosts = format!("{dead},{}", shared().host());
    let (outcome, lines) = run(&hosts, topic.as_str());
    assert_eq!(outcome["status"], "Test Connectivity Failed");
    let failed = failed(&outcome);
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0]["name"], format!("tcp {dead}"));
    assert!(failed[0]["remedy"].is_string());
    assert_eq!(
        lines[1],
        format!("Could not connect to Kafka on {dead} due to:")
    );
    assert!(lines[2].ends_with(
        ". This is usually caused by the Kafka server not running or the port being closed"
    ));
    assert_eq!(
        lines[3],
        "Connection to Kafka cluster successful, but connection to some hosts failed. See above."
    );
    assert_eq!(lines[4], "Test Connectivity Failed");
}

#[test]
fn a_topic_that_does_not_exist_fails_the_test() {
    let (outcome, _) = run(shared().bootstrap(), "there-is-no-such-topic");
    let failed = failed(&outcome);
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0]["name"], "topic there-is-no-such-topic");
    let detail = failed[0]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("The specified topic could not be found on the Kafka server"),
        "{detail}"
    );
}

#[test]
fn no_host_at_all_is_told_at_once() {
    let begun = Instant::now();
    let (outcome, _) = run(&format!("127.0.0.1:{}", closed_port()), "t");
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    let failed = failed(&outcome);
    assert_eq!(failed.len(), 1, "{failed:#?}");
    let name = failed[0]["name"].as_str().unwrap();
    assert!(name.starts_with("tcp "), "{name}");
}

#[test]
fn hosts_that_swallow_everything_do_not_hold_the_test_beyond_its_bound() {
    // One accepts and stays silent; at TEST-NET-1 nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let hosts = format!("{},192.0.2.1:9092", silent.local_addr().unwrap());
    let (outcome, _) = run(&hosts, "t");
    let checks = outcome["checks"].as_array().unwrap();
    let took = checks.iter().map(|check| check["millis"].as_u64().unwrap());
    let took = Duration::from_millis(took.sum());
    assert!(took < test_connectivity::BOUND, "{took:?}");
    let failed = failed(&outcome);
    assert_eq!(failed.len(), 2, "{failed:#?}");
    assert_eq!(
        failed[0]["detail"],
        "the port accepts connections and never answers"
    );
    assert_eq!(failed[1]["name"], "tcp 192.0.2.1:9092");
}

/// A component may say in a custom section what its settings are to be.
#[test]
fn settings_are_held_against_the_parsers_schema() {
    const SECTION: &[u8] = b"kafka-soar:settings-schema";
    let schema = br#"{"required":["port"]}"#;
    let lengths = [SECTION.len(), SECTION.len() + 1 + schema.len()];
    let [name, body] = lengths.map(|length| u8::try_from(length).expect("below 128"));
    let parser = [
        kafka_soar_tests::guests::DEFAULT_PARSER,
        &[0, body, name],
        SECTION,
        schema,
    ];
    for (settings, ok) in [
        (serde_json::json!({"port": 1}), true),
        (serde_json::json!({}), false),
    ] {
        let topic = shared().topic(1);
        let asset = Asset::at(shared().bootstrap(), &topic)
            .set("message_parser", "p.wasm")
            .set("parser_settings", settings);
        std::fs::write(asset.path("p.wasm"), parser.concat()).unwrap();
        let output = asset::run(asset.command("test-connectivity").arg("--json"));
        let outcome: Value = serde_json::from_slice(&output.stdout).expect("an outcome");
        let checks = outcome["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["name"] == "settings");
        assert_eq!(check.expect("it has a schema")["ok"], ok, "{outcome:#}");
        assert_eq!(outcome["passed"], ok);
        if !ok {
            let detail = failed(&outcome)[0]["detail"].as_str().unwrap();
            assert!(
                detail.contains("\"port\" is a required property"),
                "{detail}"
            );
        }
    }
}
