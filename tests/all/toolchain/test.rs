//! `parser test`: cases that pass, that don't, and that can't be run.

use std::fs;

use kafka_soar_tests::guests;
use serde_json::{Value, json};

use super::{lines, parser};
use crate::policy::Place;

/// A place with the default parser's component and cases, each with these messages.
fn place(cases: &[(&str, &str)]) -> Place {
    let place = Place::new();
    place.write("p.wasm", guests::DEFAULT_PARSER);
    place.write("hostile.wasm", guests::HOSTILE);
    for (name, messages) in cases {
        fs::create_dir_all(place.path("cases").join(name)).unwrap();
        place.write(&format!("cases/{name}/in.ndjson"), messages);
    }
    place
}

fn expected(place: &Place, case: &str) -> Value {
    let path = place.path("cases").join(case).join("expected.json");
    fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn what_comes_is_written_and_compared() {
    let place = place(&[
        ("one", "{\"value\":\"a\"}\n"),
        ("two", "{}\n{\"value\":\"b\"}\n"),
    ]);
    let ran = parser(&place, &["test", "p.wasm"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout
            .contains("FAIL one: there is no expected.json; --update"),
        "{}",
        ran.stdout
    );
    let ran = parser(&place, &["test", "p.wasm", "--update"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!(
        ran.stdout,
        "new  one\nnew  two\n0 passed, 0 failed, 2 written\n"
    );
    let two = expected(&place, "two");
    assert_eq!(
        two["rejections"],
        json!([{"index": 0, "reason": "the message has no value (a tombstone)"}])
    );
    // The poll of a case began at a known time.
    assert_eq!(
        two["ingests"][0]["container"]["name"],
        "Messages ingested from topic at 2026-01-01 00:00:00"
    );
    assert_eq!(two["ingests"][0]["artifacts"][0]["cef"]["message"], "b");
    let ran = parser(&place, &["test", "p.wasm"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "ok   one\nok   two\n2 passed, 0 failed\n")
    );
}

#[test]
fn a_difference_is_shown_and_ends_with_one() {
    let place = place(&[
        ("one", "{\"value\":\"a\"}\n"),
        ("two", "{\"value\":\"b\"}\n"),
    ]);
    parser(&place, &["test", "p.wasm", "--update"]);
    let path = place.path("cases/two/expected.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        text.replace("\"message\": \"b\"", "\"message\": \"c\""),
    )
    .unwrap();
    let ran = parser(&place, &["test", "p.wasm"]);
    assert_eq!(ran.code, Some(1));
    for line in [
        "ok   one\nFAIL two\n",
        "     -            \"message\": \"c\"\n     +            \"message\": \"b\"\n",
        "1 passed, 1 failed\n",
    ] {
        assert!(ran.stdout.contains(line), "{line}{}", ran.stdout);
    }
    // Colours are for terminals, or whoever asks for them.
    assert!(!ran.stdout.contains('\u{1b}'));
    let ran = parser(&place, &["test", "p.wasm", "--color", "always"]);
    assert!(
        ran.stdout
            .contains("\u{1b}[32m+            \"message\": \"b\""),
        "{:?}",
        ran.stdout
    );

    let ran = parser(&place, &["test", "p.wasm", "--json"]);
    assert_eq!(ran.code, Some(1));
    let lines = lines(&ran);
    assert_eq!(lines[0], json!({"case": "one", "verdict": "passed"}));
    assert_eq!(
        (&lines[1]["case"], &lines[1]["verdict"]),
        (&json!("two"), &json!("failed"))
    );
    assert!(
        lines[1]["diff"]
            .as_str()
            .unwrap()
            .contains("+            \"message\": \"b\"")
    );
    assert_eq!(
        lines[2],
        json!({"summary": {"passed": 1, "failed": 1, "updated": 0}})
    );

    let ran = parser(&place, &["test", "p.wasm", "--filter", "on"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "ok   one\n1 passed, 0 failed\n")
    );
}

#[test]
fn a_refusal_and_a_failure_may_be_what_is_to_come() {
    let place = place(&[
        ("refused", "{\"value\":\"refuse as asked\"}"),
        ("failed", "{\"value\":\"panic\"}"),
    ]);
    let ran = parser(&place, &["test", "hostile.wasm", "--update"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!(expected(&place, "refused"), json!({"refused": "as asked"}));
    let failed = expected(&place, "failed");
    assert!(
        failed["failed"]
            .as_str()
            .unwrap()
            .starts_with("the parser crashed"),
        "{failed}"
    );
    assert_eq!(parser(&place, &["test", "hostile.wasm"]).code, Some(0));
}

#[test]
fn a_case_has_circumstances_of_its_own() {
    let place = place(&[("one", "{\"value\":\"a\"}")]);
    place.write(
        "cases/one/case.json",
        "{\"topic\": \"fw\", \"started\": \"2026-03-01T12:00:00+02:00\"}",
    );
    parser(&place, &["test", "p.wasm", "--update"]);
    assert_eq!(
        expected(&place, "one")["ingests"][0]["container"]["name"],
        "Messages ingested from fw at 2026-03-01 12:00:00"
    );
}

#[test]
fn a_case_that_cannot_be_run_fails() {
    let place = place(&[
        ("a", "{\"vale\":1}"),
        ("b", ""),
        ("d", "{}"),
        ("e", "{}"),
        ("f", "{}"),
    ]);
    fs::create_dir(place.path("cases/c")).unwrap();
    place.write("cases/d/case.json", "{\"tpoic\": \"fw\"}");
    place.write("cases/e/settings.json", "[]");
    place.write("cases/f/expected.json", "{");
    let ran = parser(&place, &["test", "p.wasm"]);
    assert_eq!(ran.code, Some(1));
    for line in [
        "FAIL a: cases/a/in.ndjson, line 1: unknown field `vale`",
        "FAIL b: cases/b/in.ndjson: holds no message",
        "FAIL c: cases/c/in.ndjson: can't be read",
        "FAIL d: cases/d/case.json: unknown field `tpoic`",
        "FAIL e: cases/e/settings.json: the settings are a list",
        "FAIL f: cases/f/expected.json: EOF",
        "0 passed, 6 failed",
    ] {
        assert!(ran.stdout.contains(line), "{line}: {}", ran.stdout);
    }
}

#[test]
fn without_cases_or_parser_nothing_passes() {
    let place = place(&[("one", "{}")]);
    fs::create_dir(place.path("empty")).unwrap();
    for (words, code, said) in [
        (
            &["test", "p.wasm", "--filter", "x"][..],
            64,
            "no case with \"x\" in its name",
        ),
        (
            &["test", "p.wasm", "--cases", "empty"],
            64,
            "empty holds no case",
        ),
        (&["test", "default"], 64, "no cases are found for default"),
        (&["test", "empty"], 64, "empty holds no parser"),
        (&["test", "gone.wasm"], 65, "gone.wasm: no such file"),
    ] {
        let ran = parser(&place, words);
        assert_eq!(
            ran.code,
            Some(code),
            "{words:?}: {}{}",
            ran.stdout,
            ran.stderr
        );
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
}
