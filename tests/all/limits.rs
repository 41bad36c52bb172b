//! Every limit on a parser has a pair of tests, obeyed and violated, run by a guest that tries.

use std::time::{Duration, Instant};

use kafka_soar::{config::ParserLimits, ports::ParseError};
use kafka_soar_tests::guests;

use crate::sandbox::{batch, invalid, limit_passed, limits, load, tell};

#[test]
fn memory_below_the_limit_is_obeyed() {
    tell(&format!("alloc {}", 16 << 20), &limits()).unwrap();
}

#[test]
fn memory_is_limited() {
    let result = tell(&format!("alloc {}", 64 << 20), &limits());
    assert_eq!(limit_passed(result), "parser_memory_limit");
}

#[test]
fn memory_is_limited_in_total_and_not_per_memory() {
    // Four memories of 12 MiB each, in a component whose every memory fits.
    let mut parser = load(&guests::text("memories"), &limits()).unwrap();
    let result = parser.parse(&batch(&["x"]));
    assert_eq!(limit_passed(result), "parser_memory_limit");
    let roomy = ParserLimits {
        memory: 64 << 20,
        ..limits()
    };
    load(&guests::text("memories"), &roomy)
        .unwrap()
        .parse(&batch(&["x"]))
        .unwrap();
}

#[test]
fn time_is_limited() {
    let quick = ParserLimits {
        time: Duration::from_millis(50),
        ..limits()
    };
    for command in ["loop", "log-loop"] {
        let begun = Instant::now();
        assert_eq!(limit_passed(tell(command, &quick)), "parser_time_limit");
        // Generous: what is asserted is that it ends at all.
        assert!(begun.elapsed() < Duration::from_secs(20), "{command}");
    }
}

#[test]
fn time_is_limited_for_a_guest_that_copies_memory_for_ever() {
    // Deadlines aren't looked at inside of memory.copy; between two of them they are.
    let quick = ParserLimits {
        time: Duration::from_millis(50),
        memory: 256 << 20,
        ..limits()
    };
    assert_eq!(
        limit_passed(tell("memory-copy-loop", &quick)),
        "parser_time_limit"
    );
}

#[test]
fn time_is_limited_in_a_start_function_too() {
    let quick = ParserLimits {
        time: Duration::from_millis(50),
        ..limits()
    };
    let result = load(&guests::text("start-loop"), &quick)
        .unwrap()
        .parse(&batch(&["x"]));
    assert_eq!(limit_passed(result), "parser_time_limit");
}

#[test]
fn output_up_to_the_limit_is_obeyed() {
    let room = limits().output - 1_000;
    let parsed = tell(&format!("output {room}"), &limits()).unwrap();
    assert_eq!(parsed.ingests().len(), 1);
}

#[test]
fn output_is_limited() {
    let more = limits().output + 1;
    let result = tell(&format!("output {more}"), &limits());
    assert_eq!(limit_passed(result), "parser_output_limit");
}

#[test]
fn output_is_limited_where_it_is_many_small_things() {
    let indices = vec!["1"; 200_000].join(",");
    let result = tell(&format!("reject {indices}"), &limits());
    assert_eq!(limit_passed(result), "parser_output_limit");
}

#[test]
fn artifacts_up_to_the_limit_are_obeyed() {
    // The container counts too.
    let parsed = tell("artifacts 99", &limits()).unwrap();
    assert_eq!(parsed.artifact_count(), 99);
}

#[test]
fn artifacts_are_limited() {
    let result = tell("artifacts 100", &limits());
    assert_eq!(limit_passed(result), "parser_artifact_limit");
    let result = tell("containers 101", &limits());
    assert_eq!(limit_passed(result), "parser_artifact_limit");
}

#[test]
fn log_up_to_the_limit_is_obeyed() {
    tell("log 10000", &limits()).unwrap();
}

#[test]
fn log_is_limited() {
    assert_eq!(
        limit_passed(tell("log 10001", &limits())),
        "parser_log_limit"
    );
}

#[test]
fn the_stack_is_limited() {
    assert_eq!(limit_passed(tell("recurse", &limits())), "stack");
}

#[test]
fn nesting_up_to_the_limit_is_obeyed() {
    // The container is a level of its own.
    tell("deep-json 126", &limits()).unwrap();
}

#[test]
fn nesting_is_limited() {
    let why = invalid(tell("deep-json 127", &limits()));
    assert!(why.contains("container 0 has more than 127"), "{why}");
    let why = invalid(tell("deep-json 100000", &limits()));
    assert!(why.contains("container 0 has more than 127"), "{why}");
}

#[test]
fn brackets_inside_of_strings_are_no_nesting() {
    let brackets = "[".repeat(1_000);
    let json = format!(r#"ingests [{{"container":{{"name":"{brackets}"}},"artifacts":[]}}]"#);
    assert_eq!(tell(&json, &limits()).unwrap().ingests().len(), 1);
}

#[test]
fn a_guest_that_was_stopped_leaves_the_next_one_alone() {
    let mut parser = load(guests::HOSTILE, &limits()).unwrap();
    for sin in ["panic", "recurse", "log 10001", "alloc 67108864"] {
        parser.parse(&batch(&[sin])).unwrap_err();
        let parsed = parser.parse(&batch(&["count"])).unwrap();
        let container = parsed.ingests().next().unwrap().container().to_owned();
        assert_eq!(container, r#"{"name":"hostile","data":1}"#, "after {sin}");
    }
}

#[test]
fn a_panic_is_a_crash_and_no_limit() {
    match tell("panic", &limits()) {
        Err(ParseError::Trap(what)) => assert!(what.contains("unreachable"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_peak_of_memory_is_measured() {
    let mut parser = load(guests::HOSTILE, &limits()).unwrap();
    parser.parse(&batch(&["count"])).unwrap();
    let small = parser.stats().peak_memory;
    parser
        .parse(&batch(&[&format!("alloc {}", 16 << 20)]))
        .unwrap();
    let large = parser.stats().peak_memory;
    assert!(small < 4 << 20, "{small}");
    assert!((16 << 20..32 << 20).contains(&large), "{large}");
}
