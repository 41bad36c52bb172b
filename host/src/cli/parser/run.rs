//! `kafka-soar parser run`

use std::{
    fs::File,
    io::{self, BufReader},
    num::NonZeroUsize,
};

use serde_json::json;

use super::subject::Subject;
use crate::{
    actions::{self, Class, Failure},
    cli::{
        end::End,
        input::{self, Input as From},
        polling::Output,
        progress::{counted, grouped},
        signals::Signals,
        terminal::Terminal,
    },
    config::Policy,
    toolchain::{
        Format, Messages, TopicMessages,
        run::{self, Input, Options, Rejected, Summary},
    },
};

/// Messages that are taken of a topic unless told otherwise.
const OF_A_TOPIC: usize = 100;

/// Run a parser on messages of a file, standard input or a topic, and show what comes
///
/// The parser runs as in a poll: in its sandbox, under the policy and an asset's limits. Nothing is
/// delivered, kept or committed. Messages that the parser rejects, its log and its failures are told on
/// standard error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  Messages in a file, a JSON object a line:
    kafka-soar parser run my-parser.wasm --input messages.ndjson

  A message:
    echo '{\"value\": \"hello\"}' | kafka-soar parser run my-parser.wasm

  Lines of a log, each the value of a message:
    kafka-soar parser run default --input /var/log/syslog --format lines --limit 10

  The first ten messages of an asset's topic, with its settings and limits:
    kafka-soar parser run my-parser.wasm --asset asset.json --limit 10

Input:
  A line is a message. All members are optional; without a value it is a tombstone:
    {\"value\": \"text\", \"key\": \"k\", \"headers\": [[\"name\", \"value\"]], \"timestamp\": 1767225600000,
     \"partition\": 0, \"offset\": 0}
  Bytes are given as value_base64, key_base64 and, in headers, {\"base64\": \"...\"}. The timestamp is in
  milliseconds since 1970; the offset is the line's index unless it is given.

Output:
  One line a container: {\"container\": {...}, \"artifacts\": [{...}, ...]}
  On a terminal a table instead. With --json the last line is {\"summary\": {...}}.")]
pub(in crate::cli) struct Run {
    #[command(flatten)]
    subject: Subject,
    /// Where messages come from; "-" is standard input
    #[arg(
        long,
        short,
        value_name = "FILE",
        default_value = "-",
        conflicts_with = "asset"
    )]
    input: String,
    /// What a line of the input is
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "messages",
        conflicts_with = "asset"
    )]
    format: LineFormat,
    /// The topic that the parser is told
    #[arg(long, value_name = "NAME", default_value = "topic")]
    topic: String,
    /// Read the topic of this asset instead, from its beginning; "-" is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "topic")]
    asset: Option<From>,
    /// The most messages; 100 of a topic unless another number is given
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroUsize>,
    /// Messages of a batch
    #[arg(long, value_name = "N", default_value = "1000")]
    batch: NonZeroUsize,
}

/// What a line is.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum LineFormat {
    /// A JSON object with a message's parts
    Messages,
    /// A message's value
    Lines,
}

impl Run {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        if let Some(asset) = &self.asset {
            return self.topic(asset, terminal, policy);
        }
        let mut input = Input::Lines(messages(&self.input, self.format.into(), &self.topic)?);
        let options = Options {
            subject: self.subject.alone()?,
            batch: self.batch.get(),
            limit: self.limit.map(NonZeroUsize::get),
        };
        show(&options, &mut input, terminal, policy)
    }

    fn topic(&self, asset: &From, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let config = input::load(asset, policy, |form| input::set_parser(form, ""))?;
        // Before the wall, behind which this process reads no more files.
        let subject = self
            .subject
            .of_asset(&config.parser_settings, config.limits.clone())?
            .read()?;
        actions::wall::raise([])?;
        let signals = Signals::catch()?;
        let limit = self.limit.map_or(OF_A_TOPIC, NonZeroUsize::get);
        let batch = self.batch.get();
        let options = Options {
            subject,
            batch,
            limit: Some(limit),
        };
        let messages = TopicMessages::connect(&config, batch, limit, signals.stop())?;
        let mut input = Input::Topic(Box::new(config), Box::new(messages));
        let end = show(&options, &mut input, terminal, policy)?;
        Ok(match end {
            End::Done => signals.end().unwrap_or(End::Done),
            end => end,
        })
    }
}

impl std::convert::From<LineFormat> for Format {
    fn from(format: LineFormat) -> Self {
        match format {
            LineFormat::Messages => Self::Messages,
            LineFormat::Lines => Self::Lines,
        }
    }
}

/// The messages in a file, or on standard input.
pub(super) fn messages(
    path: &str,
    format: Format,
    topic: &str,
) -> Result<Messages<'static>, Failure> {
    if path == "-" {
        return Ok(Messages::new(
            io::stdin().lock(),
            "standard input",
            format,
            topic,
        ));
    }
    let file = File::open(path).map_err(|e| {
        Failure::new(
            Class::Config,
            format!("the input {path} can't be read: {e}"),
        )
        .hint("check the path; \"-\" is standard input")
    })?;
    Ok(Messages::new(BufReader::new(file), path, format, topic))
}

fn show(
    options: &Options,
    input: &mut Input<'_>,
    terminal: &Terminal,
    policy: &Policy,
) -> Result<End, Failure> {
    let mut output = Output::open(terminal, None)?;
    let ran = run::run(options, input, policy, output.deliver(), &mut |rejected| {
        terminal.remark(&line(rejected));
    });
    let summary = match ran {
        Err(failure) if failure.class == Class::Output && output.is_closed() => {
            return Ok(End::Closed);
        }
        ran => ran?,
    };
    if terminal.json {
        return Ok(terminal.print_json(&json!({ "summary": summary })));
    }
    terminal.remark(&sentence(&summary));
    Ok(End::Done)
}

fn line(rejected: &Rejected) -> String {
    format!(
        "message {} (partition {}, offset {}) is rejected: {}",
        rejected.index + 1,
        rejected.partition,
        rejected.offset,
        rejected.reason
    )
}

fn sentence(summary: &Summary) -> String {
    let count = |number: usize, what| counted(number as u64, what);
    format!(
        "{} → {}, {}, {} rejected (parser {:.1} ms, {} KiB)",
        count(summary.messages, "message"),
        count(summary.containers, "container"),
        count(summary.artifacts, "artifact"),
        grouped(summary.rejected as u128),
        summary.time.as_secs_f64() * 1e3,
        grouped((summary.peak_memory as u128).div_ceil(1024)),
    )
}
