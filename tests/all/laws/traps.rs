//! Crashes, wherever they happen: nothing of the batch is kept, and the host goes on.

use kafka_soar_tests::guests::Attack;

use super::{attack, limits, load, table::held_by, told};

#[test]
pub(super) fn a_crash_yields_nothing_and_is_named() {
    for sin in held_by("traps::a_crash_yields_nothing_and_is_named") {
        attack(sin, "", &limits()).crashed("wasm trap: ");
    }
}

#[test]
pub(super) fn a_crash_before_the_call_is_one() {
    for sin in held_by("traps::a_crash_before_the_call_is_one") {
        attack(sin, "", &limits()).crashed("wasm trap: ");
    }
}

/// It has returned an outcome by then, which doesn't count.
#[test]
pub(super) fn a_crash_after_the_call_is_one() {
    attack(Attack::WatPostReturnUnreachable, "", &limits()).crashed("unreachable");
}

/// The names of functions are the guest's.
#[test]
pub(super) fn a_crash_forges_no_line() {
    let words = attack(Attack::WatTrapNamesTerminal, "", &limits()).crashed("unreachable");
    assert!(!words.contains(['\u{1b}', '\n', '\u{202e}']), "{words:?}");
}

/// A parser that ends the only process it knows, itself, has ended no other; and it has returned
/// nothing, even if it says that all went well.
#[test]
pub(super) fn leaving_is_a_crash_whatever_the_status() {
    for sin in held_by("traps::leaving_is_a_crash_whatever_the_status") {
        attack(sin, "", &limits()).crashed("");
    }
}

#[test]
pub(super) fn address_zero_is_memory_like_any_other() {
    let saw = attack(Attack::CWriteToNull, "", &limits()).saw();
    assert_eq!(saw, "done");
}

/// Their bits would tell one processor from another.
#[test]
pub(super) fn numbers_that_are_none_look_alike() {
    let saw = attack(Attack::HostileNan, "", &limits()).saw();
    assert_eq!(saw, ["7ff8000000000000"; 4].join(" "));
}

#[test]
fn a_guest_that_was_stopped_leaves_the_next_one_alone() {
    let mut parser = load(Attack::HostileCount, &limits()).unwrap();
    for (sin, argument) in [
        (Attack::HostilePanic, ""),
        (Attack::HostileRecurse, ""),
        (Attack::HostileLog, "10001"),
        (Attack::HostileAlloc, "100000000"),
    ] {
        parser.parse(&told(sin, argument)).unwrap_err();
        let parsed = parser.parse(&told(Attack::HostileCount, "")).unwrap();
        let container = parsed.ingests().next().unwrap().container().to_owned();
        assert_eq!(container, r#"{"name":"hostile","data":1}"#, "after {sin:?}");
    }
}
