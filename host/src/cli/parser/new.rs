//! `kafka-soar parser new`

use std::path::PathBuf;

use crate::{
    actions::Failure,
    cli::{end::End, terminal::Terminal},
    toolchain::new::{self, Options},
};

/// Begin a parser: a project with a parser that works, a case for it, and the SDK
///
/// Makes the folder NAME, and writes over nothing. Then kafka-soar parser build, test and run.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser new my-parser --lang rust
  kafka-soar parser new my-parser --lang python --dir parsers")]
pub(in crate::cli) struct New {
    /// What the parser is called: letters, digits, - and _
    name: String,
    /// What it is written in
    #[arg(long, value_name = "LANGUAGE")]
    lang: Lang,
    /// Where its folder goes
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
#[value(rename_all = "lowercase")]
enum Lang {
    Rust,
    #[value(alias = "py")]
    Python,
    #[value(alias = "js")]
    JavaScript,
    #[value(alias = "ts")]
    TypeScript,
    Go,
    C,
}

impl New {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        let language = match self.lang {
            Lang::Rust => "rust",
            Lang::Python => "python",
            Lang::JavaScript => "javascript",
            Lang::TypeScript => "typescript",
            Lang::Go => "go",
            Lang::C => "c",
        };
        let made = new::run(&Options {
            name: self.name.clone(),
            language: language.to_owned(),
            dir: self.dir.clone(),
        })?;
        if terminal.json {
            return Ok(terminal.print_json(&made));
        }
        let written = terminal.print(&format!("made {}", made.project));
        terminal.remark("next:");
        for command in ["build", "test"] {
            terminal.remark(&format!("  kafka-soar parser {command} {}", made.project));
        }
        Ok(written)
    }
}
