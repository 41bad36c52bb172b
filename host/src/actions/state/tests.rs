use super::*;
use crate::config::{Config, Topics};

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
    let written: Value = serde_json::from_str(&state.to_json()).unwrap();
    assert_eq!(
        written,
        json!({
            "fw.events": {"0": 50, "1": 7, "2": 1},
            "app_version": "2.0.7",
            "other": {"0": 1},
            "x": [1],
            "kafka-soar/state": {"version": 1, "cluster_id": "abc"}
        })
    );
    let again = self::state(&state.to_json());
    assert_eq!(again.cluster_id(), Some("abc"));
    assert_eq!(again.to_json(), state.to_json());
}

#[test]
fn what_a_later_version_adds_to_our_key_is_kept() {
    let mut state =
        state(r#"{"kafka-soar/state": {"version": 1, "cluster_id": "a", "intent": 5}}"#);
    state.adopt_cluster("a").unwrap();
    assert!(state.to_json().contains("\"intent\": 5"));
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
    let pattern = |text: &str| match Config::from_json(&format!(
        r#"{{"hosts": "h", "topic": "{text}", "timeout": 0}}"#
    )) {
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
            r#"{"kafka-soar/state": {"version": 2}}"#,
            "reads version 1 of it, found 2",
        ),
        (
            r#"{"kafka-soar/state": {}}"#,
            "reads version 1 of it, found null",
        ),
        (
            r#"{"kafka-soar/state": {"version": 1, "cluster_id": 5}}"#,
            "found 5",
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
        assert!(failure.hint.unwrap().contains("move it away"));
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
    assert_eq!(
        fs::read_dir(dir.path()).unwrap().count(),
        1,
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
            "another poll (process {}) is using",
            std::process::id()
        )),
        "{failure}"
    );
    drop(first);
    Lock::take(&path).unwrap();
}
