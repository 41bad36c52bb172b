//! Polls of several topics, by name and by pattern.

use std::{
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::{Fixture, shared};
use serde_json::Value;

use crate::asset::{Asset, error, identifiers, run, summary};

/// An asset for these topics.
fn asset(topics: &[&Topic]) -> Asset {
    let names: Vec<&str> = topics.iter().map(|topic| topic.as_str()).collect();
    Asset::new(topics[0]).set("topic", names.join(", "))
}

fn fill(topic: &Topic, values: &[&str]) {
    shared().produce(
        topic,
        values
            .iter()
            .map(|value| Fixture::value(0, value.as_bytes())),
    );
}

#[test]
fn each_topic_has_containers_and_offsets_of_its_own() {
    let (a, b) = (shared().topic(1), shared().topic(2));
    fill(&a, &["a0", "a1"]);
    fill(&b, &["b0"]);
    let asset = asset(&[&a, &b]);
    assert_eq!(asset.polled()["messages"], 3);
    assert_eq!(asset.messages(), ["a0", "a1", "b0"]);
    let containers = asset.containers();
    for (container, topic) in containers.iter().zip([&a, &b]) {
        let name = container["container"]["name"].as_str().unwrap();
        assert!(
            name.starts_with(&format!("Messages ingested from {topic} at ")),
            "{name}"
        );
    }
    let state: Value = std::fs::read_to_string(asset.path("state.json"))
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(state[a.as_str()]["0"], 2);
    assert_eq!(state[b.as_str()]["0"], 1);

    fill(&b, &["b1"]);
    assert_eq!(asset.polled()["messages"], 1);
    assert_eq!(asset.messages().last().unwrap(), "b1");
}

#[test]
fn a_backlog_in_one_topic_does_not_starve_another() {
    let (big, small) = (shared().topic(1), shared().topic(1));
    shared().produce_numbered(&big, 1, 30_000);
    fill(&small, &["urgent"]);
    // Far too little time for the first topic, in batches that each are synced to the disk.
    let asset = asset(&[&big, &small])
        .set("timeout", 1)
        .set("batch_max_messages", 100);
    let polled = asset.polled();
    assert!(polled["messages"].as_u64().unwrap() < 30_000, "{polled}");
    assert!(asset.messages().contains(&"urgent".to_owned()));
    assert!(polled["behind"].as_u64().unwrap() > 0, "{polled}");

    // Polls without a limit catch up, and give everything once.
    let all = asset.set("timeout", 0).set("batch_max_messages", 10_000);
    assert_eq!(all.polled()["behind"], 0);
    let containers = all.containers();
    assert_eq!(identifiers(&containers).len(), 30_001);
    let mut values = all.messages();
    values.sort();
    values.dedup();
    assert_eq!(values.len(), 30_001);
}

#[test]
fn a_poll_that_waits_is_woken_by_any_topic() {
    let (a, b) = (shared().topic(1), shared().topic(3));
    let asset = asset(&[&a, &b]).set("timeout", 20_000);
    let poll = asset
        .poll()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    thread::sleep(Duration::from_millis(2500));
    fill(&b, &["late"]);
    let output = poll.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(summary(&output)["messages"], 1);
    assert_eq!(asset.messages(), ["late"]);
}

#[test]
fn a_pattern_takes_topics_that_are_made_later_from_their_beginning() {
    let first = shared().topic(1);
    fill(&first, &["before"]);
    // Only topics of this test: their names begin with the first one's.
    let pattern = format!("^{first}(-more.*)?");
    let asset = Asset::new(&first)
        .set("topic", pattern.as_str())
        .set("read_from_beginning", false);
    assert_eq!(asset.polled()["messages"], 0);

    let later = shared().topic_named(&format!("{first}-more"), 1);
    fill(&later, &["new"]);
    fill(&first, &["after"]);
    assert_eq!(asset.polled()["messages"], 2);
    assert_eq!(asset.messages(), ["after", "new"]);

    // One that is gone is no fault of the others; its offsets are kept.
    shared().delete_topic(&later);
    fill(&first, &["still"]);
    assert_eq!(asset.polled()["messages"], 1);
    let state: Value = std::fs::read_to_string(asset.path("state.json"))
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(state[later.as_str()]["0"], 1);
    assert_eq!(state["kafka-soar/state"]["pattern"], pattern.as_str());
}

#[test]
fn a_pattern_without_topics_has_nothing_to_ingest() {
    let topic = shared().topic(1);
    let asset = Asset::new(&topic).set("topic", "^there-is-nothing-like-this.*");
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        summary(&output)["status"],
        "No messages to ingest, taking no action"
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("no topic matches ^there-is-nothing-like-this.* yet"),
        "{said}"
    );
    let tested = run(&mut asset.command("test-connectivity"));
    assert_eq!(tested.status.code(), Some(1), "{tested:?}");
}

#[test]
fn a_topic_that_is_missing_fails_the_poll_before_anything_is_read() {
    let topic = shared().topic(1);
    fill(&topic, &["x"]);
    let asset = Asset::new(&topic).set("topic", format!("{topic}, no-such-topic"));
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    assert_eq!(
        error(&output)["message"],
        "The specified topic could not be found on the Kafka server: no-such-topic"
    );
    assert!(asset.containers().is_empty());
}

#[test]
fn a_poll_now_takes_the_first_messages_over_all_topics() {
    let (a, b) = (shared().topic(1), shared().topic(1));
    fill(&a, &["a0", "a1"]);
    fill(&b, &["b0", "b1"]);
    let asset = asset(&[&a, &b]);
    let mut now = asset.poll();
    now.args(["--poll-now", "3"]);
    let output = run(&mut now);
    assert_eq!(summary(&output)["messages"], 3, "{output:?}");
    assert_eq!(asset.messages(), ["a0", "a1", "b0"]);
}

#[test]
fn post_data_needs_one_topic() {
    let (a, b) = (shared().topic(1), shared().topic(1));
    let asset = asset(&[&a, &b]);
    let mut post = asset.command("post-data");
    let output = run(post.args(["--data", "x", "--json"]));
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    assert_eq!(
        message,
        format!("the asset's topic is {a}, {b}: post data needs one topic")
    );
    let mut post = asset.command("post-data");
    let output = run(post.args(["--data", "x", "--topic", b.as_str(), "--timeout", "10"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
