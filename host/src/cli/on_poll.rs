//! `kafka-soar on-poll`

use std::{num::NonZeroU64, path::PathBuf};

use super::{
    end::End,
    input::Asset,
    polling::{self, Output},
    recording::Recording,
    signals::Signals,
    terminal::Terminal,
};
use crate::{
    actions::{
        self, Failure,
        on_poll::{Mode, Options},
        state::Home,
    },
    config::Policy,
};

/// Turn new messages into containers and artifacts
///
/// A scheduled poll goes on where the last one with the same --state stopped. Without saved
/// offsets it begins at the end of the topic, or at its beginning if the asset says
/// `read_from_beginning`. It reads for as long as the asset's `timeout` says (milliseconds).
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  Ingest what is new since the last poll, a line of JSON a container:
    kafka-soar on-poll --config asset.json --state state.json --output containers.ndjson

  Look at the first ten messages, whatever was polled before:
    kafka-soar on-poll --config asset.json --poll-now 10

  Keep what the parser gets and returns, to run it again with kafka-soar parser replay:
    kafka-soar on-poll --config asset.json --state state.json --record recordings

  A configuration, asset.json:
    {
      \"hosts\": \"kafka1:9092, kafka2:9092\",
      \"topic\": \"firewall\",
      \"timeout\": 5000,
      \"read_from_beginning\": true,
      \"ingest\": {\"container_label\": \"events\"}
    }
  \"topic\" may name several, separated by commas, or be a pattern: \"^fw\\\\..*\"
  Further fields: message_parser (a component's path; else the default parser), parser_settings,
  use_ssl with ca_cert, cert_file and key_file, use_kerberos with sasl_kerberos_keytab,
  security_protocol, sasl_mechanism with sasl_username and sasl_password (or sasl_password_file,
  sasl_password_env) and more (docs/kafka.md), batch_max_messages, batch_max_bytes, parser_memory_limit, parser_time_limit (ms),
  parser_message_time_limit (ms), parser_output_limit, parser_log_limit, parser_artifact_limit; soar_url with soar_token (or soar_token_file, soar_token_env),
  soar_asset_id, container_severity, container_tags, container_max_artifacts, dead_letter_topic,
  quarantine_threshold and more (docs/delivery.md).

Output:
  One line a container: {\"container\": {...}, \"artifacts\": [{...}, ...]}
  On a terminal a table instead. With --json the last line is {\"summary\": {...}}.")]
pub(super) struct OnPoll {
    #[command(flatten)]
    asset: Asset,
    /// Where the next offsets are kept; without it none are
    #[arg(long, short, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Append containers to a file, as lines of JSON; "-" is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Append messages that the parser can't handle to this file instead of
    /// kafka-soar-quarantine.ndjson beside the state
    #[arg(long, value_name = "FILE")]
    quarantine: Option<PathBuf>,
    /// Take the first N messages of the topic; offsets are neither used nor changed
    #[arg(long, value_name = "N", value_parser = artifact_count, allow_negative_numbers = true)]
    poll_now: Option<NonZeroU64>,
    /// Milliseconds to read, instead of the asset's `timeout`
    #[arg(long, value_name = "MS", allow_negative_numbers = true)]
    timeout: Option<i64>,
    /// Without saved offsets begin at the beginning of the topic
    #[arg(long)]
    read_from_beginning: bool,
    #[command(flatten)]
    recording: Recording,
}

impl OnPoll {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let config = self.asset.load(policy, |form| {
            if let Some(ms) = self.timeout {
                form.set("timeout", ms);
            }
            if self.read_from_beginning {
                form.set("read_from_beginning", true);
            }
        })?;
        if self.state.is_none() && self.poll_now.is_none() {
            terminal.remark("no --state is given: the offsets of this poll are not kept");
        }
        let quarantine = polling::quarantine(self.quarantine.as_ref(), self.state.as_ref());
        let recording = self.recording.options();
        let recorded = recording.as_ref().map(|o| o.folder.join("a recording"));
        let written = [self.state.clone(), self.output.clone(), recorded];
        actions::wall::raise(written.into_iter().flatten().chain([quarantine.clone()]))?;
        let signals = Signals::catch()?;
        let options = Options {
            state: self.state.clone().map(Home::File),
            quarantine,
            mode: self.poll_now.map_or(Mode::Scheduled, Mode::Now),
            recording,
            stop: signals.stop(),
        };
        let output = Output::of(&config, terminal, &signals, self.output.as_ref())?;
        output.poll(terminal, &signals, |deliver, progress| {
            actions::on_poll::run(&config, &options, deliver, progress)
        })
    }
}

fn artifact_count(text: &str) -> Result<NonZeroU64, &'static str> {
    text.parse()
        .map_err(|_| "Artifact count should be a positive integer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poll_now_takes_a_positive_integer() {
        assert_eq!(artifact_count("7"), Ok(NonZeroU64::new(7).unwrap()));
        for bad in ["0", "-1", "x", "1.5", ""] {
            assert!(artifact_count(bad).is_err(), "{bad}");
        }
    }
}
