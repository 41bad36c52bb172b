//! A guest that lies about what is in its memory, or about when it may be called.

use kafka_soar_tests::guests::Attack;

use super::{attack, limits, table::held_by};

#[test]
pub(super) fn texts_and_lists_lie_in_memory() {
    for sin in held_by("lies::texts_and_lists_lie_in_memory") {
        attack(sin, "", &limits()).crashed("out of bounds of memory");
    }
}

#[test]
pub(super) fn lists_and_outcomes_are_aligned() {
    for sin in held_by("lies::lists_and_outcomes_are_aligned") {
        attack(sin, "", &limits()).crashed("not aligned");
    }
}

#[test]
pub(super) fn the_outcome_lies_in_memory() {
    for sin in held_by("lies::the_outcome_lies_in_memory") {
        attack(sin, "", &limits()).crashed("out of bounds of memory");
    }
}

#[test]
pub(super) fn an_outcome_is_one_of_two() {
    attack(Attack::WatOutcomeTwo, "", &limits()).crashed("discriminant");
}

#[test]
pub(super) fn texts_are_utf8() {
    for sin in held_by("lies::texts_are_utf8") {
        attack(sin, "", &limits()).crashed("utf-8");
    }
}

/// The host writes nowhere but where a guest's memory is.
#[test]
pub(super) fn room_lies_in_memory() {
    for sin in held_by("lies::room_lies_in_memory") {
        attack(sin, "", &limits()).crashed("realloc return");
    }
}

#[test]
pub(super) fn a_guest_that_spoils_its_own_memory_spoils_nothing_else() {
    for sin in held_by("lies::a_guest_that_spoils_its_own_memory_spoils_nothing_else") {
        let parsed = attack(sin, "", &limits()).parsed();
        assert_eq!(parsed.ingests().len(), 0);
    }
}

/// While the host hands over a batch or gives back memory, the guest may not call it.
#[test]
pub(super) fn the_host_is_not_called_while_it_calls() {
    for sin in held_by("lies::the_host_is_not_called_while_it_calls") {
        attack(sin, "", &limits()).crashed("cannot leave component instance");
    }
}

#[test]
pub(super) fn a_component_is_not_entered_twice() {
    attack(Attack::WatReenters, "", &limits()).crashed("cannot enter component instance");
}
