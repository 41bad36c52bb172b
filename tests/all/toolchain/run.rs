//! `parser run`: what goes in, what comes out, and how it ends.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use kafka_soar_tests::{guests, testbed::shared};
use serde_json::json;

use super::{lines, parser};
use crate::{
    asset::Asset,
    policy::{Place, Ran},
};

fn place(messages: &str) -> Place {
    let place = Place::new();
    place.write("in.ndjson", messages);
    place.write("picky.wasm", guests::PICKY);
    place.write("hostile.wasm", guests::HOSTILE);
    place
}

/// A message of JSON with this value.
fn value(text: &str) -> String {
    format!("{}\n", json!({ "value": text }))
}

#[test]
fn messages_of_a_file_become_lines_of_containers() {
    let place = place(
        "{\"value\":\"hello\",\"offset\":9007199254740993,\"partition\":3}\n{\"value_base64\":\"/w==\"}\n{}\n",
    );
    let ran = parser(
        &place,
        &["run", "default", "--input", "in.ndjson", "--topic", "fw"],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let containers = lines(&ran);
    assert_eq!(containers.len(), 1);
    let name = containers[0]["container"]["name"].as_str().unwrap();
    assert!(name.starts_with("Messages ingested from fw at "), "{name}");
    let artifacts = containers[0]["artifacts"].as_array().unwrap();
    assert_eq!(artifacts.len(), 1);
    assert_eq!(artifacts[0]["cef"]["message"], "hello");
    assert_eq!(artifacts[0]["source_data_identifier"], "3:9007199254740993");
    for line in [
        "message 2 (partition 0, offset 1) is rejected: ",
        "message 3 (partition 0, offset 2) is rejected: the message has no value (a tombstone)",
        "3 messages → 1 container, 1 artifact, 2 rejected (parser ",
    ] {
        assert!(ran.stderr.contains(line), "{line}: {}", ran.stderr);
    }
}

#[test]
fn a_limit_and_a_size_of_batches_are_kept() {
    let place = place(&value("a").repeat(7));
    let words = ["run", "picky.wasm", "--input", "in.ndjson", "--json"];
    let ran = parser(
        &place,
        &[&words[..], &["--limit", "5", "--batch", "2"]].concat(),
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let mut containers = lines(&ran);
    let summary = containers.pop().unwrap()["summary"].take();
    assert_eq!(containers.len(), 3);
    assert_eq!(summary["messages"], 5);
    assert_eq!(summary["batches"], 3);
    assert_eq!(summary["artifacts"], 5);
    assert!(summary["peak_memory"].as_u64().unwrap() > 0);
    assert!(summary["parse_ms"].as_f64().unwrap() > 0.0);
}

fn with_stdin(place: &Place, words: &[&str], stdin: &[u8]) -> Ran {
    let mut command = Place::command(&[&["parser", "run"], words].concat());
    let mut child = command
        .current_dir(place.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(stdin).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn lines_of_standard_input_are_values() {
    let ran = with_stdin(
        &place(""),
        &["picky.wasm", "--format", "lines"],
        b"one\n\ntwo\r\n",
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let artifacts = &lines(&ran)[0]["artifacts"];
    let texts: Vec<_> = artifacts
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["cef"]["message"])
        .collect();
    assert_eq!(texts, ["one", "", "two"]);
}

#[test]
fn nothing_is_nothing() {
    let ran = with_stdin(&place(""), &["picky.wasm"], b"");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    assert!(
        ran.stderr.contains("0 messages → 0 containers"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_line_that_is_no_message_is_named() {
    let place = place("{\"value\":\"a\"}\n{\"vale\":\"b\"}\n");
    let ran = parser(&place, &["run", "picky.wasm", "--input", "in.ndjson"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(64), ""));
    assert!(
        ran.stderr
            .contains("in.ndjson, line 2: unknown field `vale`"),
        "{}",
        ran.stderr
    );
    let ran = parser(&place, &["run", "picky.wasm", "--input", "gone"]);
    assert_eq!(ran.code, Some(64));
    assert!(
        ran.stderr.contains("the input gone can't be read"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_parser_that_fails_tells_of_which_messages() {
    let place = place(&(value("a").repeat(3) + &value("panic") + &value("a")));
    let words = ["run", "picky.wasm", "--input", "in.ndjson"];
    let ran = parser(&place, &[&words[..], &["--batch", "3"]].concat());
    assert_eq!(ran.code, Some(65));
    // What came before is shown.
    assert_eq!(lines(&ran)[0]["artifacts"].as_array().unwrap().len(), 3);
    for part in [
        "picky.wasm, messages 4 to 5: the parser crashed",
        "--batch 1",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let ran = parser(&place, &[&words[..], &["--batch", "1", "--json"]].concat());
    let last = lines(&ran).pop().unwrap();
    assert_eq!(last["error"]["class"], "parser");
    let message = last["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("picky.wasm, message 4: "), "{message}");
}

#[test]
fn a_parsers_log_and_its_refusal_are_on_standard_error() {
    let log = place(&value("log-line sooner\u{1b}[2J"));
    let ran = parser(&log, &["run", "hostile.wasm", "--input", "in.ndjson"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("sooner\\u{1b}[2J"), "{}", ran.stderr);
    let refused = place(&value("refuse as asked"));
    let ran = parser(&refused, &["run", "hostile.wasm", "--input", "in.ndjson"]);
    assert_eq!(ran.code, Some(65));
    assert!(
        ran.stderr
            .contains("message 1: the parser refused the batch: as asked"),
        "{}",
        ran.stderr
    );
}

#[test]
fn settings_are_an_object_in_their_place_or_in_a_file() {
    let place = place(&value("a"));
    place.write("settings.json", "{}");
    let words = ["run", "picky.wasm", "--input", "in.ndjson", "--settings"];
    for (settings, code, said) in [
        ("@settings.json", 0, "1 message"),
        ("{\"a\": [1]}", 0, "1 message"),
        ("[]", 64, "the settings are a list, not an object"),
        ("{", 64, "the settings are not JSON"),
        ("@gone", 64, "the settings gone is not there"),
    ] {
        let ran = parser(&place, &[&words[..], &[settings]].concat());
        assert_eq!(ran.code, Some(code), "{settings}: {}", ran.stderr);
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
}

#[test]
fn a_policy_is_heeded() {
    let place = place(&value("a"));
    place.write("policy.toml", "version = 1\nimports = []\n");
    let words = [
        "run",
        "picky.wasm",
        "--input",
        "in.ndjson",
        "--policy",
        "policy.toml",
    ];
    let ran = parser(&place, &words);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(65), ""));
    assert!(
        ran.stderr.contains("kafka-soar:parser/poll"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_topic_is_read_from_its_beginning_and_left_as_it_is() {
    let broker = shared();
    let topic = broker.topic(2);
    broker.produce_numbered(&topic, 2, 20);
    // A parser that isn't there is no matter: another is given.
    let asset = Asset::new(&topic).set("message_parser", "gone.wasm");
    std::fs::write(asset.path("asset.json"), asset.config.to_string()).unwrap();
    let run = |more: &[&str]| {
        let words = [
            "parser",
            "run",
            "default",
            "--asset",
            "asset.json",
            "--json",
        ];
        let mut command: Command = Place::command(&[&words[..], more].concat());
        let output = command.current_dir(asset.path("")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        crate::asset::lines(&text)
    };
    for _ in 0..2 {
        let mut containers = run(&["--limit", "7", "--batch", "5"]);
        let summary = containers.pop().unwrap();
        assert_eq!(summary["summary"]["messages"], 7);
        let artifacts = crate::asset::artifacts(&containers).len();
        assert_eq!(artifacts, 7);
    }
    let all = run(&[]).pop().unwrap();
    assert_eq!(all["summary"]["messages"], 40);
    let left: Vec<_> = std::fs::read_dir(asset.path("")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
