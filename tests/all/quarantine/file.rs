//! A quarantine in a file.

use std::fs;

use kafka_soar::{
    actions::state::Lock, config::BatchLimits, emit::QuarantineFile, kafka::Consumer,
    model::Provenance,
};
use kafka_soar_tests::testbed::shared;
use serde_json::json;

use super::{
    FILE, brief, command, containers, failed, listed, mend, polled, ran, remarks, replayed,
    succeeded, topic_of,
};
use crate::asset::{Asset, read, run};

#[test]
fn a_mended_parser_takes_what_crashed_the_one_before() {
    let topic = topic_of(&["count", "panic", "count", "refuse \u{1b}[2J", "count"]);
    let mut asset = polled(Asset::new(&topic));
    assert_eq!(brief(&asset, &[]), [(1, 1, 1), (3, 1, 1)]);
    assert_eq!(brief(&asset, &["--kind", "trap"]), [(1, 1, 1)]);
    assert_eq!(brief(&asset, &["--topic", "other"]), []);

    let output = succeeded(ran(&asset, "list", &[]));
    let text = String::from_utf8_lossy(&output.stdout);
    let rows: Vec<&str> = text.lines().collect();
    assert!(
        rows[0].starts_with("POSITION ") && rows.len() == 3,
        "{text}"
    );
    assert!(rows[1].starts_with(&format!("{topic}/0@1 ")), "{text}");
    assert!(rows[1].contains("the parser crashed"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(
        remarks(&output).contains(&format!(
            "2 messages in quarantine: {FILE}; 1 refused, 1 trap"
        )),
        "{output:?}"
    );

    let output = succeeded(ran(&asset, "show", &[&format!("{topic}/0@3")]));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("\nvalue: 11 bytes\n    refuse \\u{1b}[2J\n"),
        "{text}"
    );
    assert!(text.contains("\nkind        refused\n"), "{text}");

    mend(&mut asset);
    fs::copy(asset.path(FILE), asset.path("before")).unwrap();
    let summary = replayed(&asset, &["--all"]);
    assert_eq!(summary["status"], "Replay complete");
    assert_eq!(
        (&summary["messages"], &summary["emitted"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        (&summary["quarantined"], &summary["behind"]),
        (&json!(0), &json!(0))
    );
    let names = [format!("{topic}:0:1"), format!("{topic}:0:3")];
    assert_eq!(containers(&asset), names);
    assert_eq!(brief(&asset, &[]), []);
    assert_eq!(read(&asset.path(FILE)), "");

    // However often and in whatever company a message comes, its container has the same name.
    fs::copy(asset.path("before"), asset.path(FILE)).unwrap();
    let position = format!("{topic}/0@3");
    assert_eq!(replayed(&asset, &[&position])["messages"], 1);
    assert_eq!(containers(&asset)[2..], names[1..]);
    assert_eq!(brief(&asset, &[]), [(1, 1, 1)]);
    assert_eq!(replayed(&asset, &["--all"])["messages"], 1);
    assert_eq!(containers(&asset)[3..], names[..1]);
    let summary = replayed(&asset, &["--all"]);
    assert_eq!(summary["status"], "No messages to replay, taking no action");
    assert_eq!(asset.offsets(), json!({"0": 5}), "no poll's offsets change");
}

#[test]
fn what_fails_again_is_there_again_with_one_more_attempt() {
    let topic = topic_of(&["panic", "count", "refuse"]);
    let mut asset = polled(Asset::new(&topic));
    let output = ran(&asset, "replay", &["--all", "--output", "replayed.ndjson"]);
    let output = succeeded(output);
    assert!(
        remarks(&output).contains("2 message(s) still can't be handled and are back in"),
        "{output:?}"
    );
    assert_eq!(brief(&asset, &[]), [(0, 2, 2), (2, 2, 2)]);
    let summary = replayed(&asset, &["--all"]);
    assert_eq!(
        (&summary["messages"], &summary["quarantined"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(brief(&asset, &[]), [(0, 3, 3), (2, 3, 3)]);
    let output = succeeded(ran(&asset, "list", &[]));
    assert!(
        remarks(&output).contains("2 messages in quarantine"),
        "{output:?}"
    );
    assert!(remarks(&output).contains(", 6 entries; "), "{output:?}");

    // All entries of a message go with it, and no other.
    mend(&mut asset);
    replayed(&asset, &[&format!("{topic}/0@0")]);
    assert_eq!(brief(&asset, &[]), [(2, 3, 3)]);
    replayed(&asset, &["--all"]);
    assert_eq!(read(&asset.path(FILE)), "");
}

#[test]
fn more_failures_than_the_threshold_do_not_stop_a_replay() {
    let mut values = vec!["panic"; 30];
    values.extend(["count"; 40]);
    let topic = topic_of(&values);
    let asset = polled(Asset::new(&topic)).set("quarantine_threshold", 10);
    assert_eq!(replayed(&asset, &["--all"])["quarantined"], 30);
    assert_eq!(brief(&asset, &[]).len(), 30);
}

#[test]
fn nothing_in_quarantine_is_no_failure_and_leaves_nothing() {
    let topic = topic_of(&["count"]);
    let asset = polled(Asset::new(&topic));
    for arguments in [&["list"][..], &["replay", "--all"]] {
        let output = succeeded(ran(&asset, arguments[0], &arguments[1..]));
        assert_eq!(output.stdout, b"", "{output:?}");
        let expected = match arguments[0] {
            "list" => "0 messages in quarantine: kafka-soar-quarantine.ndjson is not there",
            _ => "No messages to replay",
        };
        assert!(remarks(&output).contains(expected), "{output:?}");
    }
    assert!(!asset.path(FILE).exists());
}

#[test]
fn a_position_that_is_not_there_or_none_at_all_is_named() {
    let topic = topic_of(&["panic", "count"]);
    let asset = polled(Asset::new(&topic));
    let (there, absent) = (format!("{topic}/0@0"), format!("{topic}/0@1"));
    let expected = format!("{absent} is not in {FILE}");
    let (message, hint) = failed(&ran(&asset, "show", &[&absent, "--json"]), 64);
    assert_eq!(message, expected);
    assert!(hint.contains("quarantine list"), "{hint}");
    let output = ran(&asset, "replay", &[&there, &absent, "--json"]);
    assert_eq!(failed(&output, 64).0, expected);
    assert_eq!(brief(&asset, &[]), [(0, 1, 1)], "nothing was replayed");

    for bad in ["fw-0-1", "fw/0", "fw/0@x"] {
        let (message, _) = failed(&ran(&asset, "show", &[bad, "--json"]), 64);
        assert!(message.contains(bad), "{message}");
        assert!(
            message.contains("topic/partition@offset, such as fw/0@123"),
            "{message}"
        );
    }
    let (message, _) = failed(&ran(&asset, "replay", &["--json"]), 64);
    assert!(message.contains("POSITION"), "{message}");
}

#[test]
fn a_damaged_line_is_named_by_its_number_and_the_file_left_as_it_is() {
    let topic = topic_of(&["panic", "refuse"]);
    let asset = polled(Asset::new(&topic));
    let text = read(&asset.path(FILE));
    let damaged = text.replacen('\n', "\n{\"topic\": \"fw\"}\n", 1);
    fs::write(asset.path(FILE), &damaged).unwrap();
    for arguments in [&["list"][..], &["replay", "--all"], &["show", "fw/0@0"]] {
        let arguments = [arguments, &["--json"]].concat();
        let (message, hint) = failed(&ran(&asset, arguments[0], &arguments[1..]), 64);
        let expected = "line 2 is no quarantined message: column 15: missing field `partition`";
        assert!(message.ends_with(expected), "{message}");
        assert!(hint.contains("corrected or taken out"), "{hint}");
    }
    assert_eq!(read(&asset.path(FILE)), damaged);
}

#[test]
fn nobody_else_writes_the_quarantine_or_the_state_meanwhile() {
    let topic = topic_of(&["panic"]);
    let mut asset = polled(Asset::new(&topic));
    mend(&mut asset);
    let provenance = Provenance {
        cluster_id: String::new(),
        attempt: 1,
    };
    let mut poll = QuarantineFile::new(asset.path(FILE), provenance);
    poll.hold().unwrap();
    let replay = ["--all", "--json", "--output", "replayed.ndjson"];
    let (message, hint) = failed(&ran(&asset, "replay", &replay), 74);
    assert!(
        message.contains("is being written by another process"),
        "{message}"
    );
    assert!(hint.contains("wait until it is over"), "{hint}");
    assert_eq!(
        brief(&asset, &[]),
        [(0, 1, 1)],
        "whoever only looks may look"
    );
    drop(poll);

    let poll = Lock::take(&asset.path("state.json")).unwrap();
    let (message, _) = failed(&ran(&asset, "replay", &replay), 64);
    assert!(message.contains("is using the state file"), "{message}");
    drop(poll);
    replayed(&asset, &["--all"]);
    assert_eq!(brief(&asset, &[]), []);
}

#[test]
fn a_container_that_can_not_be_written_stays_in_quarantine() {
    let topic = topic_of(&["panic", "refuse"]);
    let mut asset = polled(Asset::new(&topic));
    mend(&mut asset);
    let output = ran(
        &asset,
        "replay",
        &["--all", "--output", "/dev/full", "--json"],
    );
    let (message, _) = failed(&output, 74);
    assert!(
        message.starts_with("Failed to save ingested Kafka data: "),
        "{message}"
    );
    assert!(message.contains("partition 0 offsets 0–0"), "{message}");
    assert_eq!(brief(&asset, &[]), [(0, 1, 1), (1, 1, 1)]);
}

#[test]
fn a_container_is_named_by_the_cluster_that_its_message_came_from() {
    let topic = topic_of(&["panic", "refuse", "panic"]);
    let mut asset = polled(Asset::new(&topic));
    mend(&mut asset);
    let limits = BatchLimits::default();
    let consumer = Consumer::connect(&shared().connection(), limits).unwrap();
    let id = consumer.cluster_id().to_owned();
    // The second came from elsewhere, and the third doesn't tell.
    let text = read(&asset.path(FILE));
    let lines: Vec<String> = text
        .lines()
        .zip([id.as_str(), "elsewhere", ""])
        .map(|(line, cluster)| line.replace(&id, cluster) + "\n")
        .collect();
    fs::write(asset.path(FILE), lines.concat()).unwrap();
    assert_eq!(
        listed(&asset, &[])[2]["cluster_id"],
        id,
        "as the state knows"
    );
    // Nor is there a state that knows: the cluster is asked.
    let mut replay = asset.command("quarantine replay");
    replay.args(["--all", "--output", "replayed.ndjson", "--json"]);
    let output = succeeded(run(&mut replay));
    let summary = crate::asset::summary(&output);
    assert_eq!(
        (&summary["messages"], &summary["batches"]),
        (&json!(3), &json!(3))
    );
    let text = read(&asset.path("replayed.ndjson"));
    for name in [
        format!("kafka:{id}:{topic}:0:0"),
        format!("kafka:elsewhere:{topic}:0:1"),
        format!("kafka:{id}:{topic}:0:2"),
    ] {
        assert!(text.contains(&format!("\"{name}\"")), "{name}: {text}");
    }
    assert_eq!(read(&asset.path(FILE)), "");
}

#[test]
fn help_says_how() {
    let topic = "any".parse().unwrap();
    let asset = Asset::new(&topic);
    for what in ["list", "show", "replay"] {
        let output = succeeded(run(command(&asset, what, &["--help"]).env("COLUMNS", "100")));
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            text.contains("Examples:") && text.contains("--quarantine <FILE>"),
            "{text}"
        );
    }
}
