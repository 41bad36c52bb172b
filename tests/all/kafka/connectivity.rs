//! test connectivity against clusters that work, half work and don't.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use kafka_soar::{
    actions::test_connectivity::{self, Check, Options, Outcome},
    config::{Config, Connection, Host},
};

use super::post::config;
use kafka_soar_tests::testbed::{closed_port, connection, shared};

fn host(port: u16) -> Host {
    Host {
        name: "127.0.0.1".to_owned(),
        port,
    }
}

/// The outcome and the lines for the person who waits.
fn run(config: &Config) -> (Outcome, Vec<String>) {
    let mut lines = Vec::new();
    let outcome = test_connectivity::run(config, &Options::default(), &mut |line| {
        lines.push(line.to_owned());
    });
    (outcome, lines)
}

fn on(connection: Connection, topic: &str) -> Config {
    config(connection, &topic.parse().expect("a legal name"))
}

fn failed(outcome: &Outcome) -> Vec<&Check> {
    outcome.checks.iter().filter(|check| !check.ok).collect()
}

#[test]
fn a_cluster_that_works_passes_every_check() {
    let topic = shared().topic(3);
    let (outcome, lines) = run(&on(shared().connection(), topic.as_str()));
    assert!(outcome.passed, "{:#?}", failed(&outcome));
    let names: Vec<&str> = outcome.checks.iter().map(|c| c.name.as_str()).collect();
    let host = shared().bootstrap();
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
    ];
    assert_eq!(names, expected);
    assert!(outcome.checks[4].detail.contains(host));
    assert_eq!(outcome.checks[5].detail, "3 partitions, each with a leader");
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
    let dead = host(closed_port());
    let (outcome, lines) = run(&on(
        connection(vec![dead.clone(), shared().host()]),
        topic.as_str(),
    ));
    assert!(!outcome.passed);
    assert_eq!(outcome.status, "Test Connectivity Failed");
    let failed = failed(&outcome);
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0].name, format!("tcp {dead}"));
    assert!(failed[0].remedy.is_some());
    assert!(lines[1].starts_with(&format!("Could not connect to Kafka on {dead} due to:\n")));
    assert!(lines[1].ends_with(
        ". This is usually caused by the Kafka server not running or the port being closed"
    ));
    assert_eq!(
        lines[2],
        "Connection to Kafka cluster successful, but connection to some hosts failed. See above."
    );
    assert_eq!(lines[3], "Test Connectivity Failed");
}

#[test]
fn a_topic_that_does_not_exist_fails_the_test() {
    let (outcome, _) = run(&on(shared().connection(), "there-is-no-such-topic"));
    let failed = failed(&outcome);
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0].name, "topic there-is-no-such-topic");
    assert!(
        failed[0]
            .detail
            .starts_with("The specified topic could not be found on the Kafka server")
    );
}

#[test]
fn no_host_at_all_is_told_at_once() {
    let begun = Instant::now();
    let (outcome, _) = run(&on(connection(vec![host(closed_port())]), "t"));
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    let failed = failed(&outcome);
    let names: Vec<&str> = failed.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].starts_with("tcp "), "{names:?}");
}

#[test]
fn hosts_that_swallow_everything_do_not_hold_the_test_beyond_its_bound() {
    // One accepts and stays silent.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let hosts = vec![
        host(silent.local_addr().unwrap().port()),
        // TEST-NET-1: nobody answers there.
        Host {
            name: "192.0.2.1".to_owned(),
            port: 9092,
        },
    ];
    let begun = Instant::now();
    let (outcome, _) = run(&on(connection(hosts), "t"));
    assert!(
        begun.elapsed() < test_connectivity::BOUND,
        "{:?}",
        begun.elapsed()
    );
    assert!(!outcome.passed);
    let failed = failed(&outcome);
    let names: Vec<&str> = failed.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(
        failed[0].detail,
        "the port accepts connections and never answers"
    );
    assert_eq!(names[1], "tcp 192.0.2.1:9092");
}
