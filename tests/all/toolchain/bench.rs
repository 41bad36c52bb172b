//! `parser bench`: figures that can be.

use kafka_soar_tests::guests;

use super::parser;
use crate::policy::Place;

#[test]
fn every_size_of_batches_has_its_figures() {
    let place = Place::new();
    place.write("picky.wasm", guests::PICKY);
    place.write("in.ndjson", "{\"value\":\"hello\"}\n".repeat(250));
    let words = [
        "bench",
        "picky.wasm",
        "--input",
        "in.ndjson",
        "--seconds",
        "0",
    ];
    let ran = parser(&place, &[&words[..], &["--json"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let report = ran.json();
    assert_eq!(
        (&report["messages"], &report["bytes"]),
        (&250.into(), &1250.into())
    );
    let batches = report["batches"].as_array().unwrap();
    let sizes: Vec<_> = batches
        .iter()
        .map(|b| b["batch"].as_u64().unwrap())
        .collect();
    assert_eq!(sizes, [1, 100, 1000]);
    for measured in batches {
        let rate = measured["messages_per_second"].as_f64().unwrap();
        assert!(rate > 10.0, "{measured}");
        // 5 bytes a message.
        let megabytes = measured["megabytes_per_second"].as_f64().unwrap();
        assert!((megabytes - rate * 5.0 / 1e6).abs() <= 0.001, "{measured}");
        assert!(
            measured["peak_memory"].as_u64().unwrap() > 60_000,
            "{measured}"
        );
    }
    // Larger batches share an instance.
    let rate = |i: usize| batches[i]["messages_per_second"].as_f64().unwrap();
    assert!(rate(2) > rate(0), "{batches:?}");

    let ran = parser(&place, &[&words[..], &["--batch", "7"]].concat());
    assert!(
        ran.stdout.contains("250 messages, 1,250 bytes"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stdout.lines().count(), 4, "{}", ran.stdout);
}

#[test]
fn a_parser_that_fails_has_no_figures() {
    let place = Place::new();
    place.write("picky.wasm", guests::PICKY);
    place.write(
        "in.ndjson",
        "{\"value\":\"hello\"}\n{\"value\":\"panic\"}\n",
    );
    let ran = parser(
        &place,
        &[
            "bench",
            "picky.wasm",
            "--input",
            "in.ndjson",
            "--seconds",
            "0",
        ],
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(65), ""));
    assert!(ran.stderr.contains("the parser crashed"), "{}", ran.stderr);
    place.write("in.ndjson", "");
    let ran = parser(&place, &["bench", "picky.wasm", "--input", "in.ndjson"]);
    assert_eq!(ran.code, Some(64), "{}", ran.stderr);
}
