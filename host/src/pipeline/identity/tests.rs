use serde_json::{Value, json};

use super::*;
use crate::{
    model::{Instant, Position, Record},
    pipeline::{Defaults, Threshold},
};

/// Records at these positions of topic t.
fn batch(positions: &[(i32, i64)]) -> Batch {
    let mut batch = Batch::new("t");
    for &(partition, offset) in positions {
        batch.push(&Record {
            position: Position { partition, offset },
            timestamp: 0,
            key: None,
            value: None,
            headers: vec![],
        });
    }
    batch
}

/// Containers, and their artifacts with the records they come from.
fn parsed(ingests: &[(&str, &[(&str, usize)])], told: bool) -> Parsed {
    let mut parsed = Parsed::default();
    let add = |text: &mut String, json: &str| {
        let start = text.len();
        text.push_str(json);
        start..text.len()
    };
    for (container, artifacts) in ingests {
        let container = add(&mut parsed.text, container);
        let first = parsed.artifacts.len();
        for (artifact, source) in *artifacts {
            let span = add(&mut parsed.text, artifact);
            parsed.artifacts.push(span);
            if told {
                parsed.sources.push(*source);
            }
        }
        parsed.ingests.push(IngestSpan {
            container,
            artifacts: first..parsed.artifacts.len(),
        });
    }
    parsed
}

/// What comes of it: each container with its artifacts.
fn stamped(
    mut parsed: Parsed,
    batch: &Batch,
    defaults: Defaults,
    max_artifacts: Option<usize>,
) -> Vec<(Value, Vec<Value>)> {
    let started = Instant {
        unix_ms: 0,
        utc_offset_minutes: 0,
    };
    let clock = || started;
    let policy = Policy {
        cluster_id: "c",
        defaults,
        max_artifacts,
        threshold: Threshold { percent: 50 },
        clock: &clock,
    };
    stamp(&mut parsed, batch, &policy, &policy.origin("d")).unwrap();
    let value = |json: &str| serde_json::from_str(json).unwrap();
    parsed
        .ingests()
        .map(|ingest| {
            (
                value(ingest.container()),
                ingest.artifacts().map(value).collect(),
            )
        })
        .collect()
}

fn names(parsed: Parsed, batch: &Batch) -> Vec<(String, Vec<String>)> {
    let name = |value: &Value| value[IDENTIFIER].as_str().unwrap().to_owned();
    stamped(parsed, batch, Defaults::default(), None)
        .iter()
        .map(|(container, artifacts)| (name(container), artifacts.iter().map(name).collect()))
        .collect()
}

#[test]
fn names_come_from_positions() {
    let batch = batch(&[(0, 5), (0, 6), (0, 9), (2, 1)]);
    let ingests: &[(&str, &[(&str, usize)])] = &[
        ("{}", &[("{}", 0)]),
        ("{}", &[("{}", 1), ("{}", 2)]),
        ("{}", &[("{}", 0), ("{}", 3), ("{}", 2)]),
    ];
    let expected = [
        ("kafka:c:t:0:5", vec!["kafka:c:t:0:5"]),
        ("kafka:c:t:0:6-9", vec!["kafka:c:t:0:6", "kafka:c:t:0:9"]),
        (
            "kafka:c:t:0:5-9,2:1",
            vec!["kafka:c:t:0:5#2", "kafka:c:t:2:1", "kafka:c:t:0:9#2"],
        ),
    ];
    let found = names(parsed(ingests, true), &batch);
    for ((container, artifacts), (name, of_artifacts)) in found.iter().zip(&expected) {
        assert_eq!(container, name);
        assert_eq!(artifacts, of_artifacts);
    }
}

#[test]
fn what_the_parser_gave_is_kept_and_empty_is_not_given() {
    let batch = batch(&[(0, 5)]);
    let ingests: &[(&str, &[(&str, usize)])] = &[
        (
            r#"{"source_data_identifier": "mine"}"#,
            &[(r#"{"source_data_identifier": "too"}"#, 0), ("{}", 0)],
        ),
        (
            r#"{"source_data_identifier": ""}"#,
            &[(
                r#"{"source_data_identifier": null, "cef": {"source_data_identifier": "x"}}"#,
                0,
            )],
        ),
    ];
    assert_eq!(
        names(parsed(ingests, true), &batch),
        [
            (
                "mine".to_owned(),
                vec!["too".to_owned(), "kafka:c:t:0:5".to_owned()]
            ),
            (
                "kafka:c:t:0:5".to_owned(),
                vec!["kafka:c:t:0:5#2".to_owned()]
            ),
        ]
    );
}

#[test]
fn a_parser_that_does_not_tell_its_sources_has_names_too() {
    let batch = batch(&[(0, 5), (0, 6)]);
    let ingests: &[(&str, &[(&str, usize)])] = &[("{}", &[("{}", 0), ("{}", 0)]), ("{}", &[])];
    assert_eq!(
        names(parsed(ingests, false), &batch),
        [
            (
                "kafka:c:t:0:5-6".to_owned(),
                vec![
                    "kafka:c:t:0:5-6/artifact-1".to_owned(),
                    "kafka:c:t:0:5-6/artifact-2".to_owned()
                ]
            ),
            ("kafka:c:t:0:5-6#2".to_owned(), vec![]),
        ]
    );
}

#[test]
fn long_names_are_shortened_and_stay_apart() {
    let many: Vec<(i32, i64)> = (0..200).map(|partition| (partition, 1)).collect();
    let all: Vec<(&str, usize)> = (0..200).map(|i| ("{}", i)).collect();
    let but_one = &all[1..];
    let found = names(
        parsed(&[("{}", &all), ("{}", but_one)], true),
        &batch(&many),
    );
    assert!(found[0].0.starts_with("kafka:sha256:") && found[0].0.len() < MAX_IDENTIFIER);
    assert_ne!(found[0].0, found[1].0);
}

#[test]
fn large_containers_are_split() {
    let batch = batch(&[(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]);
    let all: Vec<(&str, usize)> = (0..5).map(|i| ("{}", i)).collect();
    let ingests: &[(&str, &[(&str, usize)])] = &[
        (r#"{"name":"n"}"#, &all),
        (r#"{"source_data_identifier":"x"}"#, &all),
    ];
    let found = stamped(parsed(ingests, true), &batch, Defaults::default(), Some(2));
    let shape: Vec<(&str, usize)> = found
        .iter()
        .map(|(container, artifacts)| (container[IDENTIFIER].as_str().unwrap(), artifacts.len()))
        .collect();
    assert_eq!(
        shape,
        [
            ("kafka:c:t:0:1-5", 2),
            ("kafka:c:t:0:1-5/2", 2),
            ("kafka:c:t:0:1-5/3", 1),
            ("x", 2),
            ("x/2", 2),
            ("x/3", 1),
        ]
    );
    assert!(
        found[..3]
            .iter()
            .all(|(container, _)| container["name"] == "n")
    );
}

#[test]
fn bytes_split_a_container_as_well() {
    let batch = batch(&[(0, 1)]);
    let large = format!("{{\"x\":\"{}\"}}", "y".repeat(MAX_BYTES / 2));
    let ingests: &[(&str, &[(&str, usize)])] = &[("{}", &[(&large, 0), (&large, 0), ("{}", 0)])];
    let found = stamped(parsed(ingests, true), &batch, Defaults::default(), None);
    let counts: Vec<usize> = found.iter().map(|(_, artifacts)| artifacts.len()).collect();
    assert_eq!(counts, [1, 2]);
}

#[test]
fn the_label_is_the_assets_and_the_rest_a_default() {
    let defaults = Defaults {
        label: Some("\"events\"".into()),
        usual_label: Some("\"usual\"".into()),
        severity: Some("\"low\"".into()),
        tags: Some(r#"["a"]"#.into()),
    };
    let ingests: &[(&str, &[(&str, usize)])] = &[
        (r#"{"label":"mine","severity":"high","tags":["b"]}"#, &[]),
        ("{}", &[]),
    ];
    let found = stamped(parsed(ingests, true), &batch(&[(0, 1)]), defaults, None);
    let fields =
        |container: &Value| json!([container["label"], container["severity"], container["tags"]]);
    assert_eq!(fields(&found[0].0), json!(["events", "high", ["b"]]));
    assert_eq!(fields(&found[1].0), json!(["events", "low", ["a"]]));

    let usual = Defaults {
        usual_label: Some("\"usual\"".into()),
        ..Defaults::default()
    };
    let found = stamped(parsed(ingests, true), &batch(&[(0, 1)]), usual, None);
    assert_eq!(found[0].0["label"], "mine");
    assert_eq!(found[1].0["label"], "usual");
}
