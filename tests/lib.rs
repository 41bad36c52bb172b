//! What the tests and the benchmarks share.

pub mod guests;
pub mod testbed;

use std::path::PathBuf;

use kafka_soar::sandbox::{Cache, Program, Sandbox};

/// The program under test. `cargo test --workspace` builds it before the tests.
///
/// # Panics
///
/// When it isn't there.
#[must_use]
pub fn binary() -> PathBuf {
    let this = std::env::current_exe().expect("the path of this test");
    let debug = this.ancestors().nth(2).expect("target/debug/deps/…");
    let binary = debug.join("kafka-soar");
    assert!(
        binary.exists(),
        "{} is missing: run `cargo test --workspace`",
        binary.display()
    );
    binary
}

/// A sandbox whose processes are the program under test.
///
/// # Panics
///
/// When this machine can't run the engine.
#[must_use]
pub fn sandbox(cache: Option<Cache>) -> Sandbox {
    Sandbox::of(Program::At(binary()), cache).expect("an engine")
}
