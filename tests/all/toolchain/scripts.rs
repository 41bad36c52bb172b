//! A Python script as it is, without a build.

use std::fs;

use serde_json::{Value, json};

use super::{lines, parser};
use crate::policy::Place;

/// It counts its calls, and prints what it gets.
const SCRIPT: &str = "\
calls = 0


def parse_messages(topic, messages):
    global calls
    calls += 1
    print('got', len(messages))
    return [{'container': {'name': f'{topic} {calls}'},
             'artifacts': [{'name': m['message']} for m in messages]}]
";

fn place() -> Place {
    let place = Place::new();
    place.write("script.py", SCRIPT);
    for case in ["one", "two"] {
        fs::create_dir_all(place.path("cases").join(case)).unwrap();
        place.write(&format!("cases/{case}/in.ndjson"), "{\"value\":\"a\"}\n");
    }
    place.write("in.ndjson", "{\"value\":\"a\"}\n{\"value\":\"b\"}\n");
    place
}

#[test]
fn a_script_is_run_tested_and_checked() {
    let place = place();
    let words = [
        "run",
        "script.py",
        "--input",
        "in.ndjson",
        "--batch",
        "1",
        "--topic",
        "fw",
    ];
    let ran = parser(&place, &words);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // Its state lasts a poll.
    let container = |name: &str, artifact: &str| json!({"container": {"name": name}, "artifacts": [{"name": artifact}]});
    assert_eq!(
        lines(&ran),
        [container("fw 1", "a"), container("fw 2", "b")]
    );
    assert!(ran.stderr.contains("got 1"), "{}", ran.stderr);

    // Cases are polls of their own.
    let ran = parser(&place, &["test", "script.py", "--update"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    for case in ["one", "two"] {
        let path = place.path("cases").join(case).join("expected.json");
        let expected: Value = fs::read_to_string(path).unwrap().parse().unwrap();
        assert_eq!(
            expected["ingests"],
            json!([container("topic 1", "a")]),
            "{case}"
        );
    }

    let ran = parser(&place, &["check", "script.py", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let report = ran.json();
    assert_eq!(report["passed"], true, "{report:#}");
    assert_eq!(report["checks"].as_array().unwrap().len(), 5);
}

#[test]
fn what_a_script_raises_is_told_with_its_line() {
    let place = place();
    place.write(
        "script.py",
        "def parse_messages(topic, messages):\n    return [1 / 0]\n",
    );
    let ran = parser(&place, &["run", "script.py", "--input", "in.ndjson"]);
    assert_eq!(ran.code, Some(65));
    for part in ["script.py", "line 2", "ZeroDivisionError"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
    let ran = parser(&place, &["test", "script.py", "--update"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let expected = fs::read_to_string(place.path("cases/one/expected.json")).unwrap();
    let expected: Value = expected.parse().unwrap();
    assert!(
        expected["failed"]
            .as_str()
            .unwrap()
            .contains("ZeroDivisionError"),
        "{expected}"
    );
}

/// A poll would stop before the first message, and so nothing is said of one.
#[test]
fn a_script_that_can_not_run_is_no_messages_fault() {
    let place = place();
    place.write("script.py", "def parse_messages(topic):\n    return []\n");
    let ran = parser(&place, &["run", "script.py", "--input", "in.ndjson"]);
    assert_eq!(ran.code, Some(65));
    let said = ran.stderr;
    let words = "script.py: parse_messages() should take exactly 2 arguments, takes 1 instead";
    assert!(said.contains(words), "{said}");
    assert!(said.contains("would stop before the first"), "{said}");
    assert!(!said.contains("quarantine"), "{said}");
}
