//! Components that are dear before any of them runs.

use std::time::{Duration, Instant};

use super::{attack, limits, table::held_by};

/// Many times what the dearest of them takes on a busy machine: what is asserted is that someone
/// counts.
const PATIENCE: Duration = Duration::from_mins(1);

/// Refused by what its outline says, stopped in the compiler, or harmless: whichever, it is over
/// soon, and the host lives on. A refusal says why in few words.
#[test]
pub(super) fn what_is_dear_to_read_or_compile_ends_quickly() {
    for sin in held_by("bombs::what_is_dear_to_read_or_compile_ends_quickly") {
        let begun = Instant::now();
        let words = attack(sin, "", &limits()).to_string();
        let took = begun.elapsed();
        assert!(took < PATIENCE, "{sin:?} took {took:?}: {words}");
        let ended = ["refused", "stopped", "parsed"]
            .iter()
            .any(|end| words.contains(end));
        assert!(ended && words.len() < 5_000, "{words}");
    }
}
