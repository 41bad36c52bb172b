//! `parser bench`: how fast a parser is, and what it takes.

use std::time::{Duration, Instant as Clock};

use serde::Serialize;

use super::{Format, Messages, Subject, run};
use crate::{
    actions::{
        Class, Failure,
        parsers::{Parsers, now},
    },
    config::Policy,
    model::{Batch, Origin},
    ports::Parse as _,
};

/// What is measured.
#[derive(Debug, Clone)]
pub struct Options {
    pub subject: Subject,
    /// Lines of messages, and what they come from.
    pub lines: Vec<u8>,
    pub name: String,
    pub format: Format,
    /// Messages of a batch, each measured by itself.
    pub batches: Vec<usize>,
    /// How long each is measured.
    pub time: Duration,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub parser: String,
    /// SHA-256 in hexadecimal digits.
    pub digest: String,
    pub messages: usize,
    /// Bytes of keys, values and headers.
    pub bytes: usize,
    /// Milliseconds of admission and compiling, or loading from the cache.
    pub load_ms: f64,
    /// Milliseconds of the first message, for which the parser's process is started.
    pub first_message_ms: f64,
    /// Milliseconds of a batch with one message in a process that runs: a fresh instance, above all.
    pub instance_ms: f64,
    pub batches: Vec<Measured>,
}

/// Batches of one size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// Messages of a batch.
    pub batch: usize,
    /// How often all messages were parsed.
    pub rounds: usize,
    /// By the median of the rounds.
    pub messages_per_second: f64,
    /// Bytes of keys, values and headers, in millions.
    pub megabytes_per_second: f64,
    /// The median of all batches.
    pub batch_ms: f64,
    /// The most bytes of memories and tables that a batch took.
    pub peak_memory: usize,
}

/// Parses all messages over and over, in batches of each size.
///
/// # Errors
///
/// As [`run::run`]; a configuration failure when there are no messages.
pub fn run(options: &Options, policy: &Policy) -> Result<Report, Failure> {
    let messages = batches(options, usize::MAX)?;
    let begun = Clock::now();
    let mut bench = Bench::load(options, policy)?;
    let load = begun.elapsed();
    let one = messages[0].part(0..1);
    let first = bench.parse(&one)?;
    let mut single = Vec::new();
    let deadline = Clock::now() + options.time.min(Duration::from_secs(1));
    while single.is_empty() || Clock::now() < deadline {
        single.push(bench.parse(&one)?);
    }
    let mut measured = Vec::new();
    for &size in &options.batches {
        measured.push(measure(options, size, policy)?);
    }
    Ok(Report {
        parser: options.subject.parser.clone(),
        digest: bench.origin.parser,
        messages: messages.iter().map(Batch::len).sum(),
        bytes: messages.iter().map(Batch::bytes).sum(),
        load_ms: milliseconds(load),
        first_message_ms: milliseconds(first),
        instance_ms: milliseconds(median(&mut single)),
        batches: measured,
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn measure(options: &Options, size: usize, policy: &Policy) -> Result<Measured, Failure> {
    let batches = batches(options, size)?;
    let messages: usize = batches.iter().map(Batch::len).sum();
    let bytes: usize = batches.iter().map(Batch::bytes).sum();
    // One of its own: the most that it took is that of this size.
    let mut bench = Bench::load(options, policy)?;
    bench.parse(&batches[0])?;
    let (mut rounds, mut each) = (Vec::new(), Vec::new());
    let deadline = Clock::now() + options.time;
    while rounds.is_empty() || Clock::now() < deadline {
        let mut round = Duration::ZERO;
        for batch in &batches {
            let took = bench.parse(batch)?;
            round += took;
            each.push(took);
        }
        rounds.push(round);
    }
    let round = median(&mut rounds).as_secs_f64();
    Ok(Measured {
        batch: size,
        rounds: rounds.len(),
        messages_per_second: rounded(messages as f64 / round, 1.0),
        megabytes_per_second: rounded(bytes as f64 / 1e6 / round, 1e3),
        batch_ms: milliseconds(median(&mut each)),
        peak_memory: bench.parsers.stats().peak_memory,
    })
}

fn batches(options: &Options, size: usize) -> Result<Vec<Batch>, Failure> {
    let lines = options.lines.as_slice();
    let mut messages = Messages::new(lines, options.name.as_str(), options.format, "bench");
    let mut batches = Vec::new();
    while let Some(batch) = messages.next_batch(size)? {
        batches.push(batch);
    }
    if batches.is_empty() {
        let problem = format!("{} holds no message", options.name);
        return Err(
            Failure::new(Class::Config, problem).hint("give messages such as the topic has")
        );
    }
    Ok(batches)
}

struct Bench {
    parsers: Parsers,
    origin: Origin,
}

impl Bench {
    fn load(options: &Options, policy: &Policy) -> Result<Self, Failure> {
        let parsers = options.subject.load(policy)?;
        let origin = Origin {
            started: now(),
            parser: parsers.digest().to_owned(),
            max_artifacts: None,
        };
        Ok(Self { parsers, origin })
    }

    /// How long it took.
    fn parse(&mut self, batch: &Batch) -> Result<Duration, Failure> {
        let begun = Clock::now();
        let parsed = self.parsers.parse(batch, &self.origin);
        let took = begun.elapsed();
        match parsed {
            Ok(_) => Ok(took),
            Err(error) => Err(run::failure(&self.parsers, 0, batch, &error)),
        }
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1e3, 1e3)
}

fn rounded(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}
