//! The app behaves as the original connector did, but for its faults: `tests/cases/behaviour`, of
//! which each line says what SOAR is to see. `differs` tells where and why the original, run on the
//! same case, does something else.

use std::{fs, time::Duration};

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::{Fixture, shared};
use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
};
use serde_json::{Value, json};

use super::{
    app::{App, source},
    pattern::{difference, matches},
};
use crate::asset::{artifacts, lines};

const AT_A_TIME: usize = 4;

fn cases(name: &str) -> Vec<Value> {
    let path = source("tests/cases/behaviour").join(name);
    lines(&fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
}

/// Runs all cases of a file, and tells of every one that isn't as it should be.
fn check(name: &str, at_least: usize) {
    let cases = cases(name);
    assert!(cases.len() >= at_least, "only {} cases", cases.len());
    let mut faults = Vec::new();
    // The first by itself: what has to be compiled for it is there for the others.
    let (first, rest) = cases.split_at(1);
    for some in std::iter::once(first).chain(rest.chunks(AT_A_TIME)) {
        std::thread::scope(|scope| {
            let running: Vec<_> = some.iter().map(|case| scope.spawn(|| run(case))).collect();
            for (case, running) in some.iter().zip(running) {
                if let Err(fault) = running.join().expect("no panic") {
                    faults.push(format!("{}: {fault}", case["name"]));
                }
            }
        });
    }
    assert!(
        faults.is_empty(),
        "{} of {}:\n{}",
        faults.len(),
        cases.len(),
        faults.join("\n")
    );
}

#[test]
fn polls_are_as_the_originals() {
    check("on_poll.ndjson", 40);
}

#[test]
fn posts_are_as_the_originals() {
    check("post_data.ndjson", 20);
}

#[test]
fn tests_of_connectivity_are_as_the_originals() {
    check("test_connectivity.ndjson", 8);
}

#[test]
fn scripts_are_run_as_the_original_ran_them() {
    check("scripts.ndjson", 15);
}

fn run(case: &Value) -> Result<(), String> {
    let topic = prepare(case);
    let name = topic.as_ref().map_or("no-such-topic", Topic::as_str);
    let case = case
        .to_string()
        .replace("$TOPIC", name)
        .replace("$HOSTS", shared().bootstrap());
    let mut case: Value = case.parse().expect("JSON");
    if let Some(repeat) = case["parameters"]["data"]["repeat"].as_array() {
        let times = usize::try_from(repeat[1].as_u64().expect("a number")).expect("few");
        let text = repeat[0].as_str().expect("text").repeat(times);
        case["parameters"]["data"] = text.into();
    }
    let app = App::base();
    if !case["state"].is_null() {
        app.set_state(&case["state"]);
    }
    let outcome = app.run(&request(&case, name), &[]);
    let expect = &case["expect"];
    let seen = json!({"status": outcome.status(), "message": outcome.message()});
    let wanted = json!({
        "status": expect["status"],
        "message": expect.get("message").unwrap_or(&json!("*")),
    });
    if let Some(difference) = difference(&wanted, &seen) {
        return Err(format!(
            "{difference}\n{}\n{}",
            outcome.result, outcome.stderr
        ));
    }
    let compare = |what: &str, found: Value| match expect.get(what) {
        Some(wanted) => match difference(wanted, &found) {
            Some(difference) => Err(format!("{what}{difference}")),
            None => Ok(()),
        },
        None => Ok(()),
    };
    compare("data", outcome.rows().clone())?;
    compare("state", app.state()[name].clone())?;
    for (key, wanted) in expect["other"].as_object().into_iter().flatten() {
        if app.state()[key] != *wanted {
            return Err(format!("state: {key} is {}", app.state()[key]));
        }
    }
    for wanted in expect["progress"].as_array().into_iter().flatten() {
        let wanted = wanted.as_str().expect("text");
        if !outcome.said.iter().any(|text| matches(wanted, text)) {
            return Err(format!("not said: {wanted}\nsaid: {:#?}", outcome.said));
        }
    }
    let containers = app.containers();
    let of = |field: &str| -> Value {
        artifacts(&containers)
            .iter()
            .map(|artifact| artifact[field].clone())
            .collect()
    };
    let mut messages: Vec<Value> = artifacts(&containers)
        .iter()
        .map(|artifact| artifact["cef"]["message"].clone())
        .collect();
    if case["anyorder"] == true {
        messages.sort_by_key(ToString::to_string);
    }
    compare("messages", messages.into())?;
    compare("count", artifacts(&containers).len().into())?;
    compare("names", of("name"))?;
    compare("identifiers", of("source_data_identifier"))?;
    compare("automation", of("run_automation"))?;
    if let Some(wanted) = expect["container"].as_object() {
        for (key, wanted) in wanted {
            let found = &containers[0]["container"][key];
            if let Some(difference) = difference(wanted, found) {
                return Err(format!("container.{key}{difference}"));
            }
        }
    }
    if let (Some(topic), Some(_)) = (&topic, expect.get("sent")) {
        compare("sent", sent(topic))?;
    }
    Ok(())
}

fn request(case: &Value, topic: &str) -> Value {
    let mut config = json!({
        "hosts": shared().bootstrap(),
        "topic": topic,
        "timeout": 1000,
        "read_from_beginning": false,
        "ingest": {"container_label": "events"},
    });
    for (field, value) in case["config"].as_object().into_iter().flatten() {
        config[field] = value.clone();
    }
    json!({
        "identifier": case["identifier"],
        "poll_now": case["poll_now"],
        "parameters": [case["parameters"]],
        "config": config,
    })
}

/// Makes the topic of a case, with its messages.
fn prepare(case: &Value) -> Option<Topic> {
    let partitions = case["topic"].as_array()?;
    let topic = shared().topic(i32::try_from(partitions.len()).expect("few"));
    for (partition, messages) in (0..).zip(partitions) {
        let mut values = Vec::new();
        for message in messages.as_array().expect("a list") {
            match message {
                Value::Null => values.push(None),
                Value::String(text) => values.push(Some(text.clone().into_bytes())),
                numbered if numbered["numbered"].is_u64() => {
                    let count = numbered["numbered"].as_u64().expect("a number");
                    values.extend((0..count).map(|n| Some(format!("m{n}").into_bytes())));
                }
                bytes => {
                    let text = bytes["hex"].as_str().expect("hexadecimal digits");
                    values.push(Some(hex::decode(text).expect("hexadecimal digits")));
                }
            }
        }
        let records = values.iter().map(|value| Fixture {
            partition,
            value: value.as_deref(),
            ..Fixture::default()
        });
        shared().produce(&topic, records);
    }
    if let Some(before) = case["delete"].as_i64() {
        shared().delete_records(&topic, 0, before);
    }
    Some(topic)
}

/// The messages of a topic's only partition.
fn sent(topic: &Topic) -> Value {
    const PATIENCE: Duration = Duration::from_secs(10);
    let mut client = shared().client();
    let consumer: BaseConsumer = client.set("group.id", "none").create().expect("a consumer");
    let mut from = TopicPartitionList::new();
    from.add_partition_offset(topic.as_str(), 0, Offset::Beginning)
        .expect("an offset");
    consumer.assign(&from).expect("assigned");
    let (low, high) = consumer
        .fetch_watermarks(topic.as_str(), 0, PATIENCE)
        .expect("watermarks");
    (low..high)
        .map(|_| {
            let message = consumer
                .poll(PATIENCE)
                .expect("a message")
                .expect("no error");
            Value::from(String::from_utf8_lossy(
                message.payload().unwrap_or_default(),
            ))
        })
        .collect()
}
