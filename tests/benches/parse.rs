//! Parse throughput of the default parser: `cargo bench --bench parse`.
//!
//! The same messages go through the same code in turns, natively and in the sandbox, so that a busy
//! machine troubles both alike; the median of the rounds counts. The sandboxed side is what a poll
//! pays: a fresh instance a batch, copying in and out, and validating the result. The native one
//! only parses.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use default_parser::DefaultParser;
use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{Batch, Instant as Started, NO_TIMESTAMP, Position, Record},
    sandbox::Parser,
};
use kafka_soar_parser::testing::{Given, batch};

const ROUNDS: usize = 15;

/// Batches a round, unless that is too few or too many messages.
const BATCHES: usize = 10;

/// A log event of 300 bytes, as full of quotes as JSON is.
fn message(number: usize) -> String {
    let start = format!(
        r#"{{"ts":"2026-03-01T12:00:00.{:03}Z","host":"edge-{:04}","user":"svc-{number}","action":"login","outcome":"failure","src":"10.1.2.3","detail":""#,
        number % 1000,
        number % 5000
    );
    let padding = 298 - start.len();
    format!("{start}{}\"}}", "x".repeat(padding))
}

/// The same batch for either side.
struct Both {
    native: Given,
    sandboxed: Batch,
}

/// Batches of `size` messages.
fn batches(size: usize) -> Vec<Both> {
    const TOPIC: &str = "security-events";
    let messages = (size * BATCHES).clamp(1000, 50_000);
    (0..messages)
        .step_by(size)
        .map(|first| {
            let mut both = Both {
                native: batch(TOPIC),
                sandboxed: Batch::new(TOPIC),
            };
            for (offset, number) in (0..).zip(first..first + size) {
                let value = message(number);
                both.native = both.native.value(&value);
                both.sandboxed.push(&Record {
                    position: Position {
                        partition: 0,
                        offset,
                    },
                    timestamp: NO_TIMESTAMP,
                    key: None,
                    value: Some(value.as_bytes()),
                    headers: Vec::new(),
                });
            }
            both
        })
        .collect()
}

/// The default parser as a poll loads it.
fn sandboxed() -> Parser {
    let started = Started {
        unix_ms: 0,
        utc_offset_minutes: 0,
    };
    kafka_soar_tests::sandbox(None)
        .load(
            &ParserSource::Default,
            &Policy::default(),
            &ParserLimits::default(),
            "{}",
            started,
        )
        .expect("the default parser is admitted")
}

/// How long a round takes.
fn time(batches: &[Both], mut parse: impl FnMut(&Both)) -> Duration {
    let begun = Instant::now();
    batches.iter().for_each(&mut parse);
    begun.elapsed()
}

/// The median round's nanoseconds a message.
fn median(mut rounds: Vec<Duration>, batches: &[Both]) -> u128 {
    rounds.sort_unstable();
    let messages: usize = batches.iter().map(|both| both.sandboxed.len()).sum();
    rounds[rounds.len() / 2].as_nanos() / messages as u128
}

fn main() {
    let mut parser = sandboxed();
    println!("Default parser, messages of 300 B, median of {ROUNDS} rounds, ns a message:");
    println!("messages a batch      native  native again   sandboxed  sandboxed/native");
    for size in [1, 100, 1000, 10_000] {
        let batches = batches(size);
        let (mut native, mut again, mut sandboxed) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let natively = |both: &Both| {
                let text = both.native.parse_text::<DefaultParser>();
                black_box(text).expect("every message is text");
            };
            native.push(time(&batches, natively));
            // The same once more: how far the two lie apart is what the ratio is worth.
            again.push(time(&batches, natively));
            sandboxed.push(time(&batches, |both| {
                let parsed = parser.parse(&both.sandboxed);
                black_box(parsed).expect("every message is text");
            }));
        }
        let [native, again, sandboxed] =
            [native, again, sandboxed].map(|rounds| median(rounds, &batches));
        let hundredths = sandboxed * 100 / native.max(1);
        println!(
            "{size:16}  {native:10}  {again:12}  {sandboxed:10}  {:13}.{:02}",
            hundredths / 100,
            hundredths % 100
        );
    }
}
