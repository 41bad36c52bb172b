//! Throughput of the default parser beside attacks: `cargo bench --bench attacks`.
//!
//! A thousand attacks, chosen at random from those in text and in Rust, run in turns with the
//! default parser's batches in one process and one engine; blocks of batches without attacks in
//! between are what they are compared with. Only the default parser's own time counts.

use std::time::{Duration, Instant};

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{Batch, Instant as Started, NO_TIMESTAMP, Position, Record},
    sandbox::{Cache, Parser, Sandbox},
};
use kafka_soar_tests::guests::{Attack, Guest};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

const ATTACKS: usize = 1000;
/// Attacks, or batches alone, between one look at the clock and the next.
const BLOCK: usize = 10;
const MESSAGES: i64 = 1000;
const SEED: u64 = 20_261_124;

const STARTED: Started = Started {
    unix_ms: 1_793_000_000_000,
    utc_offset_minutes: 0,
};

fn batch(topic: &str, messages: impl Iterator<Item = (i64, String)>) -> Batch {
    let mut batch = Batch::new(topic);
    for (offset, value) in messages {
        batch.push(&Record {
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
    batch
}

/// Loads, runs and forgets a hostile parser, however it ends.
fn attack(sandbox: &Sandbox, sin: Attack) {
    let limits = ParserLimits {
        memory: 64 << 20,
        time: Duration::from_millis(50),
        message_time: None,
        output: 1 << 20,
        log: 10_000,
        artifacts: 100,
    };
    let source = ParserSource::Component {
        name: "hostile".into(),
        bytes: sin.component().into_owned(),
        signature: None,
    };
    if let Ok(mut parser) = sandbox.load(&source, &Policy::default(), &limits, "{}", STARTED) {
        let told = batch("hostile", [(0, sin.message("1100000"))].into_iter());
        let _ = parser.parse(&told);
    }
}

fn timed(parser: &mut Parser, batch: &Batch) -> Duration {
    let begun = Instant::now();
    let parsed = parser.parse(batch).expect("every message is text");
    let took = begun.elapsed();
    assert_eq!(parsed.artifact_count(), batch.len());
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let root = tempfile::tempdir().expect("a directory");
    let cache = Cache::open(root.path().join("cache")).expect("a private directory");
    let sandbox = kafka_soar_tests::sandbox(Some(cache));
    let mut parser = sandbox
        .load(
            &ParserSource::Default,
            &Policy::default(),
            &ParserLimits::default(),
            "{}",
            STARTED,
        )
        .expect("the default parser is admitted");
    let healthy = batch(
        "security-events",
        (0..MESSAGES).map(|offset| (offset, format!("{{\"n\":{offset},{:>280}}}", "\"x\":\"y\""))),
    );
    let attacks: Vec<Attack> = Attack::all()
        .filter(|sin| matches!(sin.guest(), Guest::Wat | Guest::Hostile | Guest::Reaching))
        .collect();
    let mut random = StdRng::seed_from_u64(SEED);
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ATTACKS / BLOCK {
        for _ in 0..BLOCK {
            alone.push(timed(&mut parser, &healthy));
        }
        for _ in 0..BLOCK {
            attack(&sandbox, attacks[random.random_range(0..attacks.len())]);
            beside.push(timed(&mut parser, &healthy));
        }
    }
    let total = |times: &[Duration]| times.iter().sum::<Duration>().as_secs_f64();
    println!(
        "{MESSAGES} messages a batch, {ATTACKS} attacks (seed {SEED}): alone {:.2} s, beside attacks {:.2} s",
        total(&alone),
        total(&beside)
    );
    let total = total(&alone) / total(&beside);
    let (alone, beside) = (median(alone), median(beside));
    println!(
        "throughput beside attacks: {total:.2} of alone in total, {:.2} in the median ({alone:.2?} and {beside:.2?} a batch)",
        alone.as_secs_f64() / beside.as_secs_f64()
    );
}
