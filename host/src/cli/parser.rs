//! `kafka-soar parser …`

mod replay;

use std::path::PathBuf;

use comfy_table::presets;

use super::{end::End, terminal::Terminal};
use crate::{
    actions::{self, Failure},
    model::text::shorten,
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Parser {
    Check(Check),
    Replay(replay::Replay),
}

/// Say whether a file is a parser, what it imports and what it could reach
///
/// Nothing of the parser runs. Exit code 65 when the sandbox would refuse it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser check my-parser.wasm
  kafka-soar parser check my-parser.wasm --json")]
pub(super) struct Check {
    /// The component
    file: PathBuf,
}

impl Parser {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        match self {
            Self::Check(check) => check.run(terminal),
            Self::Replay(replay) => replay.run(terminal),
        }
    }
}

impl Check {
    fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        let report = actions::parser_check::run(&self.file)?;
        if terminal.json {
            return Ok(terminal.print_json(&report));
        }
        let mut table = comfy_table::Table::new();
        table.load_preset(presets::NOTHING);
        for (name, value) in report.rows() {
            table.add_row([name, shorten(&value, 2000).into_owned()]);
        }
        Ok(terminal.print(&table.to_string()))
    }
}
