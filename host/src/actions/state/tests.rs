use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::{
    config::{Config, Policy, Topics},
    model::{Instant, Origin},
};

fn topic(name: &str) -> Topic {
    name.parse().unwrap()
}

fn state(text: &str) -> State {
    State::from_json(text, "s.json").unwrap()
}

#[test]
fn the_originals_document_is_read_and_grown_not_rewritten() {
    let text =
        r#"{"fw.events": {"1": 7, "0": 42}, "app_version": "2.0.7", "other": {"0": 1}, "x": [1]}"#;
    let mut state = state(text);
    assert_eq!(state.cluster_id(), None);
    let fw = topic("fw.events");
    assert_eq!(
        state.offsets(&fw).unwrap(),
        Some(&Offsets::from([(0, 42), (1, 7)]))
    );
    assert_eq!(state.offsets(&topic("new")).unwrap(), None);

    state.adopt_cluster("abc").unwrap();
    state.advance(&fw, &Offsets::from([(0, 50), (2, 1)]));
    let mut written: Value = serde_json::from_str(&state.to_json()).unwrap();
    let checksum = written[OURS]["checksum"].take();
    assert!(checksum.as_str().unwrap().starts_with("sha256:"));
    assert_eq!(
        written,
        json!({
            "fw.events": {"0": 50, "1": 7, "2": 1},
            "app_version": "2.0.7",
            "other": {"0": 1},
            "x": [1],
            "kafka-soar/state": {"version": 2, "cluster_id": "abc", "checksum": null}
        })
    );
    let again = self::state(&state.to_json());
    assert_eq!(again.cluster_id(), Some("abc"));
    assert_eq!(again.to_json(), state.to_json());
}

#[test]
fn what_a_later_version_adds_to_our_key_is_kept() {
    let mut state = state(r#"{"kafka-soar/state": {"version": 1, "cluster_id": "a", "later": 5}}"#);
    state.adopt_cluster("a").unwrap();
    assert!(state.to_json().contains("\"later\": 5"));
}

#[test]
fn the_ids_of_topics_are_remembered() {
    let mut state = state("{}");
    state.adopt_cluster("a").unwrap();
    assert_eq!(state.topic_id(&topic("t")), None);
    state.note_topic_id(&topic("t"), "abc");
    let again = self::state(&state.to_json());
    assert_eq!(again.topic_id(&topic("t")), Some("abc"));
    assert!(again.to_json().contains(r#""topic_ids": {"#));
}

#[test]
fn the_pattern_of_the_last_poll_is_remembered() {
    let asset = |text: &str| format!(r#"{{"hosts": "h", "topic": "{text}", "timeout": 0}}"#);
    let pattern = |text: &str| match Config::from_json(&asset(text), &Policy::default()) {
        Ok(Config {
            topics: Topics::Matching(pattern),
            ..
        }) => pattern,
        other => panic!("{other:?}"),
    };
    let mut state = state("{}");
    state.adopt_cluster("a").unwrap();
    assert!(!state.knows_pattern(&pattern("^fw.*")));
    state.note_pattern(Some(&pattern("^fw.*")));
    let mut again = self::state(&state.to_json());
    assert!(again.knows_pattern(&pattern("^fw.*")) && !again.knows_pattern(&pattern("^fw")));
    again.note_pattern(None);
    assert!(!again.to_json().contains("pattern"));
}

#[test]
fn the_offsets_of_another_cluster_are_not_used() {
    let mut state = state(r#"{"kafka-soar/state": {"version": 1, "cluster_id": "one"}}"#);
    let failure = state.adopt_cluster("two").unwrap_err();
    assert_eq!(failure.class, Class::Config);
    assert_eq!(
        failure.message,
        "the offsets in the state file s.json belong to the Kafka cluster \"one\", but the \
         asset's hosts lead to the cluster \"two\""
    );
    assert!(failure.hint.unwrap().contains("--state"));
    assert_eq!(state.cluster_id(), Some("one"));
}

#[test]
fn a_document_that_is_not_understood_is_refused_with_key_and_value() {
    for (text, expected) in [
        ("", "it is empty"),
        ("[]", "expected a JSON object, found a list"),
        (
            "{\"t\": {\"0\": NaN}}",
            "not valid JSON: expected value at line 1 column 13",
        ),
        (
            r#"{"t": {"0": -1}}"#,
            "key \"t\", partition 0: an offset is a whole number from 0, found -1",
        ),
        (r#"{"t": {"0": 1.5}}"#, "found 1.5"),
        (r#"{"t": {"0": "5"}}"#, "found \"5\""),
        (r#"{"t": {"0": null}}"#, "found null"),
        (
            r#"{"t": {"0": 9223372036854775808}}"#,
            "found 9223372036854775808",
        ),
        (
            r#"{"t": {"-1": 5}}"#,
            "partition \"-1\": a partition is a number from 0 to 2147483647",
        ),
        (r#"{"t": {"01": 5}}"#, "partition \"01\""),
        (r#"{"t": {"x\u001b": 5}}"#, "partition \"x\\u{1b}\""),
        (r#"{"t": {"0": 5, "0": 6}}"#, "more than once: t.0"),
        (
            r#"{"kafka-soar/state": 1}"#,
            "expected an object, found a number",
        ),
        (
            r#"{"kafka-soar/state": {"version": 3}}"#,
            "reads versions 1 to 2 of it, found 3",
        ),
        (
            r#"{"kafka-soar/state": {}}"#,
            "reads versions 1 to 2 of it, found null",
        ),
        (
            r#"{"kafka-soar/state": {"version": 1, "cluster_id": 5}}"#,
            "found 5",
        ),
        (
            r#"{"kafka-soar/state": {"version": 2, "checksum": "sha256:00"}}"#,
            "its checksum does not fit",
        ),
        (
            r#"{"kafka-soar/state": {"version": 2, "intents": {"t": {}}}}"#,
            "key \"kafka-soar/state.intents\": missing field `topic`",
        ),
        (
            r#"{"kafka-soar/state": {"version": 2, "replayed": {"d": 5}}}"#,
            "key \"kafka-soar/state.replayed.d\": expected an object of partitions",
        ),
        (
            r#"{"kafka-soar/state": {"version": 2, "replayed": {"d": {"0": -1}}}}"#,
            "key \"kafka-soar/state.replayed.d\": partition 0: an offset is",
        ),
        (
            r#"{"kafka-soar/state": {"version": 1, "topic_ids": {"t": 1}}}"#,
            "expected an object of topics and their ids",
        ),
    ] {
        let failure = State::from_json(text, "s.json").unwrap_err();
        assert_eq!(failure.class, Class::Config);
        assert!(
            failure
                .message
                .starts_with("the state file s.json can't be used: ")
        );
        assert!(failure.message.contains(expected), "{text}: {failure}");
        assert!(failure.hint.unwrap().contains("move both away"));
    }
}

#[test]
fn something_else_under_the_topics_name_is_not_overwritten() {
    let state = state(r#"{"t": "12", "u": {"0": 1}}"#);
    let failure = state.offsets(&topic("t")).unwrap_err();
    assert!(
        failure.message.contains("key \"t\": expected an object"),
        "{failure}"
    );
    assert!(state.offsets(&topic("u")).unwrap().is_some());
}

#[test]
fn saving_replaces_the_file_and_keeps_its_mode() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let mut state = State::load(&path).unwrap();
    state.advance(&topic("t"), &Offsets::from([(0, 1)]));
    state.save(&path).unwrap();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    let mut state = State::load(&path).unwrap();
    state.advance(&topic("t"), &Offsets::from([(0, 2)]));
    state.save(&path).unwrap();
    assert_eq!(mode(), 0o664);
    let again = State::load(&path).unwrap();
    assert_eq!(
        again.offsets(&topic("t")).unwrap(),
        Some(&Offsets::from([(0, 2)]))
    );
    let mut files: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(
        files,
        ["state.json", "state.json.previous"],
        "no temporary file is left"
    );
}

#[test]
fn saving_goes_through_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    fs::write(&real, "{}").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let mut state = State::load(&link).unwrap();
    state.advance(&topic("t"), &Offsets::from([(3, 9)]));
    state.save(&link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("\"3\": 9"));
}

#[test]
fn a_failed_save_leaves_the_old_file() {
    let dir = tempfile::tempdir().unwrap();
    let failure = State::default()
        .save(&dir.path().join("no/state"))
        .unwrap_err();
    assert_eq!(failure.class, Class::Output);
}

#[test]
fn one_poll_of_a_state_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let first = Lock::take(&path).unwrap();
    let failure = Lock::take(&path).unwrap_err();
    assert_eq!(failure.class, Class::Config);
    assert!(
        failure.message.starts_with(&format!(
            "another poll or replay (process {}) is using",
            std::process::id()
        )),
        "{failure}"
    );
    drop(first);
    Lock::take(&path).unwrap();
}

fn intent() -> Intent {
    Intent {
        topic: "t".into(),
        ranges: [(0, (5, 9)), (3, (0, 2))].into(),
        messages: 6,
        origin: Origin {
            started: Instant {
                unix_ms: 1_700_000_000_000,
                utc_offset_minutes: -90,
            },
            parser: "ab".repeat(32),
            max_artifacts: Some(1000),
        },
        cuts: vec![2, 3],
        rejected: vec![2],
    }
}

#[test]
fn an_intent_is_kept_until_its_batch_is_settled() {
    let mut state = state("{}");
    state.adopt_cluster("a").unwrap();
    state.intend(&intent());
    let mut again = self::state(&state.to_json());
    assert_eq!(again.intent(&topic("t")), Some(&intent()));
    assert_eq!(again.intent(&topic("u")), None);
    again.advance(&topic("u"), &Offsets::from([(0, 1)]));
    assert!(again.intent(&topic("t")).is_some());
    again.advance(&topic("t"), &Offsets::from([(0, 9), (3, 2)]));
    let settled = self::state(&again.to_json());
    assert_eq!(settled.intent(&topic("t")), None);
}

#[test]
fn an_intent_that_can_not_be_is_refused() {
    let faulty = |change: fn(&mut Intent)| {
        let mut state = state("{}");
        state.adopt_cluster("a").unwrap();
        let mut intent = intent();
        change(&mut intent);
        state.intend(&intent);
        State::from_json(&state.to_json(), "s.json")
            .unwrap_err()
            .message
    };
    for (change, expected) in [
        (
            (|i| i.ranges = [(0, (9, 9))].into()) as fn(&mut Intent),
            "partition 0 from offset 9 to before 9 is no range",
        ),
        (|i| i.ranges = [(-1, (0, 6))].into(), "partition -1"),
        (|i| i.messages = 7, "7 messages in 6 offsets"),
        (|i| i.cuts = vec![3, 2], "must ascend"),
        (|i| i.rejected = vec![6], "must ascend and be below 6"),
    ] {
        let message = faulty(change);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("intents.t"), "{message}");
    }
}

#[test]
fn what_was_brought_back_of_a_dead_letter_topic_is_kept_beside_the_offsets() {
    let mut state = state(r#"{"t": {"0": 5}}"#);
    state.adopt_cluster("a").unwrap();
    assert_eq!(state.replayed(&topic("d")), None);
    state.note_replayed(&topic("d"), &Offsets::from([(0, 7), (2, 0)]));
    state.intend(&intent());
    let mut again = self::state(&state.to_json());
    assert_eq!(
        again.replayed(&topic("d")),
        Some(&Offsets::from([(0, 7), (2, 0)]))
    );
    assert!(again.intent(&topic("t")).is_some());
    assert_eq!(again.offsets(&topic("d")).unwrap(), None, "no topic's own");
    // Made anew with fewer partitions.
    again.note_replayed(&topic("d"), &Offsets::from([(0, 1)]));
    let last = self::state(&again.to_json());
    assert_eq!(last.replayed(&topic("d")), Some(&Offsets::from([(0, 1)])));
}

#[test]
fn whoever_keeps_the_document_may_write_it_as_they_like() {
    let mut state = state(r#"{"t": {"0": 5, "1": 6}, "x": [1, {"b": 1, "a": "\u00e9"}]}"#);
    state.adopt_cluster("a").unwrap();
    let written: Value = serde_json::from_str(&state.to_json()).unwrap();
    // Compact, and its keys the other way round.
    let mut members: Vec<_> = written.as_object().unwrap().clone().into_iter().collect();
    members.reverse();
    let other = Value::Object(members.into_iter().collect()).to_string();
    assert_ne!(other, state.to_json());
    self::state(&other);
}

#[test]
fn what_was_changed_behind_our_back_is_refused() {
    let mut state = state(r#"{"t": {"0": 5}}"#);
    state.adopt_cluster("a").unwrap();
    let text = state.to_json();
    let changed = text.replace("\"0\": 5", "\"0\": 6");
    let failure = State::from_json(&changed, "s.json").unwrap_err();
    assert!(
        failure.message.contains("remove \"checksum\" from"),
        "{failure}"
    );
    // As the message says.
    let mut corrected: Value = serde_json::from_str(&changed).unwrap();
    corrected[OURS].as_object_mut().unwrap().remove("checksum");
    let corrected = self::state(&corrected.to_string());
    let offsets = Offsets::from([(0, 6)]);
    assert_eq!(corrected.offsets(&topic("t")).unwrap(), Some(&offsets));
}

#[test]
fn what_soar_puts_beside_the_offsets_is_no_damage() {
    let mut state = state(r#"{"t": {"0": 5}}"#);
    state.adopt_cluster("a").unwrap();
    let mut kept: Value = serde_json::from_str(&state.to_json()).unwrap();
    kept["app_version"] = "4.0.0".into();
    kept["ingest"] = "encrypted".into();
    let again = self::state(&kept.to_string());
    assert_eq!(again.cluster_id(), Some("a"));
    kept["t"]["0"] = 6.into();
    assert!(State::from_json(&kept.to_string(), "s.json").is_err());
}

#[test]
fn a_document_cut_off_anywhere_is_an_error() {
    let mut state = state(r#"{"t": {"0": 5}, "u": {"0": 123456789}}"#);
    state.adopt_cluster("a").unwrap();
    state.intend(&intent());
    let text = state.to_json();
    assert!(text.ends_with("}\n"));
    for length in 0..text.len() - 1 {
        let failure = State::from_json(&text[..length], "s.json").unwrap_err();
        assert!(failure.hint.unwrap().contains("s.json.previous"));
    }
    // Only the last newline may go.
    self::state(&text[..text.len() - 1]);
}

#[test]
fn a_document_of_an_earlier_version_goes_on() {
    let old = r#"{"t": {"0": 42}, "kafka-soar/state":
        {"version": 1, "cluster_id": "a", "topic_ids": {"t": "x"}}}"#;
    let mut state = state(old);
    assert_eq!(state.topic_id(&topic("t")), Some("x"));
    state.advance(&topic("t"), &Offsets::from([(0, 43)]));
    let again = self::state(&state.to_json());
    let offsets = Offsets::from([(0, 43)]);
    assert_eq!(again.offsets(&topic("t")).unwrap(), Some(&offsets));
    assert!(state.to_json().contains("\"version\": 2"));
}

#[test]
fn the_state_before_is_kept_and_can_be_gone_back_to() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let mut state = State::load(&path).unwrap();
    state.adopt_cluster("a").unwrap();
    for offset in 1..=3 {
        state.advance(&topic("t"), &Offsets::from([(0, offset)]));
        state.save(&path).unwrap();
    }
    let before = State::load(&previous(&path)).unwrap();
    let offsets = Offsets::from([(0, 2)]);
    assert_eq!(before.offsets(&topic("t")).unwrap(), Some(&offsets));

    fs::remove_file(&path).unwrap();
    let failure = State::load(&path).unwrap_err();
    assert!(failure.message.contains("is missing, but"), "{failure}");
    fs::copy(previous(&path), &path).unwrap();
    State::load(&path).unwrap().save(&path).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_crash_between_the_two_renames_leaves_the_state() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.json");
    let mut state = State::default();
    state.adopt_cluster("a").unwrap();
    state.save(&path).unwrap();
    // The present file already has its second name.
    fs::hard_link(&path, previous(&path)).unwrap();
    state.advance(&topic("t"), &Offsets::from([(0, 7)]));
    state.save(&path).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    let offsets = Offsets::from([(0, 7)]);
    let again = State::load(&path).unwrap();
    assert_eq!(again.offsets(&topic("t")).unwrap(), Some(&offsets));
}
