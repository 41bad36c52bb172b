//! Reaching for what is outside, as any program would, in Rust, C and Python: nothing is there.

use std::{env, process::Command};

use kafka_soar::model::{Batch, NO_TIMESTAMP, Position, Record};
use kafka_soar_tests::guests::{Attack, Guest};

use super::{attack, limits, load, table::held_by};
use crate::sandbox::STARTED;

/// What each attack of a law saw.
fn seen(law: &str) -> impl Iterator<Item = (Attack, String)> {
    held_by(law).map(|sin| (sin, attack(sin, "", &limits()).saw()))
}

/// Each attack of a law failed, with one of these words.
#[track_caller]
fn denied(law: &str, words: &[&str]) {
    for (sin, saw) in seen(law) {
        assert!(
            words.iter().any(|word| saw.contains(word)),
            "{sin:?} saw {saw}"
        );
    }
}

#[test]
pub(super) fn no_file_is_there() {
    denied("reach::no_file_is_there", &["No such file or directory"]);
}

/// Not even the three standard descriptors are the host's: a guest may close its own.
#[test]
pub(super) fn no_descriptor_is_open() {
    for (sin, saw) in seen("reach::no_descriptor_is_open") {
        let expected = match sin {
            Attack::COpenEverything => "0 opened",
            Attack::CDescriptors => "0 found",
            _ => "3 closed",
        };
        assert_eq!(saw, expected, "{sin:?}");
    }
}

#[test]
pub(super) fn the_environment_is_empty() {
    for (sin, saw) in seen("reach::the_environment_is_empty") {
        let expected = match sin {
            Attack::ReachingWorkingDirectory => "/",
            Attack::CEnvironment => "0 variables, PATH unset",
            Attack::CArguments => "0 arguments of 0 bytes, error 0",
            Attack::PythonEnvironment => "{}",
            _ => "[]",
        };
        assert_eq!(saw, expected, "{sin:?}");
    }
}

/// In C and Python there is nothing behind the functions: C's adapter crashes, and Python's
/// library lacks what it needs before it comes to a socket.
#[test]
pub(super) fn no_socket_can_be_had() {
    for sin in held_by("reach::no_socket_can_be_had") {
        let end = attack(sin, "", &limits());
        if sin.guest() == Guest::C {
            end.crashed("");
            continue;
        }
        let saw = end.saw();
        let denied = [
            "error: Permission denied",
            "error: failed to lookup",
            "LookupError",
        ];
        assert!(
            denied.iter().any(|words| saw.starts_with(words)),
            "{sin:?} saw {saw}"
        );
    }
}

#[test]
pub(super) fn no_process_or_thread_can_be_started() {
    denied(
        "reach::no_process_or_thread_can_be_started",
        &[
            "not supported on this platform",
            "Not supported",
            "AttributeError",
            "ModuleNotFoundError",
            "RuntimeError: can't start new thread",
        ],
    );
}

#[test]
pub(super) fn no_code_can_be_loaded() {
    denied("reach::no_code_can_be_loaded", &["ModuleNotFoundError"]);
}

/// A parser in Python that runs its messages is no worse than a parser that is hostile itself.
#[test]
pub(super) fn messages_that_are_run_as_code_reach_nothing() {
    for (code, expected) in [
        ("6 * 7", "42"),
        ("open('/etc/shadow').read()", "FileNotFoundError"),
        ("__import__('os').listdir('/')", "FileNotFoundError"),
        ("__import__('os').environ.get('PATH')", "null"),
        ("__import__('subprocess')", "ModuleNotFoundError"),
    ] {
        let saw = attack(Attack::PythonEvaluate, code, &limits()).saw();
        assert!(saw.starts_with(expected), "{code}: {saw}");
    }
}

/// The wall's clock stands at the poll's start, and what counts up stands at zero: no guest can
/// time what it or its neighbours do.
#[test]
pub(super) fn clocks_stand_still() {
    let milliseconds = STARTED.unix_ms;
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    for (sin, saw) in seen("reach::clocks_stand_still") {
        match sin {
            Attack::ReachingTimer => assert_eq!(saw, "0ns"),
            Attack::CTimer => assert_eq!(saw, "0 ns, step 1000000 ns"),
            Attack::PythonTimer => assert_eq!(saw, "[0, 0]"),
            Attack::ReachingWallClock => {
                let now = format!("Ok({seconds}.{rest:03}s)");
                assert_eq!(saw, format!("{now} {now}"));
            }
            Attack::CWallClock => {
                let now = format!("{seconds}.{rest:03}000000");
                assert_eq!(saw, format!("{now} {now}"));
            }
            _ => assert!(saw.ends_with(&format!(", {milliseconds}000000]")), "{saw}"),
        }
    }
}

/// An hour passes in no time, in the host as in the guest.
#[test]
pub(super) fn sleep_is_over_at_once() {
    for (sin, saw) in seen("reach::sleep_is_over_at_once") {
        let expected = match sin.guest() {
            Guest::C => "0 s left",
            Guest::Python => "0.0",
            _ => "0ns",
        };
        assert_eq!(saw, expected, "{sin:?}");
    }
}

/// The batch that asks for an attack, at this offset.
fn at(offset: i64, sin: Attack) -> Batch {
    let mut batch = Batch::new("topic");
    batch.push(&Record {
        position: Position {
            partition: 0,
            offset,
        },
        timestamp: NO_TIMESTAMP,
        key: None,
        value: Some(sin.message("").as_bytes()),
        headers: vec![],
    });
    batch
}

/// The same batch gives the same ones, after a crash too, and another batch gives others. What an
/// interpreter has in its file from when it was built stays the same in all.
#[test]
pub(super) fn random_numbers_follow_from_the_batch() {
    for sin in held_by("reach::random_numbers_follow_from_the_batch") {
        let mut parser = load(sin, &limits()).unwrap();
        let mut see = |offset| parser.parse(&at(offset, sin)).unwrap_err().to_string();
        let first = see(1);
        assert!(first.contains("refused the batch"), "{sin:?}: {first}");
        let other = see(2);
        assert_eq!(first, see(1), "{sin:?}");
        if sin != Attack::PythonHashOrder {
            assert_ne!(first, other, "{sin:?}");
        }
    }
}

/// Eight megabytes at once would be the host's memory, which no limit of the guest's counts.
#[test]
pub(super) fn random_numbers_are_limited() {
    attack(Attack::CRandomFlood, "", &limits()).crashed("");
}

#[test]
pub(super) fn standard_input_is_empty() {
    for (sin, saw) in seen("reach::standard_input_is_empty") {
        let expected = if sin.guest() == Guest::Python {
            r#""""#
        } else {
            "0 bytes"
        };
        assert_eq!(saw, expected, "{sin:?}");
    }
}

/// Hundreds of megabytes of terminal sequences, in a process whose output is looked at.
#[test]
pub(super) fn standard_output_goes_nowhere() {
    const INSIDE: &str = "KAFKA_SOAR_FLOODED";
    const NAME: &str = "laws::reach::standard_output_goes_nowhere";
    if env::var_os(INSIDE).is_some() {
        for (sin, saw) in seen("reach::standard_output_goes_nowhere") {
            assert!(saw.contains("done"), "{sin:?} saw {saw}");
        }
        return;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let shown = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", shown.escape_ascii());
    assert!(
        shown.len() < 2_000 && !shown.contains(&0x1b),
        "{} bytes: {}",
        shown.len(),
        shown[..shown.len().min(1_000)].escape_ascii()
    );
}
