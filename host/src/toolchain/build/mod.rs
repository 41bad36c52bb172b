//! `parser build`: from a project to a component, with the tools of its language.

mod c;
mod javascript;

mod python;
mod rust;
mod tool;

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Instant as Clock,
};

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{Language, Project};
use crate::{
    actions::{Class, Failure},
    model::text::shorten,
};

/// The contract, for compilers that want to read it.
const CONTRACT: &str = include_str!("../../../../wit/v1/parser.wit");

/// The contract's world.
const WORLD: &str = "parser";

#[derive(Debug, Clone)]
pub struct Options {
    /// A project's folder, or a Python script.
    pub path: PathBuf,
    /// Where the component goes; `None` for [`Project::component`].
    pub output: Option<PathBuf>,
    /// Python packages that the parser imports, as pip takes them.
    pub requirements: Vec<String>,
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Built {
    pub component: String,
    pub language: Language,
    /// SHA-256 in hexadecimal digits.
    pub digest: String,
    /// Bytes.
    pub size: usize,
    pub millis: u64,
}

/// Builds a project. What the tools say goes to standard error; `progress` gets a line before each
/// step.
///
/// # Errors
///
/// A configuration failure when a tool is missing, with how to get it, or there is no project; a
/// parser failure when it doesn't compile or isn't a parser; an output failure when the component
/// can't be written.
pub fn run(options: &Options, progress: &mut dyn FnMut(&str)) -> Result<Built, Failure> {
    let begun = Clock::now();
    let project = Project::at(&options.path)?;
    if !options.requirements.is_empty() && project.language != Language::Python {
        return Err(Failure::new(
            Class::Config,
            "--requirement is for Python, and the project isn't",
        )
        .hint("name what it depends on in its manifest"));
    }
    let work = Work::new()?;
    let component = match project.language {
        Language::Rust => rust::build(&project, progress),
        Language::Python => python::build(&project, &work, &options.requirements, progress),
        Language::JavaScript => javascript::build(&project, &work, progress),
        Language::C => c::build(&project, &work, progress),
    }?;
    let output = options
        .output
        .clone()
        .unwrap_or_else(|| project.component());
    write(&output, &component).map_err(|e| {
        let problem = format!("the component {} can't be written: {e}", output.display());
        Failure::new(Class::Output, problem).hint("its folder must be there and writable")
    })?;
    Ok(Built {
        component: shorten(&output.display().to_string(), 300).into_owned(),
        language: project.language,
        digest: hex::encode(Sha256::digest(&component)),
        size: component.len(),
        millis: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

/// Whole or not at all: whoever watches the file never sees half of it.
pub(super) fn write(path: &Path, component: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut file = tempfile::Builder::new()
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    io::Write::write_all(&mut file, component)?;
    file.persist(path)?;
    Ok(())
}

/// A folder for what a build leaves, gone with it.
struct Work(TempDir);

impl Work {
    fn new() -> Result<Self, Failure> {
        tempfile::tempdir().map(Self).map_err(failed)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The contract's folder.
    fn contract(&self) -> Result<PathBuf, Failure> {
        let folder = self.path("wit");
        self.write("wit/parser.wit", CONTRACT.as_bytes())?;
        Ok(folder)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(self.0.path());
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(failed)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        fs::read(self.path(name)).map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn failed(error: io::Error) -> Failure {
    Failure::new(
        Class::Output,
        format!("the build's temporary folder can't be used: {error}"),
    )
    .hint("make room where temporary files go, or set TMPDIR to another place")
}

/// A module that isn't a parser, and why.
fn no_parser(error: &anyhow::Error) -> Failure {
    Failure::new(
        Class::Parser,
        format!("what was compiled is no parser: {error:#}"),
    )
    .hint("export one as the SDK's README shows")
}
