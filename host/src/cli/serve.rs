//! `kafka-soar serve`

use std::{path::PathBuf, time::Duration};

use super::{
    end::End, input::Asset, polling::Output, recording::Recording, signals::Signals,
    terminal::Terminal,
};
use crate::{
    actions::{self, Failure, serve::Options},
    config::Policy,
};

/// Follow topics as a service, as a member of a consumer group
///
/// Turns messages into containers as they come, until SIGINT or SIGTERM. The group keeps the
/// offsets; start it several times to share the partitions. Without `soar_url` in the asset
/// containers are written as lines of JSON.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar serve --config asset.json
  kafka-soar serve --config asset.json --record recordings --record-limit 200

  An asset that posts to SOAR:
    {
      \"hosts\": \"kafka1:9092\",
      \"topic\": \"firewall\",
      \"group_id\": \"kafka-soar\",
      \"timeout\": 1000,
      \"read_from_beginning\": true,
      \"soar_url\": \"https://soar.example.com\",
      \"soar_token_env\": \"SOAR_TOKEN\",
      \"dead_letter_topic\": \"firewall.dead-letters\"
    }
  Here \"timeout\" is how long a batch waits for more messages, in milliseconds.")]
pub(super) struct Serve {
    #[command(flatten)]
    asset: Asset,
    /// Append containers to a file, as lines of JSON; "-" is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Append messages that can't be handled to this file, if the asset names no
    /// `dead_letter_topic`
    #[arg(
        long,
        value_name = "FILE",
        default_value = "kafka-soar-quarantine.ndjson"
    )]
    quarantine: PathBuf,
    #[command(flatten)]
    recording: Recording,
}

impl Serve {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let mut config = self.asset.load(policy, |_| {})?;
        if let Some(soar) = &mut config.soar {
            // A service waits for SOAR as long as it takes, and keeps its partitions meanwhile.
            soar.give_up = Duration::MAX;
        }
        let recording = self.recording.options();
        let recorded = recording.as_ref().map(|o| o.folder.join("a recording"));
        let written = [self.output.clone(), recorded];
        actions::wall::raise(
            written
                .into_iter()
                .flatten()
                .chain([self.quarantine.clone()]),
        )?;
        let signals = Signals::catch()?;
        let options = Options {
            quarantine: self.quarantine.clone(),
            recording,
            stop: signals.stop(),
        };
        Output::of(&config, terminal, &signals, self.output.as_ref())?.poll(
            terminal,
            &signals,
            |deliver, progress| actions::serve::run(&config, &options, deliver, progress),
        )
    }
}
