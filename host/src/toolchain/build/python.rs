//! Python: componentize-py, for a project with the SDK or a script alone.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    WORLD, Work,
    tool::{self, Tool},
};
use crate::{
    actions::{Class, Failure},
    model::text::shorten,
    toolchain::{Project, new},
};

/// The module that is the parser, unless `pyproject.toml` names another under `tool.kafka-soar`.
const MODULE: &str = "message_parser";

/// What a script is called beside which module it is made a component of.
const WRAPPER: &str = "kafka_soar_component";

const COMPILER: Tool = Tool {
    name: "componentize-py",
    purpose: "makes components of Python",
    remedy: "python3 -m venv .kafka-soar/venv && .kafka-soar/venv/bin/pip install \
             componentize-py==0.25.1",
};

const PYTHON: Tool = Tool {
    name: "python3",
    purpose: "runs pip, which fetches requirements",
    remedy: "install Python 3, on Debian with: apt install python3 python3-venv",
};

pub(super) fn build(
    project: &Project,
    work: &Work,
    requirements: &[String],
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<u8>, Failure> {
    let folders = [".kafka-soar/venv/bin", ".venv/bin"];
    let folders = folders.map(|folder| project.folder.join(folder));
    let compiler = COMPILER.find(&folders)?;
    let mut paths = Vec::new();
    let module = if let Some(script) = &project.script {
        wrap(script, work)?;
        paths.extend([work.path("script"), work.path("sdk")]);
        WRAPPER.to_owned()
    } else {
        let folder = project.absolute()?;
        paths.extend([folder.clone(), folder.join("sdk")]);
        module(&project.folder)?
    };
    if !requirements.is_empty() {
        progress("fetching requirements with pip");
        let beside = compiler.parent().map(Path::to_owned);
        let python = PYTHON.find(&beside.into_iter().collect::<Vec<_>>())?;
        let packages = work.path("packages");
        fetch(&python, requirements, &packages)?;
        paths.push(packages);
    }
    progress("compiling with componentize-py");
    let mut command = Command::new(compiler);
    command
        .arg("-d")
        .arg(work.contract()?)
        .args(["-w", WORLD, "componentize", &module])
        .current_dir(work.path(""));
    for path in paths.iter().filter(|path| path.is_dir()) {
        command.arg("-p").arg(path);
    }
    tool::run_quietly(command.arg("-o").arg(work.path("parser.wasm")))?;
    work.read("parser.wasm")
}

/// The module that the project's manifest names.
fn module(folder: &Path) -> Result<String, Failure> {
    let manifest = folder.join("pyproject.toml");
    let text = std::fs::read_to_string(&manifest).unwrap_or_default();
    let named = text.parse::<toml::Table>().ok().and_then(|manifest| {
        let table = manifest.get("tool")?.get("kafka-soar")?;
        Some(table.get("module")?.as_str()?.to_owned())
    });
    let module = named.unwrap_or_else(|| MODULE.to_owned());
    let file = folder.join(module.replace('.', "/"));
    if file.with_added_extension("py").is_file() || file.join("__init__.py").is_file() {
        return Ok(module);
    }
    Err(Failure::new(
        Class::Config,
        format!("there is no module {module} in {}", folder.display()),
    )
    .hint(
        "name the one with the function under @parser in pyproject.toml: [tool.kafka-soar] module",
    ))
}

/// Puts the script, a module that makes it a component, and the SDK where the compiler finds them.
fn wrap(script: &Path, work: &Work) -> Result<(), Failure> {
    let text = std::fs::read(script).map_err(|e| {
        Failure::new(
            Class::Config,
            format!("{} can't be read: {e}", script.display()),
        )
    })?;
    let name = script.file_name().unwrap_or_default().to_string_lossy();
    work.write(&format!("script/{name}"), &text)?;
    // The file keeps its name, which need not be one of a module.
    let wrapper = format!(
        "import importlib.util, pathlib, sys\n\
         from kafka_soar import legacy\n\
         name = {name:?}\n\
         file = pathlib.Path(__file__).with_name(name)\n\
         spec = importlib.util.spec_from_file_location(\"message_parser\", file)\n\
         module = importlib.util.module_from_spec(spec)\n\
         sys.modules[\"message_parser\"] = module\n\
         spec.loader.exec_module(module)\n\
         MessageParser = getattr(module, \"MessageParser\", None) or legacy.wrap(module, name)\n"
    );
    work.write(&format!("script/{WRAPPER}.py"), wrapper.as_bytes())?;
    for (path, bytes) in new::sdk("python") {
        work.write(path, bytes)?;
    }
    Ok(())
}

/// Fetches packages that are Python and nothing else, and what they require.
fn fetch(python: &Path, requirements: &[String], to: &PathBuf) -> Result<(), Failure> {
    let mut command = Command::new(python);
    command
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(["--no-input", "--no-compile", "--only-binary=:all:"])
        .args([
            "--platform",
            "any",
            "--implementation",
            "py",
            "--abi",
            "none",
        ])
        .arg("--target")
        .arg(to)
        .arg("--")
        .args(requirements)
        .stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|e| tool::not_started(&command, &e))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    if let Some(package) = impure(&said) {
        return Err(Failure::new(
            Class::Config,
            format!("{package} is not to be had as a wheel of Python alone"),
        )
        .hint(
            "compiled extensions can't run in a parser: choose a package in pure Python, and check the \
             name",
        ));
    }
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    let why = shorten(last.unwrap_or("it does not say why"), 500);
    Err(Failure::new(Class::Config, format!("pip failed: {why}")))
}

/// The package that pip found no file of.
fn impure(said: &str) -> Option<&str> {
    let line = said
        .lines()
        .find_map(|line| line.split_once("No matching distribution found for "))?;
    line.1.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_at_fault_is_found_in_what_pip_says() {
        let said = "ERROR: Could not find a version that satisfies the requirement numpy (from \
                    versions: none)\nERROR: No matching distribution found for numpy\n";
        assert_eq!(impure(said), Some("numpy"));
        assert_eq!(impure("ERROR: a proxy is missing"), None);
    }
}
