//! `kafka-soar parser test`

use std::{fmt::Write as _, path::PathBuf};

use owo_colors::OwoColorize as _;
use serde_json::json;

use crate::{
    actions::Failure,
    cli::{end::End, terminal::Terminal},
    config::Policy,
    model::text::escape,
    toolchain::test::{self, Options, Summary, Tested, Verdict},
};

/// Run a parser on cases, and compare what comes with what is to come
///
/// A case is a folder, run as one batch. Exit code 1 when something else comes of one.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  The cases of a project, in tests/cases or cases:
    kafka-soar parser test my-parser

  A component, on cases elsewhere:
    kafka-soar parser test my-parser.wasm --cases cases

  After a change that was meant:
    kafka-soar parser test my-parser --update && git diff

A case:
  in.ndjson       a message a line, as in kafka-soar parser run --help
  expected.json   {\"ingests\": [{\"container\": {...}, \"artifacts\": [{...}, ...]}],
                   \"rejections\": [{\"index\": 0, \"reason\": \"...\"}]}, the order of members aside;
                  {\"refused\": \"...\"} for a batch that the parser refuses, {\"failed\": \"...\"} for one
                  that it fails on
  settings.json   the parser's settings; an empty object unless it is there
  case.json       {\"topic\": \"NAME\", \"started\": \"2026-01-01T00:00:00Z\"}: the topic, and when the poll
                  began; these are \"topic\" and 2026-01-01T00:00:00Z unless it says otherwise

Output:
  A line a case, with the difference if there is one. With --json a line of JSON a case; the last
  line is {\"summary\": {...}}.")]
pub(in crate::cli) struct Test {
    /// A project's folder, a component, a Python script, or "default"
    #[arg(value_name = "DIR|PARSER", default_value = ".")]
    subject: String,
    /// The folder of the cases, instead of the project's own
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// Only cases with this in their name
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Write what comes into expected.json
    #[arg(long)]
    update: bool,
}

impl Test {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let options = Options {
            subject: self.subject.clone(),
            cases: self.cases.clone(),
            filter: self.filter.clone(),
            update: self.update,
        };
        tell(terminal, &options, policy).map(|(_, end)| end)
    }
}

/// Runs the cases and tells of each one.
pub(super) fn tell(
    terminal: &Terminal,
    options: &Options,
    policy: &Policy,
) -> Result<(Summary, End), Failure> {
    let mut written = End::Done;
    let colours = terminal.colours_results();
    let summary = test::run(options, policy, &mut |tested| {
        if matches!(written, End::Done) {
            written = if terminal.json {
                terminal.print_json(tested)
            } else {
                terminal.print(&shown(tested, colours))
            };
        }
    })?;
    if matches!(written, End::Done) {
        written = if terminal.json {
            terminal.print_json(&json!({ "summary": summary }))
        } else {
            terminal.print(&sentence(summary))
        };
    }
    let end = match written {
        End::Done if summary.failed > 0 => End::Negative,
        end => end,
    };
    Ok((summary, end))
}

fn shown(tested: &Tested, colours: bool) -> String {
    let word = match (tested.verdict, colours) {
        (Verdict::Passed, true) => "ok  ".green().to_string(),
        (Verdict::Passed, false) => "ok  ".to_owned(),
        (Verdict::Failed, true) => "FAIL".red().bold().to_string(),
        (Verdict::Failed, false) => "FAIL".to_owned(),
        (Verdict::Updated, true) => "new ".yellow().to_string(),
        (Verdict::Updated, false) => "new ".to_owned(),
    };
    let mut text = format!("{word} {}", escape(&tested.case));
    if let Some(error) = &tested.error {
        text += ": ";
        text += &escape(error);
    }
    for line in tested.diff.iter().flat_map(|diff| diff.lines()) {
        let harmless = escape(line);
        text += "\n     ";
        text += &match (line.as_bytes().first(), colours) {
            (Some(b'-'), true) => harmless.red().to_string(),
            (Some(b'+'), true) => harmless.green().to_string(),
            (Some(b'@'), true) => harmless.cyan().to_string(),
            _ => harmless.into_owned(),
        };
    }
    text
}

fn sentence(summary: Summary) -> String {
    let mut text = format!("{} passed, {} failed", summary.passed, summary.failed);
    if summary.updated > 0 {
        // Writing to a text can't fail.
        let _ = write!(text, ", {} written", summary.updated);
    }
    text
}
