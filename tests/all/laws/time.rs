//! Time: the wall's, over everything that a guest does from its start functions to giving back
//! its memory.

use std::time::Duration;

use kafka_soar::config::ParserLimits;
use kafka_soar_tests::guests::Attack;

use super::{attack, hasty, limits, table::held_by};

const LIMIT: &str = "parser_time_limit";

#[test]
fn time_below_the_limit_is_obeyed() {
    let patient = ParserLimits {
        time: Duration::from_secs(10),
        ..limits()
    };
    attack(Attack::HostileAlloc, "10000000", &patient).parsed();
}

#[test]
pub(super) fn time_is_limited() {
    for sin in held_by("time::time_is_limited") {
        attack(sin, "", &hasty()).stopped_by(LIMIT);
    }
}

#[test]
pub(super) fn time_is_limited_before_the_call() {
    for sin in held_by("time::time_is_limited_before_the_call") {
        attack(sin, "", &hasty()).stopped_by(LIMIT);
    }
}

#[test]
pub(super) fn time_is_limited_after_the_call() {
    attack(Attack::WatPostReturnLoop, "", &hasty()).stopped_by(LIMIT);
}

/// Deadlines aren't looked at inside of a bulk operation; each of them is bounded by the size of
/// a memory or a table, and between two of them they are.
#[test]
pub(super) fn time_is_limited_in_bulk_operations() {
    for sin in held_by("time::time_is_limited_in_bulk_operations") {
        attack(sin, "", &hasty()).stopped_by(LIMIT);
    }
}

#[test]
pub(super) fn time_is_limited_inside_a_long_copy() {
    let roomy = ParserLimits {
        memory: 256 << 20,
        ..hasty()
    };
    attack(Attack::HostileMemoryCopyLoop, "", &roomy).stopped_by(LIMIT);
}

#[test]
pub(super) fn time_is_limited_for_an_interpreter() {
    let limits = ParserLimits {
        time: Duration::from_millis(200),
        ..limits()
    };
    attack(Attack::PythonLoop, "", &limits).stopped_by(LIMIT);
}

/// A guest can't time itself: it waits for ever for a clock to move.
#[test]
pub(super) fn no_clock_moves_on() {
    attack(Attack::WatWatchesClock, "", &hasty()).stopped_by(LIMIT);
}
