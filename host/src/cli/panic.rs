//! What a person sees of a defect: a sentence, not a stack.

use std::{
    any::Any,
    env,
    io::{self, Write as _},
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    process::ExitCode,
};

use serde_json::json;

use crate::{actions::Class, model::text::escape};

const HINT: &str = "please report it with the command and the lines above; RUST_BACKTRACE=1 \
     shows where it happened. Offsets have not advanced past what was delivered";

/// Runs the command line so that a panic anywhere in it ends with the exit code of a defect.
pub(super) fn guard(command: impl FnOnce() -> ExitCode) -> ExitCode {
    let standard = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let _ = writeln!(io::stderr(), "{}", sentence(info));
        if env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            standard(info);
        }
        let _ = writeln!(io::stderr(), "\nhint: {HINT}");
    }));
    panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|payload| {
        if env::args_os().any(|word| word == "--json") {
            let error = json!({"error": {
                "class": Class::Internal.name(),
                "message": format!("this is a defect in kafka-soar: {}", words(&*payload)),
                "hint": HINT,
            }});
            let _ = writeln!(io::stdout(), "{error}");
        }
        ExitCode::from(Class::Internal.exit_code())
    })
}

fn sentence(info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(String::new, |l| format!(" ({}:{})", l.file(), l.line()));
    format!(
        "error: this is a defect in kafka-soar: {}{place}",
        escape(words(info.payload()))
    )
}

fn words(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no details")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_defect_with_its_exit_code() {
        assert_eq!(guard(|| panic!("index {}", 5)), ExitCode::from(70));
        let _ = panic::take_hook();
    }

    #[test]
    fn both_kinds_of_payload_are_read() {
        assert_eq!(words(&"a"), "a");
        assert_eq!(words(&String::from("b")), "b");
        assert_eq!(words(&5), "no details");
    }
}
