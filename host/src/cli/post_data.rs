//! `kafka-soar post-data`

use super::{
    end::End,
    input::{self, Asset},
    terminal::Terminal,
};
use comfy_table::{ContentArrangement, Table, presets};

use crate::{
    actions::{
        self, Class, Failure,
        post_data::{Compression, Envelope, Options, Row},
    },
    config::Policy,
    model::text::shorten,
};

/// Messages that the table shows; --json shows all.
const ROWS: usize = 40;
/// Columns without a terminal to fit, or with one that tells of fewer than a table needs.
const WIDTH: u16 = 120;
const NARROWEST: u16 = 20;
/// Characters of a failed message's cause.
const CAUSE: usize = 200;

/// Send messages to a topic
///
/// JSON is sent with an indent of four spaces. A list in JSON is a message an element; to send a
/// list as one message, put it in brackets once more. Messages of one post keep their order: they
/// go to one partition. Each one is acknowledged by all in-sync replicas, or told as failed.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar post-data --config asset.json --data 'hello' --timeout 10
  kafka-soar post-data --config asset.json --data-type JSON --data @events.json
  kafka-soar post-data --config asset.json --topic alerts --data 'hello' --timeout 10 \\
    --key host-7 --header source=soar --header trace= --compression zstd
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
    /// The messages' key; messages with one key go to one partition
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    key: Option<String>,
    /// A header of the messages; repeat it for more. Without "=" its value is null
    #[arg(long = "header", value_name = "NAME=VALUE", value_parser = header)]
    headers: Vec<(String, Option<String>)>,
    /// The partition that the messages go to
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..))]
    partition: Option<i32>,
    /// How the messages are compressed: none, gzip, snappy, lz4 or zstd
    #[arg(long, value_name = "CODEC", default_value = "none", value_parser = compression)]
    compression: Compression,
}

impl PostData {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        if self.data == "-" && self.asset.takes_stdin() {
            return Err(Failure::new(
                Class::Config,
                "--config and --data can't both come from standard input",
            )
            .hint("name a file for one of them: --data @FILE"));
        }
        let config = self.asset.load(policy, |_| {})?;
        let options = Options {
            data_type: self.data_type.clone(),
            data: input::value(&self.data, "the data")?,
            // `--topic` has taken the asset's place already.
            topic: None,
            timeout: self.timeout,
            envelope: Envelope {
                key: self.key.clone(),
                headers: self.headers.clone(),
                partition: self.partition,
            },
            compression: self.compression,
        };
        actions::wall::raise([])?;
        let outcome = actions::post_data::run(&config, &options)?;
        let written = if terminal.json {
            terminal.print_json(&outcome)
        } else {
            if terminal.shows_tables() && !outcome.rows.is_empty() {
                terminal.print(&table(&outcome.rows, &self.data_type));
            }
            terminal.print(&outcome.status)
        };
        Ok(match written {
            End::Done if outcome.failed > 0 => End::Negative,
            end => end,
        })
    }
}

/// The original's table: a row a message.
fn table(rows: &[Row], data_type: &str) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["Topic", "Data Type", "Status"]);
    if table.width().is_none_or(|columns| columns < NARROWEST) {
        table.set_width(WIDTH);
    }
    for row in rows.iter().take(ROWS) {
        let (topic, status) = match row {
            Row::Sent {
                topic,
                partition,
                offset,
                ..
            } => (topic, format!("partition {partition}, offset {offset}")),
            Row::Failed { topic, error, .. } => {
                (topic, format!("failed: {}", shorten(error, CAUSE)))
            }
        };
        table.add_row([topic.as_str(), data_type, &status]);
    }
    let more = match rows.len().saturating_sub(ROWS) {
        0 => String::new(),
        n => format!("\n… and {n} more messages (--json shows all)"),
    };
    format!("Post Data\n{table}{more}")
}

fn header(text: &str) -> Result<(String, Option<String>), &'static str> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, None),
    };
    if name.is_empty() || name.contains('\0') {
        return Err("a header needs a name: NAME=VALUE");
    }
    Ok((name.to_owned(), value))
}

fn compression(text: &str) -> Result<Compression, String> {
    let found = Compression::ALL
        .into_iter()
        .find(|codec| codec.name() == text);
    found.ok_or_else(|| {
        let names = Compression::ALL.map(Compression::name);
        format!("choose one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_and_perhaps_a_value() {
        let pair =
            |name: &str, value: Option<&str>| Ok((name.to_owned(), value.map(ToOwned::to_owned)));
        assert_eq!(header("a=b=c"), pair("a", Some("b=c")));
        assert_eq!(header("a="), pair("a", Some("")));
        assert_eq!(header("a"), pair("a", None));
        assert!(header("=b").is_err() && header("").is_err());
    }

    #[test]
    fn a_table_has_the_originals_columns() {
        let sent = Row::Sent {
            checksum: None,
            offset: 7,
            partition: 2,
            serialized_key_size: -1,
            serialized_value_size: 2,
            timestamp: 0,
            topic: "t".into(),
            topic_partition: 2,
        };
        let failed = Row::Failed {
            message: "m".into(),
            topic: "t".into(),
            status: "failed",
            error: "no\u{1b}[31m".into(),
        };
        let text = table(&[sent, failed], "JSON");
        assert!(text.starts_with("Post Data\n"), "{text}");
        for part in [
            "Topic",
            "Data Type",
            "Status",
            "partition 2, offset 7",
            "failed: no\\u{1b}",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}
