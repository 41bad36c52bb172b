//! C: zig's clang for WASI 0.1, then the component encoder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Work, no_parser,
    tool::{self, Tool},
};
use crate::{
    actions::{Class, Failure},
    toolchain::Project,
};

const ZIG: Tool = Tool {
    name: "zig",
    purpose: "compiles C for WebAssembly",
    remedy: "python3 -m venv .kafka-soar/venv && .kafka-soar/venv/bin/pip install ziglang==0.17.1",
};

/// Where pip has put zig, there is this, and zig is `python -m ziglang`.
const PYTHON: Tool = Tool {
    name: "python",
    ..ZIG
};

pub(super) fn build(
    project: &Project,
    work: &Work,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<u8>, Failure> {
    let mut command = compiler(&project.folder)?;
    progress("compiling with zig cc");
    command
        .args(["cc", "-target", "wasm32-wasi", "-mexec-model=reactor"])
        .args(["-std=gnu17", "-O2", "-s", "-Wall", "-Wextra", "-I", "sdk"])
        // Said, so that it does not depend on a default.
        .arg("-Wl,-z,stack-size=1048576")
        .arg("-o")
        .arg(work.path("parser.wasm"))
        .args(sources(&project.folder)?)
        // Nothing is left in a home directory.
        .env("ZIG_GLOBAL_CACHE_DIR", cache(project)?)
        .env("ZIG_LOCAL_CACHE_DIR", cache(project)?)
        .current_dir(&project.folder);
    tool::run(&mut command)?;
    progress("encoding the component");
    let module = work.read("parser.wasm")?;
    parser_build::encode_wasi(&module, &work.contract()?).map_err(|error| no_parser(&error))
}

fn compiler(folder: &Path) -> Result<Command, Failure> {
    let venv = folder.join(".kafka-soar/venv");
    if let Some(python) = PYTHON.within(&[venv.join("bin")])
        && venv.join("bin").is_dir()
        && ziglang(&venv)
    {
        let mut command = Command::new(python);
        command.args(["-m", "ziglang"]);
        return Ok(command);
    }
    ZIG.find(&[]).map(Command::new)
}

fn ziglang(venv: &Path) -> bool {
    let versions = fs::read_dir(venv.join("lib")).into_iter().flatten();
    versions
        .filter_map(Result::ok)
        .any(|version| version.path().join("site-packages/ziglang").is_dir())
}

fn cache(project: &Project) -> Result<PathBuf, Failure> {
    Ok(project.absolute()?.join(".kafka-soar/zig"))
}

/// Every C file of the project and of the SDK, as paths in the project's folder.
fn sources(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut sources = Vec::new();
    for inside in ["", "sdk"] {
        let here = folder.join(inside);
        if !here.is_dir() {
            continue;
        }
        let unreadable = |e| {
            Failure::new(
                Class::Config,
                format!("{} can't be read: {e}", here.display()),
            )
        };
        for entry in fs::read_dir(&here).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let path = Path::new(inside).join(name);
            if path.extension().is_some_and(|extension| extension == "c") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}
