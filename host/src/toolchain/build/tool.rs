//! The tools of other languages.

use std::{
    env,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    actions::{Class, Failure},
    model::text::cut,
};

/// Bytes that are shown of what a tool says.
const SAID: usize = 8 << 10;

/// A program that a build needs.
pub(super) struct Tool {
    pub(super) name: &'static str,
    /// What it does here.
    pub(super) purpose: &'static str,
    /// How to get it: a command.
    pub(super) remedy: &'static str,
}

impl Tool {
    /// In one of `folders`, or else on the path.
    pub(super) fn find(&self, folders: &[PathBuf]) -> Result<PathBuf, Failure> {
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::split_paths(&path);
        let folders: Vec<_> = folders.iter().cloned().chain(path).collect();
        self.within(&folders).ok_or_else(|| self.missing())
    }

    /// In one of `folders`.
    pub(super) fn within(&self, folders: &[PathBuf]) -> Option<PathBuf> {
        folders
            .iter()
            .map(|folder| folder.join(self.name))
            .find(|file| is_program(file))
            // Programs are started in other folders than this one.
            .and_then(|file| std::path::absolute(file).ok())
    }

    fn missing(&self) -> Failure {
        Failure::new(
            Class::Config,
            format!("{} was not found, which {}", self.name, self.purpose),
        )
        .hint(self.remedy)
    }
}

fn is_program(path: &Path) -> bool {
    let metadata = path.metadata();
    metadata.is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// Runs a tool that succeeds. What it says goes to standard error.
pub(super) fn run(command: &mut Command) -> Result<(), Failure> {
    // Standard output is for the result.
    command.stdin(Stdio::null()).stdout(std::io::stderr());
    let status = command.status().map_err(|e| not_started(command, &e))?;
    if status.success() {
        return Ok(());
    }
    Err(unsuccessful(command, &status.to_string()))
}

/// As [`run`] for a tool that says much when all is well, and what matters when it fails: only then
/// it is heard, as a part of the failure.
pub(super) fn run_quietly(command: &mut Command) -> Result<(), Failure> {
    // Its own backtrace is no help to whoever wrote the parser.
    command.stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    let output = command.output().map_err(|e| not_started(command, &e))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = cut(said.trim(), SAID);
    Err(Failure::new(
        Class::Parser,
        format!("{} failed ({})\n\n{said}", name(command), output.status),
    ))
}

/// Runs a tool that succeeds, for what it writes to standard output.
pub(super) fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(|e| not_started(command, &e))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(unsuccessful(command, &output.status.to_string()))
}

fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    name.to_string_lossy().into_owned()
}

pub(super) fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(
        Class::Config,
        format!("{} can't be started: {error}", name(command)),
    )
}

fn unsuccessful(command: &Command, status: &str) -> Failure {
    Failure::new(
        Class::Parser,
        format!("{} failed ({status})", name(command)),
    )
    .hint("what it said is above")
}
