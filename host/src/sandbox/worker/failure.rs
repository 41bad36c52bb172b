//! What a failed call means.

use wasmtime::{Trap, WasmBacktrace};

use super::{
    engine::STACK_BYTES,
    meter::{MAX_INSTANCES, MAX_MEMORIES, MAX_TABLES, Passed},
};
use crate::{
    config::ParserLimits,
    model::text,
    sandbox::wire::{Limit, Outcome},
};

/// How wasmtime words that a guest handed over more than the host-call fuel allows. The type is
/// private; a test holds the words.
const HOSTCALL_FUEL: &str = "fuel allocated for hostcalls has been exhausted";

/// How wasmtime words that there are too many instances, tables or memories; also private.
const TOO_MANY: [(&str, u32); 3] = [
    ("instance count too high", MAX_INSTANCES),
    ("table count too high", MAX_TABLES),
    ("memory count too high", MAX_MEMORIES),
];

/// A trap's description is cut to this many bytes.
const TRAP_BYTES: usize = 2 << 10;

/// What the error of a call means.
pub(super) fn classify(error: &wasmtime::Error, limits: &ParserLimits) -> Outcome {
    if let Some(passed) = error.downcast_ref::<Passed>() {
        return Outcome::Limit {
            limit: passed.limit,
            value: passed.value.clone(),
            what: passed.what.clone(),
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => Outcome::Limit {
            limit: Limit::Stack,
            value: format!("{STACK_BYTES} bytes"),
            what: "its calls are nested too deep".into(),
        },
        _ if error.chain().any(|e| e.to_string().contains(HOSTCALL_FUEL)) => Outcome::Limit {
            limit: Limit::Output,
            value: format!("{} bytes", limits.output),
            what: "it returned or logged more than that at once".into(),
        },
        Some(&trap) => Outcome::Trap(describe(trap, error)),
        None if let Some((words, most)) = too_many(error) => Outcome::Limit {
            limit: Limit::Instances,
            value: most.to_string(),
            what: format!("it has more parts than that ({words})"),
        },
        None => Outcome::Trap(text::cut(&format!("{error:#}"), TRAP_BYTES).to_owned()),
    }
}

fn too_many(error: &wasmtime::Error) -> Option<(&'static str, u32)> {
    let told = format!("{error:#}");
    TOO_MANY.into_iter().find(|(words, _)| told.contains(words))
}

/// The trap, and the functions it happened in, innermost first: names come from the guest.
fn describe(trap: Trap, error: &wasmtime::Error) -> String {
    let functions: Vec<String> = error
        .downcast_ref::<WasmBacktrace>()
        .map(|backtrace| {
            backtrace
                .frames()
                .iter()
                .filter_map(|frame| frame.func_name().map(str::to_owned))
                .collect()
        })
        .unwrap_or_default();
    if functions.is_empty() {
        return trap.to_string();
    }
    let place = functions.join(" < ");
    format!("{trap}, in {}", text::cut(&place, TRAP_BYTES))
}
