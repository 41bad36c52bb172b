//! `kafka-soar parser check`

use owo_colors::OwoColorize as _;

use super::{
    run::{LineFormat, messages},
    subject::Subject,
};
use crate::{
    actions::Failure,
    cli::{end::End, terminal::Terminal},
    config::Policy,
    model::text::escape,
    toolchain::check::{self, Check as Looked, Report},
};

/// Say whether this host may run a parser, and whether it runs
///
/// The parser is admitted, compiled and run as in a poll, with a poll's limits and the policy; parser
/// inspect runs nothing of it. The settings are held against the JSON Schema that the parser carries in
/// its custom section kafka-soar:settings-schema. Exit code 65 when a check fails.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser check my-parser.wasm
  kafka-soar parser check my-parser.wasm --settings '{\"note\": \"from the lab\"}'
  kafka-soar parser check my-parser.wasm --input messages.ndjson --policy policy.toml
  kafka-soar parser check my-parser.wasm --json | jq .settings_schema")]
pub(in crate::cli) struct Check {
    #[command(flatten)]
    subject: Subject,
    /// Messages to run it on instead of made-up ones; see parser run --help
    #[arg(long, short, value_name = "FILE")]
    input: Option<String>,
    /// What a line of the input is
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "messages",
        requires = "input"
    )]
    format: LineFormat,
}

impl Check {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let input = self.input.as_deref();
        let input = input.map(|path| messages(path, self.format.into(), "sample"));
        let report = check::run(&self.subject.alone()?, input.transpose()?, policy)?;
        Ok(tell(terminal, &report))
    }
}

pub(super) fn tell(terminal: &Terminal, report: &Report) -> End {
    let written = if terminal.json {
        terminal.print_json(report)
    } else {
        terminal.print(&shown(report, terminal.colours_results()))
    };
    match written {
        End::Done if !report.passed => End::Refused,
        end => end,
    }
}

fn shown(report: &Report, colours: bool) -> String {
    let mut lines: Vec<_> = report
        .checks
        .iter()
        .map(|check| line(check, colours))
        .collect();
    lines.push(if report.passed { "passed" } else { "failed" }.to_owned());
    lines.join("\n")
}

/// A check; under a failed one its remedy.
fn line(check: &Looked, colours: bool) -> String {
    let verdict = match (check.ok, colours) {
        (true, true) => "ok  ".green().to_string(),
        (true, false) => "ok  ".to_owned(),
        (false, true) => "FAIL".red().bold().to_string(),
        (false, false) => "FAIL".to_owned(),
    };
    let detail: Vec<_> = check.detail.lines().map(escape).collect();
    let mut text = format!("{verdict} {}: {}", check.name, detail.join("\n       "));
    if let Some(remedy) = &check.remedy {
        text += "\n       → ";
        text += &escape(remedy);
    }
    text
}
