//! Proposals to WebAssembly that no parser needs: less to be wrong.

use super::{attack, limits, table::held_by};

#[test]
pub(super) fn what_no_parser_needs_is_off() {
    for sin in held_by("proposals::what_no_parser_needs_is_off") {
        attack(sin, "", &limits()).refused("not a valid component");
    }
}
