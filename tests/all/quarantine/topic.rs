//! A dead-letter topic.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::{Fixture, eventually, shared};
use rdkafka::{
    Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    message::{Headers as _, OwnedMessage},
};
use serde_json::{Value, json};

use super::{
    FILE, brief, containers, failed, hostile, listed, mend, polled, ran, remarks, replayed,
    succeeded, topic_of,
};
use crate::asset::{Asset, lines, read};

/// The asset, with a dead-letter topic of its own.
fn with_letters(asset: Asset) -> (Asset, Topic) {
    let letters = shared().topic(1);
    (asset.set("dead_letter_topic", letters.as_str()), letters)
}

/// The first record of a topic of one partition, read by nothing of the product.
fn first_record(topic: &Topic) -> OwnedMessage {
    let consumer: BaseConsumer = shared().client().set("group.id", "none").create().unwrap();
    let mut list = TopicPartitionList::new();
    let first = Offset::Beginning;
    list.add_partition_offset(topic.as_str(), 0, first).unwrap();
    consumer.assign(&list).unwrap();
    eventually("a record", || {
        let message = consumer.poll(Duration::from_millis(200))?;
        message.ok().map(|message| message.detach())
    })
}

/// Milliseconds since the Unix epoch. (A time long ago would have the broker delete the record.)
fn an_hour_ago() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap() - 3_600_000
}

fn mark(asset: &Asset) -> Value {
    let state: Value = read(&asset.path("state.json")).parse().unwrap();
    state["kafka-soar/state"]["replayed"].clone()
}

#[test]
fn a_message_survives_the_round_trip_to_the_byte() {
    let (topic, at) = (shared().topic(4), an_hour_ago());
    let value: &[u8] = b"echo \xff\x00\x80 \r\n";
    let key: &[u8] = b"\xfek\x00";
    // One looks as if it were ours, and names repeat.
    let own: Vec<(&str, Option<&[u8]>)> = vec![
        ("trace", Some(b"\x00\xff")),
        ("trace", None),
        ("__connect.errors.topic", Some(b"another")),
        ("kafka-soar.attempt", Some(b"7")),
        ("empty", Some(b"")),
    ];
    let fixture = Fixture {
        partition: 3,
        key: Some(key),
        value: Some(value),
        headers: own.clone(),
        timestamp: Some(at),
    };
    let before = Fixture::value(3, b"text");
    shared().produce(&topic, [before, fixture]);
    let (asset, letters) = with_letters(Asset::new(&topic));
    assert_eq!(asset.polled()["quarantined"], 1);
    assert!(!asset.path(FILE).exists());

    // As Kafka Connect's tools find it.
    let letter = first_record(&letters);
    assert_eq!((letter.key(), letter.payload()), (Some(key), Some(value)));
    assert_eq!(letter.timestamp().to_millis(), Some(at));
    let headers = letter.headers().unwrap();
    let found: Vec<(&str, Option<&[u8]>)> = headers.iter().map(|h| (h.key, h.value)).collect();
    assert_eq!(found[..own.len()], own);
    let names: Vec<&str> = found[own.len()..].iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "__connect.errors.topic",
            "__connect.errors.partition",
            "__connect.errors.offset",
            "__connect.errors.connector.name",
            "__connect.errors.task.id",
            "__connect.errors.stage",
            "__connect.errors.class.name",
            "__connect.errors.exception.class.name",
            "__connect.errors.exception.message",
            "kafka-soar.headers",
            "kafka-soar.cluster.id",
            "kafka-soar.parser.digest",
            "kafka-soar.attempt",
            "kafka-soar.timestamp",
            "kafka-soar.quarantined.at",
        ]
    );
    let told = |name: &str| {
        let found = found.iter().rev().find(|(key, _)| *key == name).unwrap();
        std::str::from_utf8(found.1.unwrap()).unwrap()
    };
    assert_eq!(told("__connect.errors.topic"), topic.as_str());
    assert_eq!(told("__connect.errors.partition"), "3");
    assert_eq!(told("__connect.errors.offset"), "1");
    assert_eq!(told("__connect.errors.stage"), "TRANSFORMATION");
    assert_eq!(told("__connect.errors.exception.class.name"), "rejected");
    assert_eq!(told("kafka-soar.headers"), "5");
    assert_eq!(told("kafka-soar.attempt"), "1");

    let entry = listed(&asset, &[]).remove(0);
    assert_eq!(entry["value"], json!({"base64": "ZWNobyD/AIAgDQo="}));
    let position = format!("{topic}/3@1");
    let output = succeeded(ran(&asset, "show", &[&position, "--json"]));
    assert_eq!(lines(&String::from_utf8_lossy(&output.stdout)), [entry]);

    // The next parser tells all that it sees.
    let asset = hostile(asset);
    assert_eq!(replayed(&asset, &["--all"])["emitted"], 1);
    assert_eq!(containers(&asset), [format!("{topic}:3:1")]);
    let mut seen = lines(&read(&asset.path("replayed.ndjson")))[0]["container"]["data"].take();
    for name in ["settings", "started"] {
        seen.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(
        seen,
        json!({
            "topic": topic.as_str(),
            "partitions": [3],
            "offsets": [1],
            "timestamps": [at],
            "keys": {"bytes": key, "ends": [3], "nulls": []},
            "values": {"bytes": value, "ends": [value.len()], "nulls": []},
            "header_ends": [5],
            "header_names": {
                "bytes": b"tracetrace__connect.errors.topickafka-soar.attemptempty".as_slice(),
                "ends": [5, 10, 32, 50, 55],
                "nulls": [],
            },
            "header_values": {
                "bytes": b"\x00\xffanother7",
                "ends": [2, 2, 9, 10, 10],
                "nulls": [1],
            },
        })
    );
}

#[test]
fn the_state_knows_how_far_the_topic_was_brought_back() {
    let topic = topic_of(&["panic", "count", "refuse"]);
    let (asset, letters) = with_letters(Asset::new(&topic));
    let mut asset = polled(asset);
    assert_eq!(brief(&asset, &[]), [(0, 1, 1), (2, 1, 1)]);
    assert_eq!(mark(&asset), Value::Null);

    // In vain: both come again behind what was brought back.
    let summary = replayed(&asset, &["--all"]);
    assert_eq!(
        (&summary["messages"], &summary["quarantined"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(mark(&asset), json!({letters.as_str(): {"0": 2}}));
    assert_eq!(brief(&asset, &[]), [(0, 2, 1), (2, 2, 1)]);
    assert_eq!(brief(&asset, &["--replayed"]), [(0, 2, 2), (2, 2, 2)]);

    // Messages that are named change nothing: what is listed has no holes.
    mend(&mut asset);
    replayed(&asset, &[&format!("{topic}/0@2")]);
    assert_eq!(mark(&asset), json!({letters.as_str(): {"0": 2}}));
    assert_eq!(brief(&asset, &[]), [(0, 2, 1), (2, 2, 1)]);

    assert_eq!(replayed(&asset, &["--all"])["emitted"], 2);
    let names = [2, 0, 2].map(|offset| format!("{topic}:0:{offset}"));
    assert_eq!(containers(&asset), names);
    assert_eq!(mark(&asset), json!({letters.as_str(): {"0": 4}}));
    assert_eq!(brief(&asset, &[]), []);
    assert_eq!(brief(&asset, &["--all"]), [(0, 2, 2), (2, 2, 2)]);
    let summary = replayed(&asset, &["--all"]);
    assert_eq!(summary["status"], "No messages to replay, taking no action");

    // Polls go on from where they were, and keep what the replay noted.
    shared().produce(&topic, [Fixture::value(0, b"more")]);
    assert_eq!(asset.polled()["messages"], 1);
    assert_eq!(mark(&asset), json!({letters.as_str(): {"0": 4}}));
}

#[test]
fn a_dead_letter_topic_that_was_made_anew_is_all_new() {
    let topic = topic_of(&["panic", "refuse"]);
    let (asset, letters) = with_letters(Asset::new(&topic));
    let mut asset = polled(asset);
    replayed(&asset, &["--all"]);
    replayed(&asset, &["--all"]);
    assert_eq!(mark(&asset), json!({letters.as_str(): {"0": 4}}));
    shared().delete_topic(&letters);
    shared().topic_named(letters.as_str(), 1);
    shared().produce(
        &topic,
        ["panic"; 9].map(|v| Fixture::value(0, v.as_bytes())),
    );
    assert_eq!(asset.polled()["quarantined"], 9);
    assert_eq!(
        brief(&asset, &[]).len(),
        9,
        "also below what was brought back before"
    );
    mend(&mut asset);
    assert_eq!(replayed(&asset, &["--all"])["emitted"], 9);
    assert_eq!(mark(&asset), json!({letters.as_str(): {"0": 9}}));
}

#[test]
fn a_topic_that_is_no_dead_letter_topic_is_told_by_the_header_that_it_lacks() {
    let topic = topic_of(&["panic"]);
    let letters = topic_of(&["foreign", "foreign"]);
    let asset = Asset::new(&topic).set("dead_letter_topic", letters.as_str());
    asset.polled();
    for arguments in [&["list"][..], &["replay", "--all"]] {
        let arguments = [arguments, &["--json"]].concat();
        let (message, hint) = failed(&ran(&asset, arguments[0], &arguments[1..]), 64);
        let expected = format!(
            "topic {letters} is no dead-letter topic: none of its 2 record(s) is a message in \
             quarantine. The first, {letters}/0@0: it has no header __connect.errors.topic"
        );
        assert_eq!(message, expected);
        assert!(hint.contains("dead_letter_topic"), "{hint}");
    }
    // What others put among the letters is left alone.
    asset.forget();
    let mut asset = polled(asset);
    let output = succeeded(ran(&asset, "list", &[]));
    assert!(
        remarks(&output).contains("2 record(s) are no messages in quarantine"),
        "{output:?}"
    );
    assert!(
        remarks(&output).contains("1 message in quarantine"),
        "{output:?}"
    );
    mend(&mut asset);
    assert_eq!(replayed(&asset, &["--all"])["emitted"], 1);
    assert_eq!(mark(&asset), json!({letters.as_str(): {"0": 3}}));
}

#[test]
fn a_letter_of_kafka_connect_is_brought_back_as_well() {
    let (asset, letters) = with_letters(Asset::new(&"sink".parse().unwrap()));
    let at = an_hour_ago();
    let fixture = Fixture {
        partition: 0,
        key: Some(b"k"),
        value: Some(b"of a sink"),
        headers: vec![
            ("own", Some(b"1")),
            ("__connect.errors.topic", Some(b"sink")),
            ("__connect.errors.partition", Some(b"2")),
            ("__connect.errors.offset", Some(b"77")),
            (
                "__connect.errors.exception.class.name",
                Some(b"org.x.DataException"),
            ),
            ("__connect.errors.exception.message", Some(b"no")),
        ],
        timestamp: Some(at),
    };
    shared().produce(&letters, [fixture]);
    let entry = listed(&asset, &[]).remove(0);
    assert_eq!(
        entry["headers"],
        json!([{"name": "own", "value": {"text": "1"}}])
    );
    assert_eq!(entry["kind"], "org.x.DataException");
    assert_eq!(entry["timestamp"], at);
    replayed(&asset, &["--all"]);
    assert_eq!(containers(&asset), ["sink:2:77"]);
}

#[test]
fn an_entry_that_a_later_one_replaces_is_passed_in_whichever_partition_it_is() {
    let letters = shared().topic(2);
    let asset = Asset::new(&"sink".parse().unwrap()).set("dead_letter_topic", letters.as_str());
    // Their own timestamps tell when they came.
    let letter = |partition, timestamp, value| Fixture {
        partition,
        key: None,
        value: Some(value),
        headers: vec![
            ("__connect.errors.topic", Some(b"sink")),
            ("__connect.errors.partition", Some(b"2")),
            ("__connect.errors.offset", Some(b"77")),
        ],
        timestamp: Some(timestamp),
    };
    let (early, late) = (an_hour_ago(), an_hour_ago() + 1000);
    let fixtures = [
        letter(0, early, b"early".as_slice()),
        letter(1, late, b"late"),
    ];
    shared().produce(&letters, fixtures);
    let entries = listed(&asset, &[]);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["value"], json!({"text": "late"}));
    assert_eq!(entries[0]["count"], 2);
    assert_eq!(replayed(&asset, &["--all"])["messages"], 1);
    assert_eq!(mark(&asset), json!({letters.as_str(): {"0": 1, "1": 1}}));
    assert_eq!(brief(&asset, &[]), []);
}

#[test]
fn a_topic_that_is_not_there_and_a_state_that_is_not_given_are_said() {
    let topic = topic_of(&["count"]);
    let asset = Asset::new(&topic).set("dead_letter_topic", "never-made");
    let output = succeeded(ran(&asset, "list", &[]));
    let expected = "0 messages in quarantine: the dead-letter topic never-made is not there";
    assert!(remarks(&output).contains(expected), "{output:?}");
    assert_eq!(replayed(&asset, &["--all"])["messages"], 0);

    let mut replay = asset.command("quarantine replay");
    let output = crate::asset::run(replay.args(["--all", "--json"]));
    let (message, hint) = failed(&output, 64);
    assert!(message.contains("needs a state"), "{message}");
    assert!(hint.contains("--state"), "{hint}");
}
