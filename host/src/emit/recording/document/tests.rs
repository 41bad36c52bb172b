use std::fs;

use super::*;
use crate::{
    model::{NO_TIMESTAMP, Parsed, Rejection, RejectionKind},
    ports::ParseError,
};

fn batch() -> Batch {
    let mut batch = Batch::new("top.ic");
    for (partition, offset, key, value) in [
        (3, 7, None, Some(&b"\xff\x00"[..])),
        (0, i64::MAX, Some(&b""[..]), None),
        (3, 8, Some(&b"{\"text\":1}"[..]), Some(&b"a\nb"[..])),
    ] {
        batch.push(&Record {
            position: Position { partition, offset },
            timestamp: if offset == 7 { NO_TIMESTAMP } else { -2 },
            key,
            value,
            headers: vec![
                Header {
                    name: "\u{e9}",
                    value: None,
                },
                Header {
                    name: "",
                    value: Some(b"\x80"),
                },
            ],
        });
    }
    batch
}

fn recording(outcome: Outcome) -> Recording {
    Recording {
        recorded_at: "2026-03-01T12:00:00Z".to_owned(),
        parser: Identity {
            name: "mine.wasm".to_owned(),
            digest: "ab".repeat(32),
            contract: Some("1.0.0".to_owned()),
        },
        settings: r#"{"a": 1}"#.to_owned(),
        limits: ParserLimits::default(),
        started: Instant {
            unix_ms: 1_793_000_000_123,
            utc_offset_minutes: -90,
        },
        batch: batch(),
        outcome,
    }
}

fn returned() -> Outcome {
    // The spaces and the order of fields are part of it.
    let text = r#" [ {"artifacts":[{}], "container":{"n":1.0}} ]"#;
    Outcome::of(&Ok(Parsed {
        text: text.to_owned(),
        sources: vec![2],
        rejections: vec![Rejection {
            index: 0,
            kind: RejectionKind::Rejected,
            reason: "not \"text\"".to_owned(),
        }],
        ..Parsed::default()
    }))
}

fn limit_passed() -> Outcome {
    Outcome::of(&Err(ParseError::Limit {
        limit: "parser_time_limit",
        value: "50 ms".to_owned(),
        what: "it ran too long on one batch".to_owned(),
    }))
}

/// What is read from a file with this text.
fn read(text: &[u8]) -> Result<Recording, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r");
    fs::write(&path, text).unwrap();
    let name = path.display().to_string();
    Recording::read(&path).map_err(|error| error.to_string().replace(&name, "r"))
}

/// With the right checksum for whatever stands below it.
fn sealed(body: &str) -> Vec<u8> {
    let sha256 = hex::encode(Sha256::digest(body));
    format!("{{\"format\":\"{FORMAT}\",\"version\":1,\"sha256\":\"{sha256}\"}}\n{body}").into()
}

#[test]
fn it_comes_back_as_it_was_written() {
    for outcome in [returned(), limit_passed()] {
        let recording = recording(outcome);
        assert_eq!(read(&recording.to_text()).as_ref(), Ok(&recording));
    }
}

/// Whoever changes this makes another version of the format.
#[test]
fn version_1_is_spelt_like_this() {
    let text = String::from_utf8(recording(limit_passed()).to_text()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[1..],
        [
            concat!(
                r#"{"recorded_at":"2026-03-01T12:00:00Z","parser":{"name":"mine.wasm","digest":""#,
                "abababababababababababababababababababababababababababababababab",
                r#"","contract":"1.0.0"},"settings":"{\"a\": 1}","limits":{"#,
                r#""parser_memory_limit":536870912,"parser_time_limit":30000,"#,
                r#""parser_output_limit":134217728,"parser_log_limit":65536,"#,
                r#""parser_artifact_limit":1000000},"#,
                r#""started":{"unix_ms":1793000000123,"utc_offset_minutes":-90},"#,
                r#""topic":"top.ic","records":3}"#
            ),
            concat!(
                r#"{"partition":3,"offset":7,"timestamp":-1,"key":null,"#,
                r#""value":{"base64":"/wA="},"#,
                r#""headers":[{"name":"é","value":null},{"name":"","value":{"base64":"gA=="}}]}"#
            ),
            concat!(
                r#"{"partition":0,"offset":9223372036854775807,"timestamp":-2,"#,
                r#""key":{"text":""},"value":null,"#,
                r#""headers":[{"name":"é","value":null},{"name":"","value":{"base64":"gA=="}}]}"#
            ),
            concat!(
                r#"{"partition":3,"offset":8,"timestamp":-2,"key":{"text":"{\"text\":1}"},"#,
                r#""value":{"text":"a\nb"},"#,
                r#""headers":[{"name":"é","value":null},{"name":"","value":{"base64":"gA=="}}]}"#
            ),
            concat!(
                r#"{"failed":{"class":"limit","limit":"parser_time_limit","words":"#,
                r#""the parser was stopped: it ran too long on one batch "#,
                r#"(limit parser_time_limit = 50 ms)"}}"#
            ),
        ]
    );
    let body = text.split_once('\n').unwrap().1;
    assert_eq!(sealed(body), text.as_bytes());
    let text = String::from_utf8(recording(returned()).to_text()).unwrap();
    assert_eq!(
        text.lines().last(),
        Some(concat!(
            r#"{"parsed":{"ingests":" [ {\"artifacts\":[{}], \"container\":{\"n\":1.0}} ]","#,
            r#""sources":[2],"rejections":[{"index":0,"reason":"not \"text\""}]}}"#
        ))
    );
}

#[test]
fn damage_is_seen_wherever_it_is() {
    let text = recording(returned()).to_text();
    let seal = memchr::memchr(b'\n', &text).unwrap();
    for place in (0..text.len()).step_by(3) {
        let mut damaged = text.clone();
        damaged[place] ^= 1;
        let error = read(&damaged).unwrap_err();
        if place > seal {
            assert!(error.starts_with("r is damaged: "), "{place}: {error}");
        }
    }
    for length in (0..text.len()).step_by(7) {
        read(&text[..length]).unwrap_err();
    }
    read(&[&text[..], b"\n"].concat()).unwrap_err();
}

#[test]
fn another_file_is_told_from_a_damaged_one() {
    for other in [
        &b""[..],
        b"\n",
        b"{}\n",
        b"\0asm\n",
        b"{\"format\":\"x\",\"version\":1}\n",
    ] {
        let error = read(other).unwrap_err();
        assert!(error.starts_with("r is not a recording: "), "{error}");
    }
    let later = format!("{{\"format\":\"{FORMAT}\",\"version\":2,\"new\":{{}}}}\n");
    let error = read(later.as_bytes()).unwrap_err();
    assert!(error.contains("version 2"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    let error = Recording::read(folder.path()).unwrap_err().to_string();
    assert!(error.ends_with("it is not a file"), "{error}");
}

#[test]
fn one_with_a_right_checksum_is_not_trusted_either() {
    let text = String::from_utf8(recording(returned()).to_text()).unwrap();
    let body = text.split_once('\n').unwrap().1;
    assert!(read(&sealed(body)).is_ok());
    for (from, to, words) in [
        ("\"records\":3", "\"records\":2", "line 5: "),
        ("\"records\":3", "\"records\":4", "line 6: "),
        (
            "\"records\":3",
            "\"records\":18446744073709551615",
            "line 6: ",
        ),
        ("\"records\":3", "\"records\":0", "no records"),
        (
            "\"offset\":8",
            "\"offset\":7",
            "line 5: offset 7 comes after 7",
        ),
        ("\"topic\"", "\"more\":1,\"topic\"", "line 2: unknown field"),
        ("/wA=", "/w", "line 3: "),
        ("{\"parsed\"", "{\"else\"", "line 6: unknown variant"),
        ("-90", "-99999", "line 2: "),
    ] {
        assert!(body.contains(from), "{from}");
        let error = read(&sealed(&body.replacen(from, to, 1))).unwrap_err();
        assert!(error.contains(words), "{from} → {to}: {error}");
    }
    let error = read(&sealed(&format!("{body}{{}}\n"))).unwrap_err();
    assert!(error.contains("more after line 6"), "{error}");
}
