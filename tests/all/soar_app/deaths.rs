//! Whatever dies, and at whichever step of a poll: nothing is lost, nothing is there twice.

use std::collections::BTreeMap;

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::shared;
use serde_json::{Value, json};

use super::app::App;
use crate::asset::artifacts;

const MESSAGES: usize = 25;

fn request(topic: &Topic) -> Value {
    json!({
        "identifier": "on_poll",
        "parameters": [{"container_count": 4_294_967_295_u64}],
        "config": {
            "hosts": shared().bootstrap(),
            "topic": topic.as_str(),
            "timeout": 1000,
            "read_from_beginning": true,
            "batch_max_messages": 10,
            "container_max_artifacts": 7,
            "ingest": {"container_label": "events"},
        },
    })
}

/// Kills what `who` names at step `step`; polls on; counts. Whether it came to that step.
fn die(app: &App, topic: &Topic, who: &str, step: usize) -> bool {
    let request = request(topic);
    let at = step.to_string();
    let first = app.run(
        &request,
        &[("STANDIN_DIES", who), ("STANDIN_DIES_AT", at.as_str())],
    );
    let died = first.status() != "success";
    if who == "host" && died {
        // The app has its say, and no more than was acknowledged is kept.
        assert!(
            first.message().contains("ended without a result"),
            "{}",
            first.result
        );
    }
    let second = app.run(&request, &[]);
    assert_eq!(
        second.status(),
        "success",
        "{who} {step}: {}",
        second.stderr
    );
    let containers = app.containers();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for artifact in artifacts(&containers) {
        *seen
            .entry(artifact["cef"]["message"].as_str().expect("text"))
            .or_default() += 1;
    }
    let doubled: Vec<_> = seen.iter().filter(|(_, times)| **times != 1).collect();
    assert!(doubled.is_empty(), "{who} {step}: {doubled:?}");
    assert_eq!(seen.len(), MESSAGES, "{who} {step}: some are lost");
    assert_eq!(
        app.state()[topic.as_str()],
        json!({"0": MESSAGES}),
        "{who} {step}"
    );
    died
}

pub(super) fn die_at_every_step(new: impl Fn() -> App, who: &str, at_least: usize) {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, MESSAGES);
    let mut steps = 0;
    for step in 1.. {
        if !die(&new(), &topic, who, step) {
            break;
        }
        steps = step;
    }
    assert!(steps >= at_least, "only {steps} steps");
}

#[test]
fn the_app_dies_at_any_step_and_nothing_is_lost_or_doubled() {
    // Before and after each of 5 states and 5 containers.
    die_at_every_step(App::base, "app", 18);
}

#[test]
fn the_host_dies_at_any_step_and_nothing_is_lost_or_doubled() {
    die_at_every_step(App::base, "host", 18);
}
