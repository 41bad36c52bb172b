//! From a core module to a component.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use wit_component::{ComponentEncoder, DecodedWasm};

/// What a parser exports, version aside.
const EXPORT: &str = "kafka-soar:parser/message-parser@";

/// Encodes the module at `core` and writes the component, unless it is there already.
pub(crate) fn write(core: &Path, component: &Path) -> anyhow::Result<()> {
    let module = fs::read(core).with_context(|| format!("{} can't be read", core.display()))?;
    let bytes = encode(&module)?;
    if fs::read(component).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    replace(component, &bytes).with_context(|| format!("{} can't be written", component.display()))
}

/// Encodes a core module that has the description of its world in it, as the SDK's macro leaves
/// it there. Without that, the component is valid and empty.
fn encode(module: &[u8]) -> anyhow::Result<Vec<u8>> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)?
        .encode()?;
    let decoded = wit_component::decode(&component)?;
    ensure!(
        exports_parser(&decoded),
        "it exports no parser: is `export_parser!` called?"
    );
    Ok(component)
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
