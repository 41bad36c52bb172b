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

/// Kills what `who` names at each of `steps`, one poll after the other; polls on; counts. Whether
/// the last one came to its step.
fn die(app: &App, topic: &Topic, who: &str, steps: &[usize]) -> bool {
    let request = request(topic);
    let mut died = false;
    for step in steps {
        let at = step.to_string();
        let poll = app.run(
            &request,
            &[("STANDIN_DIES", who), ("STANDIN_DIES_AT", at.as_str())],
        );
        died = poll.status() != "success";
        if who == "host" && died {
            // The app has its say, and no more than was acknowledged is kept.
            let message = poll.message();
            assert!(message.contains("ended without a result"), "{message}");
        }
    }
    let last = app.run(&request, &[]);
    assert_eq!(last.status(), "success", "{who} {steps:?}: {}", last.stderr);
    let containers = app.containers();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for artifact in artifacts(&containers) {
        let message = artifact["cef"]["message"].as_str().expect("text");
        *seen.entry(message).or_default() += 1;
    }
    let doubled: Vec<_> = seen.iter().filter(|(_, times)| **times != 1).collect();
    assert!(doubled.is_empty(), "{who} {steps:?}: {doubled:?}");
    assert_eq!(seen.len(), MESSAGES, "{who} {steps:?}: some are lost");
    let offsets = &app.state()[topic.as_str()];
    assert_eq!(*offsets, json!({"0": MESSAGES}), "{who} {steps:?}");
    died
}

/// Kills `who` at `before`, then at each step of the next poll, until there are no more.
pub(super) fn die_at_every_step(
    new: impl Fn() -> App,
    who: &str,
    before: &[usize],
    at_least: usize,
) {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, MESSAGES);
    let mut last = 0;
    for step in 1.. {
        let steps = [before, &[step]].concat();
        if !die(&new(), &topic, who, &steps) {
            break;
        }
        last = step;
    }
    assert!(last >= at_least, "only {last} steps");
}

#[test]
fn the_app_dies_at_any_step_and_nothing_is_lost_or_doubled() {
    // Before and after each of 5 states and 5 containers.
    die_at_every_step(App::base, "app", &[], 18);
}

#[test]
fn the_host_dies_at_any_step_and_nothing_is_lost_or_doubled() {
    die_at_every_step(App::base, "host", &[], 18);
}

#[test]
fn the_app_dies_again_while_it_completes_a_container() {
    // After the first container was saved, and before that was acknowledged. The next poll looks
    // for it, and posts the artifacts of the second one by one.
    die_at_every_step(App::base, "app", &[6], 18);
}
