//! Rust: cargo for `wasm32-unknown-unknown`, then the component encoder.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::{
    no_parser,
    tool::{self, Tool},
};
use crate::{
    actions::{Class, Failure},
    toolchain::Project,
};

const TARGET: &str = "wasm32-unknown-unknown";

const CARGO: Tool = Tool {
    name: "cargo",
    purpose: "compiles Rust",
    remedy: "install Rust: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh",
};

const RUSTC: Tool = Tool {
    name: "rustc",
    ..CARGO
};

pub(super) fn build(project: &Project, progress: &mut dyn FnMut(&str)) -> Result<Vec<u8>, Failure> {
    let cargo = CARGO.find(&[])?;
    require_target(project)?;
    progress("compiling with cargo");
    let messages = tool::output(
        Command::new(cargo)
            .args(["build", "--release", "--lib", "--target", TARGET])
            .arg("--message-format=json-render-diagnostics")
            .args(["--config", &without_paths(project)?])
            .current_dir(&project.folder),
    )?;
    let manifest = project.folder.join("Cargo.toml").canonicalize();
    let module = manifest
        .ok()
        .and_then(|manifest| module(&messages, &manifest));
    let module = module.ok_or_else(|| {
        Failure::new(Class::Parser, "cargo made no WebAssembly module")
            .hint("set crate-type = [\"cdylib\", \"rlib\"] under [lib] in Cargo.toml")
    })?;
    let module = fs::read(&module).map_err(|e| {
        let problem = format!("{} can't be read: {e}", module.display());
        Failure::new(Class::Output, problem)
    })?;
    progress("encoding the component");
    parser_build::encode_pure(&module).map_err(|error| no_parser(&error))
}

/// A setting that keeps paths of this machine out of panic messages, so that a component doesn't
/// depend on where it was built. Cargo adds it to what the project sets.
fn without_paths(project: &Project) -> Result<String, Failure> {
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let folder = project.absolute()?;
    let flags: Vec<_> = [(Some(folder), "."), (cargo_home, "cargo")]
        .into_iter()
        .filter_map(|(from, to)| Some((from?.to_str()?.to_owned(), to)))
        // JSON's texts are TOML's too.
        .map(|(from, to)| Value::from(format!("--remap-path-prefix={from}={to}")).to_string())
        .collect();
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}

/// Said before rustc's page of errors about a missing `core`.
fn require_target(project: &Project) -> Result<(), Failure> {
    let rustc = RUSTC.find(&[])?;
    // There, for the toolchain that the project may name.
    let folder = tool::output(
        Command::new(rustc)
            .args(["--print", "target-libdir", "--target", TARGET])
            .current_dir(&project.folder),
    )?;
    if Path::new(String::from_utf8_lossy(&folder).trim()).is_dir() {
        return Ok(());
    }
    Err(Failure::new(
        Class::Config,
        format!("the Rust target {TARGET} is not installed"),
    )
    .hint(format!("rustup target add {TARGET}")))
}

/// The `.wasm` file of the crate's own library, among cargo's messages.
fn module(messages: &[u8], manifest: &Path) -> Option<PathBuf> {
    String::from_utf8_lossy(messages)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| {
            message["reason"] == "compiler-artifact"
                && message["manifest_path"].as_str().map(Path::new) == Some(manifest)
        })
        .flat_map(|message| {
            let files = message["filenames"].as_array().cloned();
            files.unwrap_or_default()
        })
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
}
