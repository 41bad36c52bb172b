//! Builds the default parser, so that `include_bytes!(env!("KAFKA_SOAR_DEFAULT_PARSER"))` embeds
//! it, finds the Python runner, which `parsers/python-runner/build` made, and lists the files that
//! `parser new` writes.

#[path = "templates.rs"]
mod templates;

use std::{fs, path::Path};

use anyhow::Context as _;

fn main() -> anyhow::Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let parser = parser_build::build(&repository.join("parsers").join("default"))?;
    parser.rerun_if_changed();
    println!(
        "cargo::rustc-env=KAFKA_SOAR_DEFAULT_PARSER={}",
        parser.component().display()
    );
    python_runner(&repository.join("target").join("guests"))?;
    templates::list(&repository)
}

/// Compiling Python takes tools that cargo can't fetch.
fn python_runner(guests: &Path) -> anyhow::Result<()> {
    let component = guests.join("python-runner.wasm");
    let digest = guests.join("python-runner.wasm.sha256");
    for file in [&component, &digest] {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    let text = fs::read_to_string(&digest).context(
        "the Python runner is not built yet: run \"make build\", or parsers/python-runner/build \
         and then this again",
    )?;
    let hex = text.split_whitespace().next().unwrap_or_default();
    println!("cargo::rustc-env=KAFKA_SOAR_PYTHON_RUNNER_DIGEST={hex}");
    println!(
        "cargo::rustc-env=KAFKA_SOAR_PYTHON_RUNNER={}",
        component.canonicalize()?.display()
    );
    Ok(())
}
