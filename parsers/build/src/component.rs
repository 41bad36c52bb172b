//! From what a compiler made to a component.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as WASI_ADAPTER_NAME,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as WASI_ADAPTER,
};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::Target;

/// What a parser exports, version aside.
const EXPORT: &str = "kafka-soar:parser/message-parser@";

/// WASI with nothing behind it.
const NOTHING: &str = include_str!("nothing.wat");

/// The contract's world.
const WORLD: &str = "parser";

/// Writes the component of what cargo made, unless it is there already.
pub(crate) fn write(target: Target, made: &Path, component: &Path) -> anyhow::Result<()> {
    let wasm = fs::read(made).with_context(|| format!("{} can't be read", made.display()))?;
    let bytes = match target {
        Target::Pure => encode_pure(&wasm)?,
        Target::Wasi => {
            check(&wasm)?;
            wasm
        }
    };
    if fs::read(component).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    replace(component, &bytes).with_context(|| format!("{} can't be written", component.display()))
}

/// See [`crate::encode_pure`].
pub(crate) fn encode_pure(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)?
        .encode()?;
    check(&component)?;
    Ok(component)
}

/// See [`crate::encode_wasi`].
pub(crate) fn encode_wasi(module: &[u8], wit: &Path) -> anyhow::Result<Vec<u8>> {
    encode(module, wit, WASI_ADAPTER)
}

/// See [`crate::encode_nothing`].
pub(crate) fn encode_nothing(module: &[u8], wit: &Path) -> anyhow::Result<Vec<u8>> {
    encode(module, wit, &wat::parse_str(NOTHING)?)
}

/// A component from a core module, with `adapter` in the place of WASI 0.1.
fn encode(module: &[u8], wit: &Path, adapter: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_dir(wit)
        .with_context(|| format!("{} is no contract", wit.display()))?;
    let world = resolve.select_world(&[package], Some(WORLD))?;
    let mut module = module.to_vec();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&module)?
        .adapter(WASI_ADAPTER_NAME, adapter)?
        .encode()?;
    check(&component)?;
    Ok(component)
}

/// Whether it is a parser. A module without the description of its world in it, which the SDK's
/// macro leaves there, makes a component that is valid and empty.
fn check(component: &[u8]) -> anyhow::Result<()> {
    let decoded = wit_component::decode(component)?;
    ensure!(
        exports_parser(&decoded),
        "it exports no parser: is `export_parser!` called?"
    );
    Ok(())
}

fn exports_parser(decoded: &DecodedWasm) -> bool {
    let DecodedWasm::Component(resolve, world) = decoded else {
        return false;
    };
    let exports = resolve.worlds[*world].exports.keys();
    exports
        .map(|export| resolve.name_world_key(export))
        .any(|name| name.starts_with(EXPORT))
}

/// Two build scripts may do this at once: neither ever sees half a file.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary: PathBuf = path.with_extension(format!("{}.tmp", std::process::id()));
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(&temporary, bytes)?;
    fs::rename(&temporary, path)
}
