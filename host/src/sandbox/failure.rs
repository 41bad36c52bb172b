//! What a failed call means.

use wasmtime::{Trap, WasmBacktrace};

use super::{engine::STACK_BYTES, limits::Passed};
use crate::{config::ParserLimits, model::text, ports::ParseError};

/// How wasmtime words that a guest handed over more than the host-call fuel allows. The type is
/// private; a test holds the words.
const HOSTCALL_FUEL: &str = "fuel allocated for hostcalls has been exhausted";

/// A trap's description is cut to this many bytes.
const TRAP_BYTES: usize = 2 << 10;

/// Turns the error of a call into what the pipeline branches on.
pub(crate) fn classify(error: &wasmtime::Error, limits: &ParserLimits) -> ParseError {
    if let Some(passed) = error.downcast_ref::<Passed>() {
        return ParseError::Limit {
            limit: passed.limit,
            value: passed.value.clone(),
            what: passed.what.clone(),
        };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => ParseError::Limit {
            limit: "parser_time_limit",
            value: format!("{} ms", limits.time.as_millis()),
            what: "it ran too long on one batch".into(),
        },
        Some(Trap::StackOverflow) => ParseError::Limit {
            limit: "stack",
            value: format!("{STACK_BYTES} bytes"),
            what: "its calls are nested too deep".into(),
        },
        _ if error.chain().any(|e| e.to_string().contains(HOSTCALL_FUEL)) => ParseError::Limit {
            limit: "parser_output_limit",
            value: format!("{} bytes", limits.output),
            what: "it returned or logged more than that at once".into(),
        },
        Some(&trap) => ParseError::Trap(describe(trap, error)),
        None => ParseError::Trap(text::escape(text::cut(&format!("{error:#}"), TRAP_BYTES)).into()),
    }
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
    format!("{trap}, in {}", text::escape(text::cut(&place, TRAP_BYTES)))
}
