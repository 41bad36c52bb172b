//! What one batch leaves behind for the next one: nothing, whoever's it is.

use kafka_soar::{
    config::ParserLimits,
    model::{Batch, Position, Record},
    ports::ParseError,
    sandbox::Parser,
};

use crate::{
    probe::{Probe, seen},
    sandbox::{limits, load_into},
};

/// More than the 16 MiB that are zeroed and kept between instances, so that pages of either kind
/// are met: those, and the ones that are given back to the system.
const MIB: u32 = 24;

const MARK: u32 = 0x5ec2_e75e;

/// Does what the first byte of the first value says: `k` fills memory, a table and a global with a
/// mark, `t` does so and traps, `s` searches for it, `b` fills and searches. Memory is grown to
/// its full size first.
fn component(mark: u32) -> Vec<u8> {
    let declarations = "
      (table $table 1000 funcref)
      (elem declare func $look)
      (global $kept (mut i32) (i32.const 0))
      (global $calls (mut i32) (i32.const 0))";
    let pages = MIB * 16;
    let body = format!(
        "(local $at i32) (local $count i32) (local $command i32)
         (local.set $command (i32.load8_u (i32.load offset=56 (local.get $batch))))
         (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
         (if (i32.eq (memory.grow (i32.sub (i32.const {pages}) (memory.size))) (i32.const -1))
           (then unreachable))
         ;; Before anything is written, for whoever searches: all memory but the batch's.
         (if (i32.ne (local.get $command) (i32.const 115)) (then
           (local.set $at (i32.const 0xc0000))
           (loop $fill
             (i32.store (local.get $at) (i32.const {mark}))
             (local.set $at (i32.add (local.get $at) (i32.const 4)))
             (br_if $fill (i32.lt_u (local.get $at) (i32.const {end}))))
           (table.fill $table (i32.const 0) (ref.func $look) (i32.const 1000))
           (global.set $kept (i32.const {mark}))))
         (if (i32.eq (local.get $command) (i32.const 116)) (then unreachable))
         (local.set $at (i32.const 0))
         (loop $search
           (local.set $count (i32.add (local.get $count)
             (i32.eq (i32.load (local.get $at)) (i32.const {MARK}))))
           (local.set $at (i32.add (local.get $at) (i32.const 4)))
           (br_if $search (i32.lt_u (local.get $at) (i32.const {end}))))
         (call $put32 (local.get $count))
         (local.set $count (i32.const 0))
         (local.set $at (i32.const 0))
         (loop $elements
           (local.set $count (i32.add (local.get $count)
             (i32.eqz (ref.is_null (table.get $table (local.get $at))))))
           (local.set $at (i32.add (local.get $at) (i32.const 1)))
           (br_if $elements (i32.lt_u (local.get $at) (i32.const 1000))))
         (call $put32 (local.get $count))
         (call $put32 (global.get $kept))
         (call $put32 (global.get $calls))",
        end = MIB << 20,
    );
    Probe::pure(declarations, &body).component()
}

#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// Words in memory that are the mark.
    words: u32,
    /// Elements of the table that aren't null.
    elements: u32,
    global: u32,
    /// Calls that the instance has seen.
    calls: u32,
}

/// A fresh instance.
const NOTHING: Found = Found {
    words: 0,
    elements: 0,
    global: 0,
    calls: 1,
};

fn batch(topic: &str, command: &str) -> Batch {
    let mut batch = Batch::new(topic);
    batch.push(&Record {
        position: Position {
            partition: 0,
            offset: 0,
        },
        timestamp: 0,
        key: None,
        value: Some(command.as_bytes()),
        headers: vec![],
    });
    batch
}

fn found(parser: &mut Parser, topic: &str, command: &str) -> Found {
    let mut seen = seen(parser.parse(&batch(topic, command)));
    let found = Found {
        words: seen.u32(),
        elements: seen.u32(),
        global: seen.u32(),
        calls: seen.u32(),
    };
    assert!(seen.is_at_its_end());
    found
}

fn limit() -> ParserLimits {
    ParserLimits {
        memory: (MIB as usize + 1) << 20,
        ..limits()
    }
}

#[test]
fn the_search_finds_what_is_there() {
    let sandbox = kafka_soar_tests::sandbox(None);
    let mut parser = load_into(&sandbox, &component(MARK), &limit()).unwrap();
    let found = found(&mut parser, "t", "b");
    assert_eq!(found.words, (MIB << 18) - 0xc_0000 / 4);
    assert_eq!((found.elements, found.global, found.calls), (1000, MARK, 1));
}

#[test]
fn no_batch_finds_anything_of_another_whoever_parsed_it_and_however_it_ended() {
    let sandbox = kafka_soar_tests::sandbox(None);
    let mut one = load_into(&sandbox, &component(MARK), &limit()).unwrap();
    // Another component: the same but for what it would leave behind itself.
    let mut other = load_into(&sandbox, &component(1), &limit()).unwrap();
    for round in 0..6 {
        // More often than there are places in the pool.
        for _ in 0..3 {
            found(&mut one, "alerts", "k");
        }
        assert_eq!(found(&mut one, "alerts", "s"), NOTHING, "{round}");
        assert_eq!(found(&mut one, "payroll", "s"), NOTHING, "{round}");
        assert_eq!(found(&mut other, "payroll", "s"), NOTHING, "{round}");
        let trapped = one.parse(&batch("alerts", "t"));
        assert!(matches!(trapped, Err(ParseError::Trap(_))), "{trapped:?}");
        assert_eq!(found(&mut other, "alerts", "s"), NOTHING, "{round}");
        assert_eq!(found(&mut one, "payroll", "s"), NOTHING, "{round}");
    }
}
