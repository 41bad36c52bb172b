//! What a guest hands over: its size, its shape, and what it may do to whoever reads it.

use std::{
    io,
    sync::{Arc, Mutex},
};

use kafka_soar_tests::guests::Attack;

use super::{attack, hasty, limits, table::held_by};

const LIMIT: &str = "parser_output_limit";

#[test]
fn output_up_to_the_limit_is_obeyed() {
    let room = (limits().output - 1_000).to_string();
    let parsed = attack(Attack::HostileOutput, &room, &limits()).parsed();
    assert_eq!(parsed.ingests().len(), 1);
}

#[test]
pub(super) fn output_is_limited() {
    let more = (limits().output + 1).to_string();
    for sin in held_by("output::output_is_limited") {
        attack(sin, &more, &limits()).stopped_by(LIMIT);
    }
}

#[test]
fn output_is_limited_where_it_is_many_small_things() {
    let indices = vec!["1"; 200_000].join(",");
    attack(Attack::HostileReject, &indices, &limits()).stopped_by(LIMIT);
}

#[test]
fn artifacts_up_to_the_limit_are_obeyed() {
    // The container counts too.
    let parsed = attack(Attack::HostileArtifacts, "99", &limits()).parsed();
    assert_eq!(parsed.artifact_count(), 99);
}

#[test]
pub(super) fn artifacts_are_limited() {
    for sin in held_by("output::artifacts_are_limited") {
        attack(sin, "101", &limits()).stopped_by("parser_artifact_limit");
    }
}

#[test]
fn log_up_to_the_limit_is_obeyed() {
    attack(Attack::HostileLog, "10000", &limits()).parsed();
}

#[test]
pub(super) fn log_is_limited() {
    for sin in held_by("output::log_is_limited") {
        attack(sin, "10001", &limits()).stopped_by("parser_log_limit");
    }
    // One line that alone is more than a guest may ever hand over isn't even taken.
    attack(Attack::HostileLogLong, "2000000", &limits()).stopped_by(LIMIT);
}

/// By time, or because a line costs something by itself.
#[test]
pub(super) fn lines_without_text_are_limited_too() {
    attack(Attack::HostileLogLoop, "", &hasty()).refused_or_stopped();
}

#[test]
fn nesting_up_to_the_limit_is_obeyed() {
    // The container is a level of its own.
    attack(Attack::HostileDeepJson, "99", &limits()).parsed();
}

#[test]
pub(super) fn nesting_is_limited() {
    for depth in ["100", "100000"] {
        attack(Attack::HostileDeepJson, depth, &limits()).invalid("more than 100 objects");
    }
    attack(Attack::HostileOpenJson, "1000000", &limits()).invalid("ingests");
}

#[test]
fn brackets_inside_of_strings_are_no_nesting() {
    let brackets = "[".repeat(1_000);
    let json = format!(r#"[{{"container":{{"name":"{brackets}"}},"artifacts":[]}}]"#);
    let parsed = attack(Attack::HostileIngests, &json, &limits()).parsed();
    assert_eq!(parsed.ingests().len(), 1);
}

/// What is logged while `act` runs, as a file of logs would have it.
fn logged(act: impl FnOnce()) -> String {
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, act);
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
pub(super) fn a_log_line_is_escaped_cut_and_attributed() {
    let line = format!(
        "red \u{1b}[31m\r\nERROR forged\u{202e}{}",
        "x".repeat(8_000)
    );
    let text = logged(|| {
        attack(Attack::HostileLogLine, &line, &limits()).parsed();
    });
    let [line] = text.lines().collect::<Vec<_>>()[..] else {
        panic!("{text:?}");
    };
    assert!(
        line.contains(r"red \u{1b}[31m\r\nERROR forged\u{202e}xxx"),
        "{line}"
    );
    assert!(line.contains("parser=\"guest\""), "{line}");
    assert!(line.len() < 5_000, "{}", line.len());
}
