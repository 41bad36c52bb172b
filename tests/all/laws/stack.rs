//! The call stack, which the host shares with its guests, and those that guests keep themselves.

use kafka_soar_tests::guests::Attack;

use super::{attack, limits, table::held_by};

#[test]
pub(super) fn the_stack_is_limited() {
    for sin in held_by("stack::the_stack_is_limited") {
        attack(sin, "", &limits()).stopped_by("stack");
    }
}

#[test]
pub(super) fn the_stack_is_limited_before_the_call() {
    for sin in held_by("stack::the_stack_is_limited_before_the_call") {
        attack(sin, "", &limits()).stopped_by("stack");
    }
}

#[test]
pub(super) fn the_stack_is_limited_after_the_call() {
    attack(Attack::WatPostReturnRecursion, "", &limits()).stopped_by("stack");
}

/// It lies below everything else in memory, so that its end is memory's beginning.
#[test]
pub(super) fn a_stack_in_the_guests_memory_ends() {
    for sin in held_by("stack::a_stack_in_the_guests_memory_ends") {
        attack(sin, "", &limits()).crashed("out of bounds memory access");
    }
}

#[test]
pub(super) fn an_interpreter_limits_recursion_itself() {
    let saw = attack(Attack::PythonRecursion, "", &limits()).saw();
    assert!(saw.starts_with("RecursionError"), "{saw}");
}

/// Whichever of the two stacks ends first, or memory.
#[test]
pub(super) fn an_interpreter_without_a_limit_is_held() {
    let end = attack(Attack::PythonRecursionUnchecked, "", &limits());
    let words = end.to_string();
    assert!(
        ["stopped by", "crashed", "RecursionError", "MemoryError"]
            .iter()
            .any(|held| words.contains(held)),
        "{words}"
    );
}
