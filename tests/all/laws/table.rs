//! Which law holds which attack.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use kafka_soar_tests::guests::Attack;

use super::{bombs, imports, lies, memory, output, proposals, reach, stack, time, traps};
use crate::contract;

/// A test that holds attacks.
#[derive(Clone, Copy)]
pub(super) struct Law {
    /// Where it is, and what it says.
    pub(super) name: &'static str,
    /// The test itself, so that there is one.
    _test: fn(),
}

/// An attack that stands in no row doesn't compile, and neither does a row without its test.
macro_rules! laws {
    ($($module:ident :: $($part:ident)::+ { $($attack:ident)* })*) => {
        /// The law that holds an attack.
        pub(super) fn law(attack: Attack) -> Law {
            match attack {
                $($(Attack::$attack)|* => Law {
                    name: concat!(stringify!($module), "::", stringify!($($part)::+)),
                    _test: $module::$($part)::+,
                },)*
            }
        }
    };
}

laws! {
    time::time_is_limited {
        WatParseLoop WatTailCallLoop HostileLoop HostileSettingsLoop CLoop
    }
    time::time_is_limited_before_the_call { WatStartLoop WatNestedStartLoop WatReallocLoop }
    time::time_is_limited_after_the_call { WatPostReturnLoop }
    time::time_is_limited_in_bulk_operations {
        WatMemoryFillLoop WatMemoryCopyLoop WatMemoryInitLoop WatTableFillLoop WatTableCopyLoop
        WatTableInitLoop
    }
    time::time_is_limited_inside_a_long_copy { HostileMemoryCopyLoop }
    time::time_is_limited_for_an_interpreter { PythonLoop }
    time::no_clock_moves_on { WatWatchesClock }

    stack::the_stack_is_limited { HostileRecurse WatMutualRecursion WatIndirectRecursion }
    stack::the_stack_is_limited_before_the_call { WatReallocRecursion WatStartRecursion }
    stack::the_stack_is_limited_after_the_call { WatPostReturnRecursion }
    stack::a_stack_in_the_guests_memory_ends { HostileRecurseWide COverflowStack }
    stack::an_interpreter_limits_recursion_itself { PythonRecursion }
    stack::an_interpreter_without_a_limit_is_held { PythonRecursionUnchecked }

    memory::memory_is_limited { HostileAlloc WatGrowByPage WatHugeMemory CSpendMemory }
    memory::memory_is_limited_for_an_interpreter { PythonMemory }
    memory::memory_is_limited_in_total_and_not_per_memory { WatMemories }
    memory::memory_is_limited_in_tables_too { WatTables }
    memory::a_table_is_limited { WatTableGrow WatHugeTable }
    memory::the_number_of_things_is_limited { WatManyMemories WatManyInstances WatManyTables }
    memory::a_memorys_own_maximum_is_obeyed { WatGrowInVain }
    memory::nothing_is_left_in_memory_for_the_next { WatRemembers }
    memory::addresses_tell_nothing { HostileAddresses }

    output::output_is_limited { HostileOutput HostileReason HostileRefuseLong WatReasonsOverlap }
    output::artifacts_are_limited { HostileArtifacts HostileContainers }
    output::log_is_limited { HostileLog HostileLogLong }
    output::lines_without_text_are_limited_too { HostileLogLoop }
    output::nesting_is_limited { HostileDeepJson HostileOpenJson }
    contract::a_reason_is_bounded_and_harmless { HostileReasonText }
    contract::a_refusal_is_the_parsers_own_word { HostileRefuse }
    contract::indices_are_checked { HostileReject HostileSources }
    contract::ingests_that_break_the_outline_are_invalid { HostileIngests }
    contract::no_state_outlives_a_call { HostileCount }
    contract::everything_that_is_known_of_a_record_arrives { HostileEcho }
    output::a_log_line_is_escaped_cut_and_attributed { HostileLogLine }

    lies::texts_and_lists_lie_in_memory {
        WatIngestsOutsideMemory WatIngestsWraps WatIngestsNegative WatIngestsPastCanonical
        WatSourcesOutsideMemory WatSourcesHuge WatRejectionsOutsideMemory WatRejectionsHuge
        WatReasonOutsideMemory WatRefusalOutsideMemory
    }
    lies::lists_and_outcomes_are_aligned {
        WatSourcesMisaligned WatRejectionsMisaligned WatResultMisaligned
    }
    lies::the_outcome_lies_in_memory { WatResultOutsideMemory WatResultWraps }
    lies::an_outcome_is_one_of_two { WatOutcomeTwo }
    lies::texts_are_utf8 { WatIngestsNotUtf8 WatReasonNotUtf8 WatRefusalNotUtf8 }
    lies::room_lies_in_memory {
        WatReallocMisaligned WatReallocOutsideMemory WatReallocWraps
    }
    lies::a_guest_that_spoils_its_own_memory_spoils_nothing_else { WatReallocSame WatReallocNull }
    lies::the_host_is_not_called_while_it_calls { WatReallocCallsHost WatPostReturnCallsHost }
    lies::a_component_is_not_entered_twice { WatReenters }

    traps::a_crash_yields_nothing_and_is_named {
        WatParseUnreachable WatDividesByZero WatDividesIntoOverflow WatConvertsNan
        WatLoadsOutsideMemory WatStoresOutsideMemory WatFillsOutsideMemory WatCallsNothing
        WatCallsOutsideTable WatCallsAnotherType HostilePanic HostileAbort HostileIndexOutside
        CCrash CWriteAnywhere CCallAnything CCallAsAnotherType ReachingAbort
    }
    traps::a_crash_before_the_call_is_one {
        WatStartUnreachable WatReallocUnreachable WatDataOutsideMemory WatElementsOutsideTable
    }
    traps::a_crash_after_the_call_is_one { WatPostReturnUnreachable }
    traps::a_crash_forges_no_line { WatTrapNamesTerminal }
    traps::leaving_is_a_crash_whatever_the_status {
        ReachingExit ReachingExitWell CLeave CLeaveWell PythonLeave PythonLeaveAtOnce
    }
    traps::address_zero_is_memory_like_any_other { CWriteToNull }
    traps::numbers_that_are_none_look_alike { HostileNan }

    imports::nothing_is_offered_but_the_contract_and_an_empty_wasi {
        WatImportsHttp WatImportsUnknown WatImportsFunction WatImportsModule WatImportsComponent
        WatImportsResource WatImportsValue WatImportsLaterContract WatImportsLaterWasi
        BombImports
    }
    imports::what_is_offered_has_one_type { WatImportsMoreThanLog WatImportsLogOtherwise }
    imports::names_are_escaped_and_bounded { WatImportsTerminal WatVersionStrange BombNames }
    imports::a_parser_exports_the_contract {
        WatExportsNothing WatExportsEmpty WatExportsFunction WatWrongType WatVersion2
    }
    imports::no_directory_is_open { WatListsDirectories }
    imports::a_parser_that_breaks_no_rule_is_fine { WatPure }

    proposals::what_no_parser_needs_is_off {
        WatMultiMemory WatMemory64 WatSharedMemory WatAtomics WatGc WatExceptions
        WatCustomPageSizes WatStackSwitching WatAsyncLift WatStream WatFuture WatErrorContext
        WatComponentStart
    }

    bombs::what_is_dear_to_read_or_compile_ends_quickly {
        BombFunctions BombGiantFunction BombCalls BombBranches BombBlocks BombTypes
        BombParameters BombExports BombGlobals BombNestedShallow BombNestedDeep
        BombInstancesSquared BombLocals
    }

    reach::no_file_is_there {
        ReachingReadFile ReachingListDirectory ReachingListWorkingDirectory ReachingWriteFile
        ReachingCreateDirectory ReachingLinkFile ReachingRemoveFile ReachingClimbOut
        CReadFile CWriteFile CListDirectory CMakeDirectory CLinkFile
        PythonReadFile PythonWriteFile PythonListDirectory PythonListWorkingDirectory
        PythonMakeDirectory
    }
    reach::no_descriptor_is_open { COpenEverything CDescriptors CCloseDescriptors }
    reach::the_environment_is_empty {
        ReachingEnvironment ReachingArguments ReachingWorkingDirectory CEnvironment CArguments
        PythonEnvironment PythonArguments
    }
    reach::no_socket_can_be_had {
        ReachingConnect ReachingListen ReachingSendDatagram ReachingResolve CAcceptSocket
        CSendToSocket PythonConnect PythonResolve
    }
    reach::no_process_or_thread_can_be_started {
        ReachingSpawnProcess ReachingThread PythonRunProcess PythonSystem PythonFork
        PythonStartThread PythonKillItself
    }
    reach::no_code_can_be_loaded { PythonForeignCode PythonMissingModule }
    reach::messages_that_are_run_as_code_reach_nothing { PythonEvaluate }
    reach::clocks_stand_still {
        ReachingWallClock ReachingTimer CWallClock CTimer PythonWallClock PythonTimer
    }
    reach::sleep_is_over_at_once { ReachingSleep CSleep PythonSleep }
    reach::random_numbers_follow_from_the_batch {
        ReachingRandom CRandomNumbers PythonRandomNumbers PythonHashOrder
    }
    reach::random_numbers_are_limited { CRandomFlood }
    reach::standard_input_is_empty { ReachingStandardInput CStandardInput PythonStandardInput }
    reach::standard_output_goes_nowhere {
        ReachingFloodOutput ReachingFloodErrors CFloodOutput PythonFloodOutput
    }
}

/// The attacks that a law holds.
pub(super) fn held_by(law_name: &str) -> impl Iterator<Item = Attack> {
    let mut held = Attack::all()
        .filter(move |&attack| law(attack).name == law_name)
        .peekable();
    assert!(held.peek().is_some(), "{law_name} holds nothing");
    held
}

/// A row could name a function that no test runner knows.
#[test]
fn every_law_is_a_test() {
    let output = Command::new(std::env::current_exe().unwrap())
        .arg("--list")
        .output()
        .unwrap();
    let tests = String::from_utf8(output.stdout).unwrap();
    for attack in Attack::all() {
        let name = law(attack).name;
        let line = |prefix: &str| format!("{prefix}{name}: test");
        assert!(
            tests
                .lines()
                .any(|test| test == line("") || test == line("laws::")),
            "{name} is no test"
        );
    }
}

/// docs/attacks.md is this table for a person; `UPDATE_ATTACKS=1` writes it anew.
#[test]
fn the_document_is_up_to_date() {
    const HEAD: &str = "# Attacks

What the tests' guests do to the sandbox, and the law that holds each: a test in `tests/all` of that name. Text is
`tests/guests/wat` and `tests/guests/bombs.rs`, Rust `tests/guests/hostile` and `tests/guests/reaching`, C
`tests/guests/c`, Python `tests/guests/python`. What somebody does who can write to the cache of native code, or to
the parser's file, is in `tests/all/laws/cache.rs`; `tests/all/laws/interleaved.rs` makes random attacks beside a
parser that breaks no rule.

An attack without a law doesn't compile. To add one, write a file into `tests/guests/wat` or a row into the table
`COMMANDS` of another guest, and then the attack's name into a row of `tests/all/laws/table.rs`. This file is written
by `UPDATE_ATTACKS=1 make test TEST_ARGS=the_document_is_up_to_date`.

";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/attacks.md");
    let mut rows: Vec<(&str, &str, &str)> = Attack::all()
        .map(|attack| (law(attack).name, attack.name(), attack.guest().language()))
        .collect();
    rows.sort_unstable();
    let mut text = HEAD.to_owned();
    let _ = writeln!(text, "{} attacks:\n", rows.len());
    text.push_str("| law | attack | language |\n|---|---|---|\n");
    let mut last = "";
    for (law, attack, language) in rows {
        let shown = if law == last { "" } else { law };
        let _ = writeln!(text, "| {shown} | {attack} | {language} |");
        last = law;
    }
    if std::env::var_os("UPDATE_ATTACKS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == text,
        "docs/attacks.md is behind: UPDATE_ATTACKS=1 make test TEST_ARGS=the_document_is_up_to_date"
    );
}
