use kafka_soar_parser::testing::{Given, Parsed, Record, batch};
use serde_json::json;

use super::*;

fn parse(given: &Given) -> Parsed {
    given
        .clone()
        .started(1_700_000_000_999, 120)
        .parse::<DefaultParser>()
        .unwrap()
}

#[test]
fn a_batch_is_a_container_and_a_message_an_artifact() {
    let record = |partition, offset, value| Record {
        partition,
        offset,
        value: Some(value),
        ..Record::default()
    };
    let given = batch("syslog.\"edge\"")
        .record(&record(0, 7, b"first"))
        .record(&record(3, 9_000_000_000, b""))
        .record(&record(0, 8, b"line 1\n\"line 2\"\t\\ \x01\x7f"));
    let parsed = parse(&given);
    assert_eq!(parsed.ingests.len(), 1);
    assert_eq!(
        parsed.ingests[0].container,
        json!({
            "name": "Messages ingested from syslog.\"edge\" at 2023-11-15 00:13:20",
            "description": "Some messages from Kafka",
            "run_automation": false,
        })
    );
    assert_eq!(
        parsed.ingests[0].artifacts,
        [
            json!({
                "name": "first", "cef": {"message": "first"},
                "source_data_identifier": "0:7", "run_automation": false,
            }),
            json!({
                "name": "", "cef": {"message": ""},
                "source_data_identifier": "3:9000000000", "run_automation": false,
            }),
            json!({
                "name": "line 1\n\"line 2\"\t\\ \u{1}\u{7f}",
                "cef": {"message": "line 1\n\"line 2\"\t\\ \u{1}\u{7f}"},
                "source_data_identifier": "0:8",
            }),
        ]
    );
    assert_eq!(parsed.sources, [0, 1, 2]);
    assert_eq!(parsed.rejections, []);
}

#[test]
fn a_name_has_a_hundred_code_points() {
    for (character, length) in [("a", 99), ("a", 100), ("a", 101), ("é", 100), ("😀", 101)] {
        let text = character.repeat(length);
        let expected = character.repeat(length.min(100));
        assert_eq!(beginning(&text), expected, "{length} × {character}");
    }
    let mixed = format!("{}é{}", "a".repeat(99), "b".repeat(50));
    assert_eq!(beginning(&mixed), format!("{}é", "a".repeat(99)));
    // A hundred bytes or more, and fewer characters.
    let few = "é".repeat(60);
    assert_eq!(beginning(&few), few);
}

#[test]
fn a_message_that_is_not_text_is_rejected_and_the_last_accepted_one_runs_playbooks() {
    let given = batch("t")
        .tombstone()
        .value("good")
        .value("also good")
        .value(b"0123456789abcdefg\xff")
        .tombstone();
    let parsed = parse(&given);
    let artifacts = &parsed.ingests[0].artifacts;
    assert_eq!(artifacts.len(), 2);
    assert_eq!(artifacts[0]["run_automation"], false);
    assert_eq!(artifacts[1].get("run_automation"), None);
    assert_eq!(artifacts[1]["source_data_identifier"], "0:2");
    assert_eq!(parsed.sources, [1, 2]);
    assert_eq!(
        parsed.reasons().into_iter().collect::<Vec<_>>(),
        [
            (0, "the message has no value (a tombstone)"),
            (3, "the value isn't UTF-8 text (byte 0xff at position 17)"),
            (4, "the message has no value (a tombstone)"),
        ]
    );
}

#[test]
fn without_an_accepted_message_there_is_no_container() {
    let parsed = parse(&batch("t").tombstone().value(b"\xff"));
    assert_eq!(parsed.text, "");
    assert_eq!(parsed.rejections.len(), 2);
    assert!(parsed.sources.is_empty());
}
