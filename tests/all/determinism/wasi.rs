//! What WASI tells a parser of time and chance: nothing that isn't in its batch.

use kafka_soar::{
    model::{Batch, Instant, Position, Record},
    sandbox::Parser,
};

use crate::{
    probe::{Probe, seen},
    sandbox::{STARTED, limits, load, load_into},
};

const IMPORTS: &str = r#"
  (import "wasi:clocks/wall-clock@0.2.0" (instance $wall
    (type $record (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $record)))
    (export "now" (func (result $datetime)))
    (export "resolution" (func (result $datetime)))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $monotonic
    (export "now" (func (result u64)))
    (export "resolution" (func (result u64)))))
  (import "wasi:random/random@0.2.0" (instance $secure
    (type $bytes (list u8))
    (export "get-random-bytes" (func (param "len" u64) (result $bytes)))
    (export "get-random-u64" (func (result u64)))))
  (import "wasi:random/insecure@0.2.0" (instance $insecure
    (export "get-insecure-random-u64" (func (result u64)))))
  (import "wasi:random/insecure-seed@0.2.0" (instance $seed
    (type $pair (tuple u64 u64))
    (export "insecure-seed" (func (result $pair)))))"#;

const LOWERINGS: &str = r#"
  (core func $wall-now (canon lower (func $wall "now") (memory $memory "memory")))
  (core func $wall-resolution (canon lower (func $wall "resolution") (memory $memory "memory")))
  (core func $monotonic-now (canon lower (func $monotonic "now")))
  (core func $monotonic-resolution (canon lower (func $monotonic "resolution")))
  (core func $secure-bytes (canon lower (func $secure "get-random-bytes")
    (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core func $secure-u64 (canon lower (func $secure "get-random-u64")))
  (core func $insecure-u64 (canon lower (func $insecure "get-insecure-random-u64")))
  (core func $seed (canon lower (func $seed "insecure-seed") (memory $memory "memory")))"#;

const WITH: &str = r#"
  (with "wasi" (instance
    (export "wall-now" (func $wall-now))
    (export "wall-resolution" (func $wall-resolution))
    (export "monotonic-now" (func $monotonic-now))
    (export "monotonic-resolution" (func $monotonic-resolution))
    (export "secure-bytes" (func $secure-bytes))
    (export "secure-u64" (func $secure-u64))
    (export "insecure-u64" (func $insecure-u64))
    (export "seed" (func $seed))))"#;

const DECLARATIONS: &str = r#"
  (import "wasi" "wall-now" (func $wall-now (param i32)))
  (import "wasi" "wall-resolution" (func $wall-resolution (param i32)))
  (import "wasi" "monotonic-now" (func $monotonic-now (result i64)))
  (import "wasi" "monotonic-resolution" (func $monotonic-resolution (result i64)))
  (import "wasi" "secure-bytes" (func $secure-bytes (param i64 i32)))
  (import "wasi" "secure-u64" (func $secure-u64 (result i64)))
  (import "wasi" "insecure-u64" (func $insecure-u64 (result i64)))
  (import "wasi" "seed" (func $seed (param i32)))
  (func $put-datetime
    (call $put64 (i64.load (i32.const 0x88000)))
    (call $put32 (i32.load (i32.const 0x88008))))
  (func $put-now
    (call $wall-now (i32.const 0x88000))
    (call $put-datetime)
    (call $put64 (call $monotonic-now)))"#;

/// Looks at the clocks, works for some milliseconds, looks again, and asks for random numbers.
const BODY: &str = "
  (local $round i32)
  (call $wall-resolution (i32.const 0x88000))
  (call $put-datetime)
  (call $put64 (call $monotonic-resolution))
  (call $put-now)
  (loop $again
    (i32.store (i32.const 0x88020) (i32.mul (local.get $round) (local.get $round)))
    (local.set $round (i32.add (local.get $round) (i32.const 1)))
    (br_if $again (i32.lt_u (local.get $round) (i32.const 20000000))))
  (call $put-now)
  (call $put64 (call $secure-u64))
  (call $put64 (call $secure-u64))
  (call $secure-bytes (i64.const 16) (i32.const 0x88010))
  (call $put64 (i64.load (i32.load (i32.const 0x88010))))
  (call $put64 (i64.load offset=8 (i32.load (i32.const 0x88010))))
  (call $put64 (call $insecure-u64))
  (call $put64 (call $insecure-u64))
  (call $seed (i32.const 0x88000))
  (call $put64 (i64.load (i32.const 0x88000)))
  (call $put64 (i64.load (i32.const 0x88008)))";

/// What WASI told.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// Of wall clock and monotonic clock: seconds, nanoseconds, nanoseconds.
    resolution: (u64, u32, u64),
    /// Before and after some work.
    now: [(u64, u32, u64); 2],
    random: [u64; 8],
}

fn component() -> Vec<u8> {
    Probe {
        imports: IMPORTS,
        lowerings: LOWERINGS,
        with: WITH,
        declarations: DECLARATIONS,
        body: BODY,
    }
    .component()
}

fn told(parser: &mut Parser, batch: &Batch) -> Told {
    let mut seen = seen(parser.parse(batch));
    let mut clocks = || (seen.u64(), seen.u32(), seen.u64());
    let (resolution, now) = (clocks(), [clocks(), clocks()]);
    let random = [(); 8].map(|()| seen.u64());
    assert!(seen.is_at_its_end());
    Told {
        resolution,
        now,
        random,
    }
}

fn at(topic: &str, partition: i32, offset: i64, value: &str) -> Batch {
    let mut batch = Batch::new(topic);
    batch.push(&Record {
        position: Position { partition, offset },
        timestamp: 0,
        key: None,
        value: Some(value.as_bytes()),
        headers: vec![],
    });
    batch
}

#[test]
fn clocks_stand_still_at_the_polls_start_and_are_coarse() {
    let mut parser = load(&component(), &limits()).unwrap();
    let told = told(&mut parser, &at("t", 0, 0, "x"));
    // A millisecond, and no timer that is finer.
    assert_eq!(told.resolution, (0, 1_000_000, 1_000_000));
    let seconds = STARTED.unix_ms / 1000;
    let nanoseconds = u32::try_from(STARTED.unix_ms % 1000).unwrap() * 1_000_000;
    assert_eq!(told.now, [(seconds, nanoseconds, 0); 2]);
}

#[test]
fn random_numbers_follow_from_the_place_of_the_batch_and_from_nothing_else() {
    let component = component();
    let mut parser = load(&component, &limits()).unwrap();
    let batch = at("t", 3, 7, "x");
    let first = told(&mut parser, &batch);
    // Not one number twice, in whatever way it was asked for.
    let mut distinct = first.random.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), first.random.len(), "{first:?}");

    assert_eq!(told(&mut parser, &batch), first);
    let another = kafka_soar_tests::sandbox(None);
    let mut elsewhere = load_into(&another, &component, &limits()).unwrap();
    assert_eq!(told(&mut elsewhere, &batch), first);
    assert_eq!(told(&mut parser, &at("t", 3, 7, "y")), first);

    parser.set_clock(Instant {
        unix_ms: STARTED.unix_ms + 1,
        ..STARTED
    });
    let later = told(&mut parser, &batch);
    assert_eq!(later.random, first.random);
    assert_ne!(later.now, first.now);

    for other in [at("u", 3, 7, "x"), at("t", 2, 7, "x"), at("t", 3, 8, "x")] {
        let told = told(&mut parser, &other);
        for (number, before) in told.random.iter().zip(&first.random) {
            assert_ne!(number, before, "{other:?}");
        }
    }
}
