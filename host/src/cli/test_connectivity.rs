//! `kafka-soar test-connectivity`

use std::{fmt::Write as _, path::PathBuf};

use owo_colors::OwoColorize as _;

use super::{end::End, input::Asset, terminal::Terminal};
use crate::{
    actions::{
        self, Failure,
        state::Home,
        test_connectivity::{Check, Options, Outcome},
    },
    config::Policy,
    model::text::escape,
};

/// Check the configuration, each host, the topic, the state and the parser
///
/// Takes 10 seconds at most, even if hosts don't answer at all; compiling a parser for the first
/// time comes on top.
/// Exit code 1 when a check fails.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar test-connectivity --config asset.json
  kafka-soar test-connectivity --config asset.json --state state.json
  kafka-soar test-connectivity --config - < asset.json
  kafka-soar test-connectivity --config asset.json --json | jq .checks")]
pub(super) struct TestConnectivity {
    #[command(flatten)]
    asset: Asset,
    /// Also check that the offsets saved there belong to this cluster
    #[arg(long, short, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl TestConnectivity {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let config = self.asset.load(policy, |_| {})?;
        let options = Options {
            state: self.state.clone().map(Home::File),
        };
        actions::wall::raise(self.state.clone())?;
        let outcome = actions::test_connectivity::run(&config, &options, &mut |text| {
            // The original's texts have several lines.
            text.lines().for_each(|line| terminal.remark(line));
        });
        let written = if terminal.json {
            terminal.print_json(&outcome)
        } else {
            terminal.print(&report(&outcome, terminal.colours_results()))
        };
        Ok(match written {
            End::Done if !outcome.passed => End::Negative,
            end => end,
        })
    }
}

/// A line a check; under a failed one its cause in full and the remedy.
fn report(outcome: &Outcome, colours: bool) -> String {
    let mut text = String::new();
    for check in &outcome.checks {
        line(&mut text, check, colours);
    }
    text + outcome.status
}

fn line(text: &mut String, check: &Check, colours: bool) {
    let verdict = match (check.ok, colours) {
        (true, true) => "ok  ".green().to_string(),
        (true, false) => "ok  ".to_owned(),
        (false, true) => "FAIL".red().bold().to_string(),
        (false, false) => "FAIL".to_owned(),
    };
    // A cause may have several lines, one a host, and comes from outside.
    let detail: Vec<_> = check.detail.lines().map(escape).collect();
    let detail = detail.join("\n       ");
    let name = escape(&check.name);
    let _ = writeln!(text, "{verdict} {name}: {detail} ({} ms)", check.millis);
    if let Some(remedy) = &check.remedy {
        let _ = writeln!(text, "       → {}", escape(remedy));
    }
}
