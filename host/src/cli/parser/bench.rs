//! `kafka-soar parser bench`

use std::{
    io::{self, Read as _},
    num::NonZeroUsize,
    time::Duration,
};

use comfy_table::{CellAlignment, presets};

use super::{run::LineFormat, subject::Subject};
use crate::{
    actions::{Class, Failure},
    cli::{
        end::End,
        progress::{counted, grouped},
        terminal::Terminal,
    },
    config::Policy,
    model::text::escape,
    toolchain::bench::{self, Options, Report},
};

/// Measure how fast a parser is, and how much memory it takes
///
/// Parses the messages over and over, in batches of each size: the time is that of a poll for its parser,
/// with copying in and out and validation. Other work on the machine shows in the figures; compare ratios.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser bench my-parser.wasm --input messages.ndjson
  kafka-soar parser bench my-parser.wasm --input app.log --format lines --batch 1000 --batch 10000
  kafka-soar parser bench default --input messages.ndjson --json | jq .batches")]
pub(in crate::cli) struct Bench {
    #[command(flatten)]
    subject: Subject,
    /// Messages such as the topic has; see parser run --help. \"-\" is standard input
    #[arg(long, short, value_name = "FILE")]
    input: String,
    /// What a line of the input is
    #[arg(long, value_name = "FORMAT", default_value = "messages")]
    format: LineFormat,
    /// Messages of a batch; may be given several times
    #[arg(long, value_name = "N", default_values = ["1", "100", "1000"])]
    batch: Vec<NonZeroUsize>,
    /// How long each size is measured
    #[arg(long, value_name = "SECONDS", default_value = "2")]
    seconds: u16,
}

impl Bench {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let (lines, name) = self.lines()?;
        let report = bench::run(
            &Options {
                subject: self.subject.alone()?,
                lines,
                name,
                format: self.format.into(),
                batches: self.batch.iter().map(|size| size.get()).collect(),
                time: Duration::from_secs(self.seconds.into()),
            },
            policy,
        )?;
        Ok(if terminal.json {
            terminal.print_json(&report)
        } else {
            terminal.print(&table(&report))
        })
    }

    fn lines(&self) -> Result<(Vec<u8>, String), Failure> {
        let (read, name) = if self.input == "-" {
            let mut lines = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut lines);
            (read.map(|_| lines), "standard input")
        } else {
            (std::fs::read(&self.input), self.input.as_str())
        };
        let lines = read.map_err(|e| {
            Failure::new(
                Class::Config,
                format!("the input {name} can't be read: {e}"),
            )
            .hint("check the path; \"-\" is standard input")
        })?;
        Ok((lines, name.to_owned()))
    }
}

fn table(report: &Report) -> String {
    let mut table = comfy_table::Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["BATCH", "MESSAGES/S", "MB/S", "MS/BATCH", "PEAK KIB"]);
    for measured in &report.batches {
        table.add_row([
            grouped(measured.batch as u128),
            format!("{:.0}", measured.messages_per_second),
            format!("{:.1}", measured.megabytes_per_second),
            format!("{:.3}", measured.batch_ms),
            grouped((measured.peak_memory as u128).div_ceil(1024)),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!(
        "{}: {}, {} bytes\nloaded in {:.1} ms, first message in {:.1} ms, an instance in {:.3} ms\n{table}",
        escape(&report.parser),
        counted(report.messages as u64, "message"),
        grouped(report.bytes as u128),
        report.load_ms,
        report.first_message_ms,
        report.instance_ms,
    )
}
