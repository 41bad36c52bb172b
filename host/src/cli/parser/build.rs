//! `kafka-soar parser build`

use std::path::PathBuf;

use serde_json::json;

use super::check;
use crate::{
    actions::Failure,
    cli::{end::End, progress::grouped, terminal::Terminal},
    config::Policy,
    toolchain::{
        Subject,
        build::{self, Built, Options},
        check::admission,
    },
};

/// Build a parser, whatever language it is written in
///
/// The language is told by the project's files: Cargo.toml, go.mod, package.json, pyproject.toml or
/// parser.c. A tool that is missing is named with the command that installs it. Exit code 65 when it
/// doesn't compile, or the policy doesn't admit it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  The project in this folder, to NAME.wasm in it:
    kafka-soar parser build

  A script of SOAR's connector, with a package that it imports:
    kafka-soar parser build my_parser.py --requirement python-dateutil==2.9.0")]
pub(in crate::cli) struct Build {
    /// A project's folder, or a Python script
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Where the component goes, instead of NAME.wasm in the project's folder
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// A Python package that the parser imports, as pip takes it; may be given several times
    #[arg(long, value_name = "PACKAGE")]
    requirement: Vec<String>,
}

impl Build {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let options = Options {
            path: self.path.clone(),
            output: self.output.clone(),
            requirements: self.requirement.clone(),
        };
        let built = build::run(&options, &mut |step| terminal.remark(step))?;
        if !terminal.json {
            terminal.remark(&sentence(&built));
        }
        terminal.remark("compiling it natively, as a poll would");
        let subject = Subject {
            parser: built.component.clone(),
            settings: "{}".to_owned(),
            limits: None,
            source: None,
        };
        let report = admission(&subject, policy)?;
        if !terminal.json {
            return Ok(check::tell(terminal, &report));
        }
        Ok(
            match terminal.print_json(&json!({ "built": built, "check": report })) {
                End::Done if !report.passed => End::Refused,
                end => end,
            },
        )
    }
}

pub(super) fn sentence(built: &Built) -> String {
    format!(
        "built {}: {} bytes in {}.{} s",
        built.component,
        grouped(built.size as u128),
        built.millis / 1000,
        built.millis % 1000 / 100
    )
}
