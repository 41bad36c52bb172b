//! `parser check`: may it run, and does it?

use kafka_soar_tests::guests;
use serde_json::{Value, json};

use super::parser;
use crate::policy::{Place, digest};

fn check(place: &Place, words: &[&str]) -> (Option<i32>, Value) {
    let ran = parser(place, &[&["check"], words, &["--json"]].concat());
    (ran.code, ran.json())
}

/// Names of the checks that were ok, and of those that were not.
fn verdicts(report: &Value) -> Vec<(&str, bool)> {
    let checks = report["checks"].as_array().unwrap();
    let verdict = |check: &'_ Value| check["ok"].as_bool().unwrap();
    checks
        .iter()
        .map(|check| (check["name"].as_str().unwrap(), verdict(check)))
        .collect()
}

/// A component with a schema for its settings.
fn with_schema(component: &[u8], schema: &str) -> Vec<u8> {
    fn leb(mut number: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while number > 0x7f {
            bytes.push(u8::try_from(number & 0x7f).unwrap() | 0x80);
            number >>= 7;
        }
        bytes.push(u8::try_from(number).unwrap());
        bytes
    }
    let name = b"kafka-soar:settings-schema";
    let body = [&leb(name.len())[..], name, schema.as_bytes()].concat();
    [component, &[0], &leb(body.len()), &body].concat()
}

#[test]
fn a_parser_that_runs_passes() {
    let place = Place::new();
    place.write("p.wasm", guests::DEFAULT_PARSER);
    let (code, report) = check(&place, &["p.wasm"]);
    assert_eq!(code, Some(0), "{report:#}");
    let all = ["admission", "imports", "settings", "run", "again"].map(|name| (name, true));
    assert_eq!(verdicts(&report), all);
    let hex = digest(guests::DEFAULT_PARSER);
    assert_eq!(
        format!("sha256:{}", report["digest"].as_str().unwrap()),
        hex
    );
    assert_eq!(report["checks"][1]["detail"], "poll");
    let run = report["checks"][3]["detail"].as_str().unwrap();
    assert!(
        run.starts_with("1 container(s) and 3 artifact(s) of 5 message(s), 2 rejected"),
        "{run}"
    );
    assert_eq!(report["settings_schema"], Value::Null);

    let ran = parser(&place, &["check", "default"]);
    assert_eq!(ran.code, Some(0));
    assert!(
        ran.stdout
            .contains("ok   again: the same, to the byte\npassed\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_parser_that_may_not_run_is_told_why() {
    let place = Place::new();
    place.write("p.wasm", guests::DEFAULT_PARSER);
    place.write("wrong.wasm", guests::text("wrong-type"));
    place.write("module.wasm", b"\0asm\x01\0\0\0");
    place.write("policy.toml", "version = 1\nimports = []\n");
    for (words, said) in [
        (&["wrong.wasm"][..], "does not fit the contract"),
        (&["module.wasm"], "a core WebAssembly module"),
        (
            &["p.wasm", "--policy", "policy.toml"],
            "kafka-soar:parser/poll",
        ),
        (&["gone.wasm"], "gone.wasm: no such file"),
    ] {
        let (code, report) = check(&place, words);
        assert_eq!(code, Some(65), "{words:?}");
        assert_eq!(verdicts(&report), [("admission", false)]);
        let detail = report["checks"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{detail}");
        assert_eq!(report["passed"], false);
    }
}

#[test]
fn a_parser_that_fails_on_messages_is_told_of_it() {
    let place = Place::new();
    place.write("picky.wasm", guests::PICKY);
    place.write("in.ndjson", "{\"value\":\"a\"}\n{\"value\":\"panic\"}\n");
    // Its first message is text; then come bytes that are none, for which it refuses the batch.
    let (code, report) = check(&place, &["picky.wasm"]);
    assert_eq!(code, Some(65), "{report:#}");
    assert_eq!(verdicts(&report).last(), Some(&("run", false)));
    let (code, report) = check(&place, &["picky.wasm", "--input", "in.ndjson"]);
    assert_eq!(code, Some(65));
    let run = report["checks"].as_array().unwrap().last().unwrap();
    assert!(
        run["detail"]
            .as_str()
            .unwrap()
            .starts_with("the parser crashed"),
        "{run}"
    );
    assert!(run["remedy"].is_string());
}

#[test]
fn settings_are_held_against_the_parsers_schema() {
    let place = Place::new();
    let schema = json!({
        "type": "object",
        "properties": {"port": {"type": "integer"}},
        "required": ["port"],
        "additionalProperties": false,
    });
    place.write(
        "p.wasm",
        with_schema(guests::DEFAULT_PARSER, &schema.to_string()),
    );
    let (code, report) = check(&place, &["p.wasm", "--settings", "{\"port\": 1}"]);
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(report["settings_schema"], schema);
    let (code, report) = check(&place, &["p.wasm"]);
    assert_eq!(code, Some(65));
    assert_eq!(verdicts(&report)[2], ("settings", false));
    let (_, report) = check(
        &place,
        &[
            "p.wasm",
            "--settings",
            "{\"port\": \"\\u001b[2J\", \"x\": 1}",
        ],
    );
    let detail = report["checks"][2]["detail"].as_str().unwrap();
    assert_eq!(detail.lines().count(), 2, "{detail}");
    assert!(
        detail.contains("/port: ") && !detail.contains('\u{1b}'),
        "{detail}"
    );

    for (schema, why) in [
        ("{", "it is not JSON"),
        ("{\"type\": 7}", "no JSON Schema"),
        (
            "{\"$ref\": \"https://example.com/x\"}",
            "references are #/$defs/NAME",
        ),
    ] {
        place.write("bad.wasm", with_schema(guests::DEFAULT_PARSER, schema));
        let (code, report) = check(&place, &["bad.wasm"]);
        assert_eq!(code, Some(65));
        let detail = report["checks"][2]["detail"].as_str().unwrap();
        assert!(detail.contains(why), "{detail}");
    }
}
