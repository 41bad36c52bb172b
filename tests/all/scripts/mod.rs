//! Python scripts with the original connector's `parse_messages(topic, messages)`, in the sandbox.

mod admission;
mod bad;
mod native;
mod polls;
mod state;

use std::sync::OnceLock;

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::Parsed,
    ports::ParseError,
    sandbox::{Cache, Parser, Sandbox},
};
use serde_json::Value;

use crate::sandbox::STARTED;

/// A sandbox in which the runner is compiled once for all tests.
fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/scripts");
        let sandbox = kafka_soar_tests::sandbox(Some(Cache::open(folder).expect("a cache")));
        let script = source("first.py", "def parse_messages(topic, messages): return []");
        load(&sandbox, &script);
        sandbox
    })
}

fn source(name: &str, text: &str) -> ParserSource {
    ParserSource::Script {
        name: name.to_owned(),
        text: text.to_owned(),
        signature: None,
    }
}

fn load(sandbox: &Sandbox, source: &ParserSource) -> Parser {
    let limits = ParserLimits::default();
    sandbox
        .load(source, &Policy::default(), &limits, "{}", STARTED)
        .unwrap_or_else(|e| panic!("{e}"))
}

/// The script `parser.py` with this text.
fn script(text: &str) -> Parser {
    load(sandbox(), &source("parser.py", text))
}

/// The names of the containers that came of a batch.
fn names(parsed: &Result<Parsed, ParseError>) -> Vec<String> {
    let parsed = parsed.as_ref().unwrap_or_else(|e| panic!("{e}"));
    parsed
        .ingests()
        .map(|ingest| {
            let container: Value = ingest.container().parse().expect("JSON");
            container["name"].as_str().expect("a name").to_owned()
        })
        .collect()
}
