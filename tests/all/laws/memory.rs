//! Memory: one total over all memories and tables, and what is in it.

use kafka_soar::config::ParserLimits;
use kafka_soar_tests::guests::Attack;

use super::{attack, limits, load, table::held_by, told};

const LIMIT: &str = "parser_memory_limit";

#[test]
fn memory_below_the_limit_is_obeyed() {
    attack(Attack::HostileAlloc, "33554432", &limits()).parsed();
}

#[test]
pub(super) fn memory_is_limited() {
    for sin in held_by("memory::memory_is_limited") {
        attack(sin, "100000000", &limits()).stopped_by(LIMIT);
    }
}

#[test]
pub(super) fn memory_is_limited_for_an_interpreter() {
    attack(Attack::PythonMemory, "", &limits()).stopped_by(LIMIT);
}

/// Four memories of 12 MiB each, in a component whose every memory fits.
#[test]
pub(super) fn memory_is_limited_in_total_and_not_per_memory() {
    let of = |memory| ParserLimits { memory, ..limits() };
    attack(Attack::WatMemories, "", &of(32 << 20)).stopped_by(LIMIT);
    attack(Attack::WatMemories, "", &of(64 << 20)).parsed();
}

/// An engine whose pool has no room for so many tables refuses it before.
#[test]
pub(super) fn memory_is_limited_in_tables_too() {
    let small = ParserLimits {
        memory: 4 << 20,
        ..limits()
    };
    attack(Attack::WatTables, "", &small).refused_or_stopped();
}

#[test]
pub(super) fn a_table_is_limited() {
    attack(Attack::WatTableGrow, "", &limits()).stopped_by("table elements");
    attack(Attack::WatHugeTable, "", &limits()).refused_or_stopped();
}

/// Each of them costs the host something, however small it is itself. Whether the file is refused
/// or its instance is, the words name what there is too much of.
#[test]
pub(super) fn the_number_of_things_is_limited() {
    for sin in held_by("memory::the_number_of_things_is_limited") {
        let words = attack(sin, "", &limits()).to_string();
        let named = [
            "stopped by",
            "exceeds",
            "at most",
            "more than",
            "a parser may have",
        ];
        assert!(named.iter().any(|named| words.contains(named)), "{words}");
        assert!(!words.contains("parsed"), "{words}");
    }
}

/// Growth in vain is no limit passed: the guest learns that it failed, and goes on.
#[test]
pub(super) fn a_memorys_own_maximum_is_obeyed() {
    attack(Attack::WatGrowInVain, "", &limits()).parsed();
}

/// Instances are made from a pool, with memory that others have used: one guest fills its memory
/// with marks and messages, and the next, itself or another, finds zeros.
#[test]
pub(super) fn nothing_is_left_in_memory_for_the_next() {
    let mut looking = load(Attack::WatRemembers, &limits()).unwrap();
    let mut filling = load(Attack::HostileAlloc, &limits()).unwrap();
    for _ in 0..10 {
        looking.parse(&told(Attack::WatRemembers, "")).unwrap();
        filling
            .parse(&told(Attack::HostileAlloc, "30000000"))
            .unwrap();
    }
}

/// The same in every instance: they are places in a memory of its own, and none of the host's.
#[test]
pub(super) fn addresses_tell_nothing() {
    let see = || attack(Attack::HostileAddresses, "", &limits()).saw();
    let seen = see();
    assert_eq!(seen, see());
    for address in seen.split(' ') {
        let address = usize::from_str_radix(address.trim_start_matches("0x"), 16).unwrap();
        assert!(address < limits().memory, "{seen}");
    }
}

#[test]
fn the_peak_of_memory_is_measured() {
    let mut parser = load(Attack::HostileAlloc, &limits()).unwrap();
    parser.parse(&told(Attack::HostileCount, "")).unwrap();
    let small = parser.stats().peak_memory;
    parser
        .parse(&told(Attack::HostileAlloc, "16777216"))
        .unwrap();
    let large = parser.stats().peak_memory;
    assert!(small < 4 << 20, "{small}");
    assert!((16 << 20..32 << 20).contains(&large), "{large}");
}
