//! Attacks beside a parser that breaks no rule, in one process and one engine.

use std::{env, iter, thread, time::Duration};

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{Batch, NO_TIMESTAMP, Position, Record},
    sandbox::Parser,
};
use kafka_soar_tests::guests::{Attack, Guest};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use super::{attack, limits, sandbox};
use crate::sandbox::STARTED;

/// How many attacks there are, unless `KAFKA_SOAR_ATTACKS` says otherwise: a number, and
/// `seed=N` behind a space for those of an earlier run.
const ATTACKS: usize = 100;

fn asked() -> (usize, u64) {
    let asked = env::var("KAFKA_SOAR_ATTACKS").unwrap_or_default();
    let mut words = asked.split_whitespace();
    let number = |text: &str| text.parse().expect("KAFKA_SOAR_ATTACKS is \"N seed=N\"");
    let count = words.next().map_or(ATTACKS as u64, number);
    let seed = words
        .find_map(|word| word.strip_prefix("seed=").map(number))
        .unwrap_or_else(rand::random);
    (usize::try_from(count).expect("a count"), seed)
}

/// What makes an attack one, where a command needs it.
fn argument(sin: Attack) -> &'static str {
    match sin {
        Attack::HostileAlloc | Attack::HostileOutput | Attack::HostileOpenJson => "100000000",
        Attack::HostileReject | Attack::HostileSources => "0,1,2,3,4294967295",
        Attack::HostileIngests => r#"[{"container":{"a":1,"a":2},"artifacts":[1]}]"#,
        Attack::HostileLogLine | Attack::HostileReasonText | Attack::HostileRefuse => {
            "\u{1b}[2J\nforged\u{202e}"
        }
        Attack::PythonEvaluate => "__import__('os').listdir('/')",
        _ if sin.guest() == Guest::Hostile => "1100000",
        _ => "",
    }
}

/// An interpreter needs some time before it can attack anything.
fn hasty(sin: Attack) -> ParserLimits {
    let time = match sin.guest() {
        Guest::Python => Duration::from_millis(500),
        _ => Duration::from_millis(50),
    };
    ParserLimits { time, ..limits() }
}

fn healthy() -> Parser {
    sandbox()
        .load(
            &ParserSource::Default,
            &Policy::default(),
            &ParserLimits::default(),
            "{}",
            STARTED,
        )
        .unwrap()
}

/// Messages of another topic.
fn messages() -> Batch {
    let mut batch = Batch::new("security-events");
    for offset in 0..200 {
        let value = format!(r#"{{"n":{offset},"user":"svc-{offset}","action":"login"}}"#);
        batch.push(&Record {
            position: Position {
                partition: 0,
                offset,
            },
            timestamp: NO_TIMESTAMP,
            key: None,
            value: Some(value.as_bytes()),
            headers: vec![],
        });
    }
    batch
}

/// While a thread attacks, and before and after, the others' output is the same to the byte.
#[test]
fn whoever_attacks_a_neighbour_parses_the_same_bytes() {
    let (count, seed) = asked();
    println!("KAFKA_SOAR_ATTACKS=\"{count} seed={seed}\"");
    let mut random = StdRng::seed_from_u64(seed);
    let all: Vec<Attack> = Attack::all().collect();
    let attacks: Vec<Attack> = iter::repeat_with(|| all[random.random_range(0..all.len())])
        .take(count)
        .collect();

    let (mut parser, batch) = (healthy(), messages());
    let alone = parser.parse(&batch).unwrap();
    assert!(alone.artifact_count() > 0);
    thread::scope(|scope| {
        let attacker = scope.spawn(|| {
            for sin in &attacks {
                // However it ends: the other laws say how.
                attack(*sin, argument(*sin), &hasty(*sin));
            }
        });
        let mut rounds = 0;
        while !attacker.is_finished() || rounds < 10 {
            assert!(parser.parse(&batch).unwrap() == alone, "round {rounds}");
            rounds += 1;
        }
        attacker.join().expect("no attack panics the host");
    });
    assert!(healthy().parse(&batch).unwrap() == alone);
}
