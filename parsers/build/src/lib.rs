//! Compiles a Rust parser crate to a WebAssembly component: cargo for `wasm32-unknown-unknown`,
//! then the component encoder. No WASI is involved, so a component imports what its code calls
//! and nothing else. For guests that are to have WASI there are [`build_wasi`] and, from other
//! languages, [`encode_wasi`].
//!
//! Build scripts use it to embed parsers:
//!
//! ```no_run
//! let parser = parser_build::build("../parsers/default".as_ref())?;
//! parser.rerun_if_changed();
//! println!("cargo::rustc-env=DEFAULT_PARSER={}", parser.component().display());
//! # anyhow::Ok(())
//! ```
//!
//! The same sources give the same bytes, wherever the checkout lies: paths of the machine are
//! kept out of the module. A component that didn't change isn't written again.

mod cargo;
mod component;
mod sources;

use std::path::{Path, PathBuf};

use anyhow::Context;

/// What a parser is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    /// Nothing but the contract. Cargo makes a core module, still to be encoded.
    Pure,
    /// WASI 0.2. Cargo's linker makes a component.
    Wasi,
}

impl Target {
    /// As rustc calls it.
    fn triple(self) -> &'static str {
        match self {
            Self::Pure => "wasm32-unknown-unknown",
            Self::Wasi => "wasm32-wasip2",
        }
    }
}

/// A parser that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    component: PathBuf,
    sources: Vec<PathBuf>,
}

impl Built {
    /// The component's file, an absolute path.
    #[must_use]
    pub fn component(&self) -> &Path {
        &self.component
    }

    /// Every file that it was made from and that lies outside cargo's registry, sorted: sources,
    /// manifests and the lock file.
    #[must_use]
    pub fn sources(&self) -> &[PathBuf] {
        &self.sources
    }

    /// For a build script: prints the lines that make cargo run it again when a source changed.
    pub fn rerun_if_changed(&self) {
        for source in &self.sources {
            println!("cargo::rerun-if-changed={}", source.display());
        }
    }
}

/// Builds the parser crate in `crate_dir` (its only `cdylib`) with the profile `guest` of its
/// workspace, in `target/guests` there: a directory of its own, because the cargo that runs the
/// calling build script holds the lock of its target directory.
///
/// The lock file is used as it is.
///
/// # Errors
///
/// When `crate_dir` has no manifest, the Rust target isn't installed, the crate doesn't compile
/// (cargo's messages are on standard error) or isn't a parser.
pub fn build(crate_dir: &Path) -> anyhow::Result<Built> {
    build_for(Target::Pure, crate_dir)
}

/// Like [`build`], for `wasm32-wasip2`: the crate may call all of Rust's standard library, which
/// the component imports as WASI 0.2.
///
/// # Errors
///
/// Those of [`build`].
pub fn build_wasi(crate_dir: &Path) -> anyhow::Result<Built> {
    build_for(Target::Wasi, crate_dir)
}

/// A component from a core module that the SDK's macro has described, as rustc makes it for
/// `wasm32-unknown-unknown`.
///
/// # Errors
///
/// When the module imports anything but the contract, or exports no parser.
pub fn encode_pure(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    component::encode_pure(module)
}

/// A component from a core module for WASI 0.1 (`wasi_snapshot_preview1`), as C compilers make
/// it, that exports a parser by the names of the canonical ABI. `wit` is the contract's directory.
///
/// # Errors
///
/// When the contract can't be read, or the module doesn't keep to it or to WASI 0.1.
pub fn encode_wasi(module: &[u8], wit: &Path) -> anyhow::Result<Vec<u8>> {
    component::encode_wasi(module, wit)
}

/// As [`encode_wasi`], with nothing behind WASI, and without importing it: for languages whose
/// runtime needs WASI to start and can't share its memory with what else would implement it (Go
/// takes for granted that nobody but itself makes the memory grow).
///
/// # Errors
///
/// When the contract can't be read, or the module doesn't keep to it or to WASI 0.1.
pub fn encode_nothing(module: &[u8], wit: &Path) -> anyhow::Result<Vec<u8>> {
    component::encode_nothing(module, wit)
}

fn build_for(target: Target, crate_dir: &Path) -> anyhow::Result<Built> {
    let manifest = crate_dir.join("Cargo.toml");
    let manifest = manifest
        .canonicalize()
        .with_context(|| format!("there is no crate at {}", manifest.display()))?;
    let workspace = cargo::workspace_root(&manifest)?;
    let guests = workspace.join("target").join("guests");
    let core = cargo::compile(target, &manifest, &workspace, &guests)?;

    let name = core
        .file_name()
        .context("cargo named a directory as the module it built")?;
    let component = guests.join("components").join(name);
    component::write(target, &core, &component)
        .with_context(|| format!("{} isn't a parser", manifest.display()))?;
    Ok(Built {
        sources: sources::list(&core, &workspace)?,
        component,
    })
}
