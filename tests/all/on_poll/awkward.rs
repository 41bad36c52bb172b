//! Topics that are not a plain row of records.

use std::{collections::BTreeSet, fs};

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::{Fixture, Sender, StoredBatch, eventually, shared};
use serde_json::{Value, json};

use crate::{
    asset::{Asset, identifiers, lines, read, run},
    kafka::transactions::{abort, commit, transactional, write},
};

/// The broker's `message.max.bytes`: the largest batch that it takes.
const MESSAGE_MAX_BYTES: usize = 10 << 20;

/// Around a record without key and headers that is a batch of its own: the batch's header (61),
/// the record's length and its value's (4 each), attributes, two deltas, the key's length and the
/// number of headers (1 each).
const AROUND: usize = 61 + 4 + 4 + 5;

#[test]
fn an_empty_topic_gives_nothing_and_its_first_record_is_taken() {
    for beginning in [true, false] {
        let topic = shared().topic(2);
        let asset = Asset::new(&topic)
            .set("read_from_beginning", beginning)
            .set("timeout", 200);
        for _ in 0..2 {
            let (summary, _) = asset.polled_with_remarks();
            assert_eq!(summary["status"], "No messages to ingest, taking no action");
            assert_eq!(
                (&summary["messages"], &summary["behind"]),
                (&json!(0), &json!(0))
            );
            assert_eq!(asset.offsets(), json!({"0": 0, "1": 0}));
        }
        let mut now = asset.command("on-poll");
        let output = run(now.args(["--poll-now", "5"]));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(output.stdout, b"");

        shared().produce(&topic, [Fixture::value(1, b"first")]);
        assert_eq!(asset.polled()["messages"], 1);
        assert_eq!(asset.messages(), ["first"]);
        assert_eq!(asset.offsets(), json!({"0": 0, "1": 1}));
    }
}

/// Writes records with a key and this timestamp; without text it is a tombstone.
fn keyed(topic: &Topic, timestamp: i64, records: &[(String, Option<String>)]) {
    let fixtures = records.iter().map(|(key, text)| Fixture {
        key: Some(key.as_bytes()),
        value: text.as_deref().map(str::as_bytes),
        timestamp: Some(timestamp),
        ..Fixture::default()
    });
    shared().produce(topic, fixtures);
}

#[test]
fn what_compaction_removed_is_neither_waited_for_nor_called_lost() {
    let topic = shared().topic(1);
    // A record over a second younger than a segment's first begins a new one, and only closed
    // segments are cleaned.
    shared().configure(
        &topic,
        &[
            ("cleanup.policy", "compact"),
            ("segment.ms", "1000"),
            ("min.cleanable.dirty.ratio", "0.01"),
        ],
    );
    let round = |name: &str| -> Vec<(String, Option<String>)> {
        (0..10)
            .map(|n| (format!("k{n}"), Some(format!("{name}{n}"))))
            .collect()
    };
    let at = 1_700_000_000_000;
    keyed(&topic, at, &round("a"));
    let asset = Asset::new(&topic);
    assert_eq!(asset.polled()["messages"], 10);

    // Offsets 10 to 29, of which only the last values of k2 to k9 stay, and tombstones at 30, 31.
    keyed(&topic, at, &round("b"));
    keyed(&topic, at, &round("c"));
    keyed(&topic, at, &[("k0".into(), None), ("k1".into(), None)]);
    keyed(&topic, at + 5_000, &[("last".into(), Some("last".into()))]);
    eventually("the log cleaner has run", || {
        let stored = shared().stored(&topic, 0);
        let records: u32 = stored.iter().map(|batch| batch.records).sum();
        (records == 8 + 2 + 1).then_some(())
    });

    let expected: Vec<String> = (2..10)
        .map(|n| format!("c{n}"))
        .chain(["last".into()])
        .collect();
    let tail: BTreeSet<String> = (22..30).chain([32]).map(|n| format!("0:{n}")).collect();
    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 11, "{summary}");
    assert_eq!(summary["emitted"], 9);
    assert_eq!(summary["quarantined"], 2);
    assert_eq!(summary["lost_to_retention"], 0);
    assert_eq!(summary["behind"], 0);
    assert!(!remarks.contains("retention"), "{remarks}");
    assert_eq!(asset.messages()[10..], expected);
    assert_eq!(asset.offsets(), json!({"0": 33}));
    // Tombstones have no text: they are kept with their keys, where they can be looked at.
    let quarantine = lines(&read(&asset.path("kafka-soar-quarantine.ndjson")));
    let offsets: Vec<&Value> = quarantine.iter().map(|line| &line["offset"]).collect();
    assert_eq!(offsets, [30, 31]);

    // Whoever comes first now finds the same.
    let fresh = Asset::new(&topic);
    assert_eq!(fresh.polled()["messages"], 11);
    let containers = fresh.containers();
    let found: BTreeSet<String> = identifiers(&containers)
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(found, tail);
}

#[test]
fn every_codec_is_read_side_by_side_in_one_partition() {
    let topic = shared().topic(1);
    let mut expected = Vec::new();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let values: Vec<String> = (0..100)
            .map(|n| format!("{codec} {n} {}", "compressible ".repeat(20)))
            .collect();
        let settings = [("compression.type", codec), ("linger.ms", "200")];
        let sender = Sender::new(shared(), &settings);
        sender.send(
            &topic,
            values.iter().map(|text| Fixture::value(0, text.as_bytes())),
        );
        sender.settle();
        expected.extend(values);
    }
    let mut codecs: Vec<u8> = shared()
        .stored(&topic, 0)
        .iter()
        .map(|batch| batch.codec)
        .collect();
    codecs.dedup();
    assert_eq!(codecs, [0, 1, 2, 3, 4]);

    let asset = Asset::new(&topic);
    // Saved offsets then lie within compressed batches, which a broker gives out whole.
    let asset = asset.set("batch_max_messages", 70);
    assert_eq!(asset.polled()["messages"], 500);
    assert_eq!(asset.messages(), expected);
    fs::write(
        asset.path("state.json"),
        json!({topic.as_str(): {"0": 450}}).to_string(),
    )
    .unwrap();
    assert_eq!(asset.polled()["messages"], 50);
    assert_eq!(asset.messages()[500..], expected[450..]);
}

#[test]
fn the_largest_record_that_the_broker_takes_passes_between_small_ones() {
    let topic = shared().topic(1);
    let largest = vec![b'x'; MESSAGE_MAX_BYTES - AROUND];
    // Six bytes of JSON for each of its own: the most that text can grow to.
    let control = vec![1; largest.len()];
    let binary = vec![0xff; largest.len()];
    let sender = Sender::new(shared(), &[("message.max.bytes", "20000000")]);
    for value in [b"before", &largest[..], &control, &binary, b"after"] {
        sender.send(&topic, [Fixture::value(0, value)]);
        sender.settle();
    }
    let stored: Vec<StoredBatch> = shared().stored(&topic, 0);
    let sizes: Vec<usize> = stored[1..4].iter().map(|batch| batch.bytes).collect();
    assert_eq!(sizes, [MESSAGE_MAX_BYTES; 3]);

    let asset = Asset::new(&topic);
    let (summary, _) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 5);
    assert_eq!(summary["emitted"], 4);
    assert_eq!(summary["quarantined"], 1);
    assert_eq!(summary["behind"], 0);
    let texts = asset.messages();
    let lengths: Vec<usize> = texts.iter().map(String::len).collect();
    assert_eq!(lengths, [6, largest.len(), largest.len(), 5]);
    assert!(texts[1].bytes().all(|byte| byte == b'x'));
    assert!(texts[2].bytes().all(|byte| byte == 1));
    assert_eq!(asset.offsets(), json!({"0": 5}));
}

#[test]
fn aborted_records_and_markers_are_in_no_figure() {
    let topic = shared().topic(1);
    let asset = Asset::new(&topic);
    let sender = transactional(&topic);
    write(&sender, &topic, &["a", "b"]);
    commit(&sender, &topic);
    write(&sender, &topic, &["no", "never"]);
    abort(&sender, &topic);
    write(&sender, &topic, &["c"]);
    commit(&sender, &topic);
    write(&sender, &topic, &["nor this"]);
    abort(&sender, &topic);

    // Offsets 0 to 9: two records and a marker, twice; one and a marker, twice.
    let (summary, _) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 3);
    assert_eq!(summary["emitted"], 3);
    assert_eq!(summary["quarantined"], 0);
    assert_eq!(summary["filtered"], 0);
    assert_eq!(summary["bytes"], 3);
    assert_eq!(summary["behind"], 0, "nothing is left to be read");
    assert_eq!(asset.messages(), ["a", "b", "c"]);
    assert_eq!(asset.offsets(), json!({"0": 10}));

    // Nothing but what can't be read.
    write(&sender, &topic, &["not either"]);
    abort(&sender, &topic);
    let (summary, _) = asset.polled_with_remarks();
    assert_eq!(summary["status"], "No messages to ingest, taking no action");
    assert_eq!(summary["messages"], 0);
    assert_eq!(summary["behind"], 0);
    assert_eq!(asset.offsets(), json!({"0": 12}));

    // So retention takes nothing away that anybody missed.
    shared().delete_records(&topic, 0, 12);
    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["lost_to_retention"], 0);
    assert!(!remarks.contains("retention"), "{remarks}");
}

#[test]
fn an_open_transaction_is_left_to_the_next_poll() {
    let topic = shared().topic(1);
    let asset = Asset::new(&topic);
    shared().produce(&topic, [Fixture::value(0, b"before")]);
    let sender = transactional(&topic);
    write(&sender, &topic, &["inside"]);
    shared().produce(&topic, [Fixture::value(0, b"after")]);
    assert_eq!(asset.polled()["messages"], 1);
    assert_eq!(asset.offsets(), json!({"0": 1}));
    commit(&sender, &topic);
    assert_eq!(asset.polled()["messages"], 2);
    assert_eq!(asset.messages(), ["before", "inside", "after"]);
    assert_eq!(asset.offsets(), json!({"0": 4}));
}
