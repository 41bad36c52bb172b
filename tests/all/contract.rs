//! The contract between host and guest: what goes in arrives, what comes out is validated.

use kafka_soar::{
    config::ParserLimits,
    model::{Batch, Header, Parsed, Position, Record},
    ports::ParseError,
    sandbox::fuzzing::validate,
};
use kafka_soar_tests::guests;
use serde_json::{Value, json};

use crate::sandbox::{STARTED, batch, invalid, limits, load, tell};

/// What the guest sees, as JSON.
fn echo(batch: &Batch) -> Value {
    let parsed = load(guests::HOSTILE, &limits())
        .unwrap()
        .parse(batch)
        .unwrap();
    let container = parsed.ingests().next().unwrap().container().to_owned();
    let mut container: Value = serde_json::from_str(&container).unwrap();
    container["data"].take()
}

#[test]
pub(crate) fn everything_that_is_known_of_a_record_arrives() {
    let mut batch = Batch::new("top.ic");
    let header = |name, value| Header { name, value };
    let records = [
        Record {
            position: Position {
                partition: 3,
                offset: i64::MAX - 1,
            },
            timestamp: 1_700_000_000_000,
            key: None,
            value: Some(b"echo"),
            headers: vec![],
        },
        Record {
            position: Position {
                partition: i32::MAX,
                offset: 0,
            },
            timestamp: -1,
            key: Some(b"\xff\x00"),
            value: None,
            headers: vec![
                header("a", Some(b"1")),
                header("a", None),
                header("\u{e9}", Some(b"")),
            ],
        },
        Record {
            position: Position {
                partition: 3,
                offset: i64::MAX,
            },
            timestamp: 0,
            key: Some(b""),
            value: Some(b""),
            headers: vec![],
        },
    ];
    for record in &records {
        batch.push(record);
    }
    assert_eq!(
        echo(&batch),
        json!({
            "settings": {"mode": "test"},
            "started": {
                "unix_ms": STARTED.unix_ms,
                "utc_offset_minutes": STARTED.utc_offset_minutes,
            },
            "topic": "top.ic",
            "partitions": [3, i32::MAX, 3],
            "offsets": [i64::MAX - 1, 0, i64::MAX],
            "timestamps": [1_700_000_000_000_i64, -1, 0],
            "keys": {"bytes": [255, 0], "ends": [0, 2, 2], "nulls": [0]},
            "values": {"bytes": b"echo", "ends": [4, 4, 4], "nulls": [1]},
            "header_ends": [0, 3, 3],
            "header_names": {"bytes": b"aa\xc3\xa9", "ends": [1, 2, 4], "nulls": []},
            "header_values": {"bytes": b"1", "ends": [1, 1, 1], "nulls": [1]},
        })
    );
}

#[test]
fn columns_of_nulls_are_empty() {
    let seen = echo(&batch(&["echo"]));
    assert_eq!(seen["keys"], json!({"bytes": [], "ends": [], "nulls": []}));
    assert_eq!(seen["header_ends"], json!([]));
}

#[test]
pub(crate) fn no_state_outlives_a_call() {
    let mut parser = load(guests::HOSTILE, &limits()).unwrap();
    let mut count = || {
        let parsed = parser.parse(&batch(&["count"])).unwrap();
        parsed.ingests().next().unwrap().container().to_owned()
    };
    assert_eq!(count(), count());
}

#[test]
fn ingests_are_taken_apart_without_a_copy() {
    let text = r#" [ {"artifacts" : [ {"a":[1]} , {} ], "container" : {"name":"x"} },
        {"container":{"b":{}},"artifacts":[]} ] "#;
    let parsed = tell(&format!("ingests {text}"), &limits()).unwrap();
    let found: Vec<(&str, Vec<&str>)> = parsed
        .ingests()
        .map(|ingest| (ingest.container(), ingest.artifacts().collect()))
        .collect();
    assert_eq!(
        found,
        [
            (r#"{"name":"x"}"#, vec![r#"{"a":[1]}"#, "{}"]),
            (r#"{"b":{}}"#, vec![])
        ]
    );
}

#[test]
fn an_empty_text_is_an_empty_list() {
    for text in ["", " ", "[]", " [ ] "] {
        let parsed = tell(&format!("ingests {text}"), &limits()).unwrap();
        assert_eq!(parsed.ingests().len(), 0, "{text:?}");
    }
}

#[test]
pub(crate) fn ingests_that_break_the_outline_are_invalid() {
    for (text, words) in [
        (
            "nonsense",
            "ingests: expected a list of objects with `container` and `artifacts` (byte 0)",
        ),
        ("[", "but the text ends (byte 1)"),
        ("[] []", "expected the end after the list (byte 3)"),
        ("{}", "expected a list of objects"),
        (
            "[1]",
            "object 0 of the list: expected an object with `container` and `artifacts`",
        ),
        (
            "[{}]",
            "object 0 of the list: the field `container` is missing",
        ),
        (r#"[{"container":{}}]"#, "the field `artifacts` is missing"),
        (r#"[{"artifacts":[]}]"#, "the field `container` is missing"),
        (
            r#"[{"container":{},"artifacts":[],"mo\u001bre":1}]"#,
            r"object 0 of the list at mo\u{1b}re: an unknown field beside `container` and `artifacts`",
        ),
        (
            r#"[{"container":{},"c\u006fntainer":{},"artifacts":[]}]"#,
            "object 0 of the list at container: a field that stands twice (byte 17)",
        ),
        (
            r#"[{"container":[],"artifacts":[]}]"#,
            "container 0: a list, not an object",
        ),
        (
            r#"[{"container":{},"artifacts":{}}]"#,
            "expected a list of artifacts",
        ),
        (
            r#"[{"container":{},"artifacts":[{}]},{"container":{},"artifacts":[{},null]}]"#,
            "artifact 1 of container 1: null, not an object",
        ),
        (
            r#"[{"container":{"a":NaN},"artifacts":[]}]"#,
            "container 0 at a: expected a value (byte 19)",
        ),
        (
            r#"[{"container":{"a":"\q"},"artifacts":[]}]"#,
            "container 0 at a: an unknown escape",
        ),
        (
            r#"[{"container":{'a':1},"artifacts":[]}]"#,
            "container 0: expected a field's name in double quotes",
        ),
    ] {
        let why = invalid(tell(&format!("ingests {text}"), &limits()));
        assert!(why.contains(words), "{text}: {why}");
    }
}

#[test]
pub(crate) fn what_readers_understand_differently_is_invalid() {
    let long = |what: &str, count: usize| what.repeat(count);
    let names: Vec<String> = (0..10_001).map(|n| format!(r#""{n}":0"#)).collect();
    for (artifact, words) in [
        (
            r#"{"a":1,"b":2,"a":3}"#.to_owned(),
            "at a: a field that stands twice",
        ),
        (
            r#"{"cef":{"x":[{"a":{},"\u0061":{}}]}}"#.to_owned(),
            "at cef.x[0].a: a field that stands twice",
        ),
        (
            // More than are compared one by one.
            format!(r#"{{{},"7":0}}"#, names[..100].join(",")),
            "at 7: a field that stands twice",
        ),
        (
            r#"{"a":"\ud800"}"#.to_owned(),
            "at a: half a surrogate pair",
        ),
        (
            r#"{"a":"\udc00\ud800"}"#.to_owned(),
            "at a: half a surrogate pair",
        ),
        (r#"{"\udfff":1}"#.to_owned(), "half a surrogate pair"),
        (r#"{"a":-Infinity}"#.to_owned(), "at a: a malformed number"),
        (r#"{"a":01}"#.to_owned(), "at a: a malformed number"),
        (
            r#"{"a":1e999}"#.to_owned(),
            "at a: a number too large for a double",
        ),
        (
            r#"{"a":18446744073709551616}"#.to_owned(),
            "at a: an integer of more than 64 bits",
        ),
        (
            r#"{"a":-9223372036854775809}"#.to_owned(),
            "at a: an integer of more than 64 bits",
        ),
        (
            format!(r#"{{"a":[0,0.{}]}}"#, long("1", 63)),
            "at a[1]: a number has more than 64 characters",
        ),
        (
            format!(r#"{{"{}":0}}"#, long("n", 1025)),
            "a field's name has more than 1024 bytes",
        ),
        (
            format!(r#"{{"a":{}{}}}"#, long("[", 100), long("]", 100)),
            "more than 100 objects and lists inside one another",
        ),
        (
            format!("{{{}}}", names.join(",")),
            "more than 10000 fields in one object",
        ),
        (
            format!(r#"{{"a":[{}0]}}"#, long("0,", 100_000)),
            "more than 100000 values in one container or artifact",
        ),
        (
            format!(r#"{{"a":"{}"}}"#, long("s", (64 << 20) + 1)),
            "at a: a string has more than 67108864 bytes",
        ),
    ] {
        let ingests = format!(r#"[{{"container":{{}},"artifacts":[{{}},{artifact}]}}]"#);
        let why = invalid(returned(&ingests));
        let start = "ingests: artifact 1 of container 0";
        assert!(
            why.starts_with(start) && why.contains(words),
            "{words}: {why}"
        );
    }
}

#[test]
fn what_every_reader_understands_is_taken() {
    let names: Vec<String> = (0..10_000).map(|n| format!(r#""{n}":0"#)).collect();
    for artifact in [
        r#"{"a":[18446744073709551615,-9223372036854775808,-0,0.1,1E+308,5e-324,1e-999]}"#
            .to_owned(),
        r#"{"a":"\ud83e\udd80 \u0000 \u001b \" \\ \/ \b\f\n\r\t é 🦀"}"#.to_owned(),
        r#"{"a":{"a":{"a":[{"a":1},{"a":1}]}}}"#.to_owned(),
        format!(r#"{{"a":{}{}}}"#, "[".repeat(99), "]".repeat(99)),
        format!("{{{}}}", names.join(",")),
        format!(r#"{{"{}":[{}0]}}"#, "n".repeat(1024), "0,".repeat(99_997)),
    ] {
        let ingests = format!(r#"[{{"container":{{}},"artifacts":[{artifact}]}}]"#);
        let parsed = returned(&ingests).unwrap();
        assert_eq!(
            parsed.ingests().next().unwrap().artifacts().next(),
            Some(&*artifact)
        );
    }
}

/// What becomes of a text that a guest returned.
fn returned(ingests: &str) -> Result<Parsed, ParseError> {
    validate(
        ingests.to_owned(),
        vec![],
        vec![],
        1,
        &ParserLimits::default(),
    )
}

#[test]
pub(crate) fn indices_are_checked() {
    for (command, words) in [
        ("reject 3", "rejections: index 3 in a batch of 3 records"),
        ("reject 4294967295", "rejections: index 4294967295"),
        ("reject 1,2,1", "rejections: index 1 is named twice"),
        ("reject 0", "sources: record 0 is rejected"),
        ("sources 0,3", "sources: index 3 in a batch of 3 records"),
    ] {
        let why = invalid(tell(command, &limits()));
        assert!(why.contains(words), "{command}: {why}");
    }
    let parsed = tell("sources 2,0,2", &limits()).unwrap();
    assert_eq!(parsed.sources(), [2, 0, 2]);
    let parsed = tell("reject 2,1", &limits()).unwrap();
    let indices: Vec<usize> = parsed.rejections().iter().map(|r| r.index).collect();
    assert_eq!(indices, [2, 1]);
}

#[test]
pub(crate) fn a_reason_is_bounded_and_harmless() {
    let parsed = tell("reason 5000", &limits()).unwrap();
    assert_eq!(parsed.rejections()[0].reason.len(), 1024);
    let parsed = tell("reason-text red \u{1b}[31m alert\r\nforged line", &limits()).unwrap();
    assert_eq!(
        parsed.rejections()[0].reason,
        r"red \u{1b}[31m alert\r\nforged line"
    );
}

#[test]
pub(crate) fn a_refusal_is_the_parsers_own_word() {
    match tell("refuse settings.mode is missing\u{7}", &limits()) {
        Err(ParseError::Refused(reason)) => {
            assert_eq!(reason, r"settings.mode is missing\u{7}");
        }
        other => panic!("{other:?}"),
    }
}
