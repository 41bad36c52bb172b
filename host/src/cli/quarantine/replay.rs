//! `kafka-soar quarantine replay`

use std::path::PathBuf;

use super::Asset;
use crate::{
    actions::{
        self, Failure,
        quarantine::{Address, Replay as Options},
    },
    cli::{end::End, input, polling::Output, signals::Signals, terminal::Terminal},
    config::Policy,
};

/// Bring messages back through the asset's present parser
///
/// Each message goes by itself, as its topic had it, into the outputs of on-poll, so that its
/// container has the same identifiers however often it is brought back. What still can't be
/// handled stays in quarantine, with its attempts counted.
///
/// Messages that were brought back are taken out of a quarantine file. A dead-letter topic keeps
/// its messages: the state knows how far --all has brought it back. Meanwhile no poll with the same
/// state can run.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  Everything, after the parser was mended:
    kafka-soar quarantine replay --all --config asset.json --state state.json

  Two messages, with another parser than the asset's:
    kafka-soar quarantine replay fw/0@123 fw/2@77 --config asset.json --state state.json \\
      --parser mended.wasm

Output:
  As with on-poll: into SOAR if the asset has soar_url, else a line of JSON a container. With --json
  the last line is {\"summary\": {...}}.")]
pub(in crate::cli) struct Replay {
    /// Messages: topic/partition@offset, as kafka-soar quarantine list shows them
    #[arg(value_name = "POSITION", required_unless_present = "all")]
    positions: Vec<Address>,
    /// All messages; of a dead-letter topic those that --all did not bring back before
    #[arg(long, conflicts_with = "positions")]
    all: bool,
    #[command(flatten)]
    asset: Asset,
    /// A parser instead of the asset's `message_parser`; "" is the default parser
    #[arg(long, value_name = "FILE")]
    parser: Option<String>,
    /// Append containers to a file, as lines of JSON, instead of sending them to SOAR; "-" is
    /// standard output. What is written counts as brought back
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Replay {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let config = self.asset.configuration.load(policy, |form| {
            if let Some(parser) = &self.parser {
                input::set_parser(form, parser);
            }
        })?;
        let place = self.asset.place();
        let written = [place.state.clone(), self.output.clone()];
        actions::wall::raise(written.into_iter().flatten().chain([place.file.clone()]))?;
        let signals = Signals::catch()?;
        let options = Options {
            place,
            messages: self.positions.clone(),
            stop: signals.stop(),
        };
        let output = Output::of(&config, terminal, &signals, self.output.as_ref())?;
        output.poll(terminal, &signals, |deliver, progress| {
            actions::quarantine::replay(&config, &options, deliver, progress)
        })
    }
}
