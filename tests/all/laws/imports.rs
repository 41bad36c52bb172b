//! What a component may ask for and has to offer, decided before any of it is compiled or run.

use kafka_soar_tests::guests::Attack;

use super::{attack, limits, table::held_by};

#[test]
pub(super) fn nothing_is_offered_but_the_contract_and_an_empty_wasi() {
    for sin in held_by("imports::nothing_is_offered_but_the_contract_and_an_empty_wasi") {
        attack(sin, "", &limits()).refused("import");
    }
}

#[test]
pub(super) fn what_is_offered_has_one_type() {
    for sin in held_by("imports::what_is_offered_has_one_type") {
        attack(sin, "", &limits()).refused("kafka-soar:parser/log@1.0.0");
    }
}

/// Names are whatever bytes the file has.
#[test]
pub(super) fn names_are_escaped_and_bounded() {
    for sin in held_by("imports::names_are_escaped_and_bounded") {
        let words = attack(sin, "", &limits()).refused("");
        assert!(
            !words.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{sin:?}: {:?}",
            &words[..words.floor_char_boundary(500)]
        );
        assert!(words.len() < 5_000, "{sin:?}: {} bytes", words.len());
    }
}

#[test]
pub(super) fn a_parser_exports_the_contract() {
    for sin in held_by("imports::a_parser_exports_the_contract") {
        attack(sin, "", &limits()).refused("kafka-soar:parser");
    }
}

/// `wasi:filesystem` is linked, because some toolchains insist on it, and grants nothing: the
/// guest crashes if it is given a directory.
#[test]
pub(super) fn no_directory_is_open() {
    attack(Attack::WatListsDirectories, "", &limits()).parsed();
}

/// What the others in text differ from.
#[test]
pub(super) fn a_parser_that_breaks_no_rule_is_fine() {
    attack(Attack::WatPure, "", &limits()).parsed();
}
