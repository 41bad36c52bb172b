use super::*;
use crate::emit::recording::Rejected;

fn parsed(ingests: &str, sources: &[usize], rejections: &[(usize, &str)]) -> Outcome {
    Outcome::Parsed(Returned {
        ingests: ingests.to_owned(),
        sources: sources.to_vec(),
        rejections: rejections
            .iter()
            .map(|&(index, reason)| Rejected {
                index,
                reason: reason.to_owned(),
            })
            .collect(),
    })
}

fn error(class: &str, limit: Option<&str>, words: &str) -> Outcome {
    Outcome::Failed(Failed {
        class: class.to_owned(),
        limit: limit.map(str::to_owned),
        words: words.to_owned(),
    })
}

/// `place: one | other`, with values shown.
#[track_caller]
fn told(one: &Outcome, other: &Outcome) -> String {
    let found = Difference::between(one, other, Values::Shown).expect("a difference");
    let byte = found.byte.map(|byte| format!(" @{byte}"));
    format!(
        "{}{}: {} | {}",
        found.place,
        byte.unwrap_or_default(),
        found.one,
        found.other
    )
}

fn of_texts(one: &str, other: &str) -> String {
    told(&parsed(one, &[], &[]), &parsed(other, &[], &[]))
}

const TWO: &str = r#"[{"container":{"name":"n"},"artifacts":[{"a":1},{"cef":{"x":["p","q"]}}]},{"container":{},"artifacts":[]}]"#;

#[test]
fn the_same_is_the_same() {
    for outcome in [
        parsed(TWO, &[0, 1], &[(2, "no")]),
        parsed("", &[], &[]),
        error("trap", None, "it crashed"),
    ] {
        assert_eq!(
            Difference::between(&outcome, &outcome.clone(), Values::Hidden),
            None
        );
    }
}

#[test]
fn a_field_is_named_with_the_way_to_it() {
    for (from, to, expected) in [
        (
            r#""q""#,
            r#""r""#,
            r#"container 0, artifact 1, cef.x[1] @70: "q" | "r""#,
        ),
        (
            r#","q""#,
            "",
            r#"container 0, artifact 1, cef.x[1] @68: "q" | nothing"#,
        ),
        (
            r#""x""#,
            r#""y""#,
            r#"container 0, artifact 1, cef.x @62: ["p","q"] | nothing"#,
        ),
        (r#""n""#, "null", r#"container 0, name @21: "n" | null"#),
        (
            r#"{"a":1},"#,
            "",
            "container 0, artifact 0, a @42: 1 | nothing",
        ),
        (
            r#","artifacts":[]"#,
            r#","artifacts":[{}]"#,
            "container 1 @105: 0 artifact(s) | 1 artifact(s)",
        ),
        (
            r#",{"container":{},"artifacts":[]}"#,
            "",
            "the list of containers @77: 2 container(s) | 1 container(s)",
        ),
        (
            r#"{"a":1}"#,
            r#"{"a":1.0}"#,
            "container 0, artifact 0, a @46: 1 | 1.0",
        ),
    ] {
        let other = TWO.replacen(from, to, 1);
        assert_ne!(other, TWO, "{from}");
        let found = of_texts(TWO, &other);
        // The position is checked by itself.
        let byte = TWO
            .bytes()
            .zip(other.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        let (place, rest) = found.split_once(" @").unwrap();
        assert_eq!(rest.split_once(':').unwrap().0, byte.to_string());
        let (expected_place, expected_rest) = expected.split_once(" @").unwrap();
        assert_eq!(place, expected_place);
        assert_eq!(
            rest.split_once(": ").unwrap().1,
            expected_rest.split_once(": ").unwrap().1
        );
    }
}

#[test]
fn another_spelling_of_the_same_is_a_difference_too() {
    let spelt = |text: &str| of_texts(r#"[{"container":{"a":"b","c":2},"artifacts":[]}]"#, text);
    for (text, place) in [
        (
            r#"[{"container":{"a": "b","c":2},"artifacts":[]}]"#,
            "container 0, byte 5 of its text",
        ),
        (
            r#"[{"container":{"a":"\u0062","c":2},"artifacts":[]}]"#,
            "container 0, byte 6 of its text",
        ),
        (
            r#"[{"container":{"c":2,"a":"b"},"artifacts":[]}]"#,
            "container 0, byte 2 of its text",
        ),
        (
            r#"[{"artifacts":[],"container":{"a":"b","c":2}}]"#,
            "spaces or order around",
        ),
        (
            r#"[ {"container":{"a":"b","c":2},"artifacts":[]}]"#,
            "spaces or order around",
        ),
    ] {
        let found = spelt(text);
        assert!(found.starts_with(place), "{text}: {found}");
    }
}

#[test]
fn sources_and_rejections_come_after_the_text() {
    let one = parsed(TWO, &[0, 1], &[(2, "no")]);
    let other = parsed(TWO, &[0, 2], &[]);
    assert_eq!(
        told(&one, &other),
        "the source of artifact 1 of the batch: record 1 | record 2"
    );
    let other = parsed(TWO, &[0], &[(2, "no")]);
    assert_eq!(
        told(&one, &other),
        "the source of artifact 1 of the batch: record 1 | none"
    );
    let other = parsed(TWO, &[0, 1], &[(2, "never")]);
    assert_eq!(
        told(&one, &other),
        "rejection 0: record 2: no | record 2: never"
    );
    let other = parsed(TWO, &[0, 1], &[(2, "no"), (3, "no")]);
    assert_eq!(told(&one, &other), "rejection 1: none | record 3: no");
}

#[test]
fn errors_are_told_apart_by_class_limit_and_words() {
    let trap = error("trap", None, "the parser crashed: here");
    assert_eq!(
        told(&parsed(TWO, &[], &[(0, "no")]), &trap),
        "the outcome: 2 container(s), 1 rejection(s) | the parser crashed: here"
    );
    let limit = error("limit", Some("parser_time_limit"), "stopped: time");
    assert_eq!(
        told(&trap, &limit),
        "the error: the parser crashed: here | stopped: time"
    );
    let memory = error("limit", Some("parser_memory_limit"), "stopped: memory");
    assert_eq!(
        told(&limit, &memory),
        "the error: stopped: time | stopped: memory"
    );
    let there = error("trap", None, "the parser crashed: there");
    assert_eq!(
        told(&trap, &there),
        "the error's words: the parser crashed: here | the parser crashed: there"
    );
}

#[test]
fn values_are_shown_only_when_that_is_asked_for() {
    for (value, hidden) in [
        (r#""secret""#, "a text of 6 characters"),
        ("12345", "a number"),
        ("true", "a truth value"),
        (r#"["secret"]"#, "a list of 1"),
        (r#"{"secret":1}"#, "an object of 1 fields"),
    ] {
        let text = |value: &str| {
            parsed(
                &format!(r#"[{{"container":{{"f":{value}}},"artifacts":[]}}]"#),
                &[],
                &[],
            )
        };
        let (one, other) = (text("null"), text(value));
        let found = Difference::between(&one, &other, Values::Hidden).unwrap();
        assert_eq!((found.one.as_str(), found.other.as_str()), ("null", hidden));
        let found = Difference::between(&one, &other, Values::Shown).unwrap();
        assert_eq!(found.other, value);
    }
}

#[test]
fn what_a_parser_wrote_can_harm_nobody_who_reads_it() {
    let one = r#"[{"container":{},"artifacts":[]}]"#;
    let name = "\\u001b[2J".repeat(1_000);
    let other = format!(r#"[{{"container":{{"{name}":"\u202e"}},"artifacts":[]}}]"#);
    let found = of_texts(one, &other);
    assert!(found.len() < 2_000, "{}", found.len());
    assert!(!found.contains(['\u{1b}', '\u{202e}']), "{found}");
}
