//! `kafka-soar post-data`

use super::{
    end::End,
    input::{self, Asset},
    terminal::Terminal,
};
use crate::actions::{self, Class, Failure, post_data::Options};

/// Send messages to a topic
///
/// JSON is sent with an indent of four spaces. A list in JSON is a message an element; to send a
/// list as one message, put it in brackets once more.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar post-data --config asset.json --data 'hello' --timeout 10
  kafka-soar post-data --config asset.json --data-type JSON --data @events.json
  echo '[[1, 2]]' | kafka-soar post-data --config asset.json --data-type JSON --data -")]
pub(super) struct PostData {
    #[command(flatten)]
    asset: Asset,
    /// How to take the data: "string" or "JSON"
    #[arg(long, value_name = "TYPE", default_value = "string")]
    data_type: String,
    /// What to send: the text itself, @FILE, or "-" for standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    data: String,
    /// Seconds to wait for the brokers' acknowledgement; 0 doesn't wait
    #[arg(
        long,
        value_name = "S",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    timeout: i64,
}

impl PostData {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        if self.data == "-" && self.asset.takes_stdin() {
            return Err(Failure::new(
                Class::Config,
                "--config and --data can't both come from standard input",
            )
            .hint("name a file for one of them: --data @FILE"));
        }
        let config = self.asset.load(|_| {})?;
        let options = Options {
            data_type: self.data_type.clone(),
            data: input::value(&self.data, "the data")?,
            // `--topic` has taken the asset's place already.
            topic: None,
            timeout: self.timeout,
        };
        let outcome = actions::post_data::run(&config, &options)?;
        let written = if terminal.json {
            terminal.print_json(&outcome)
        } else {
            terminal.print(&outcome.status)
        };
        Ok(match written {
            End::Done if outcome.failed > 0 => End::Negative,
            end => end,
        })
    }
}
