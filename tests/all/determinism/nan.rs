//! The bits of a NaN that was computed are the same on every machine.

use std::fmt::Write as _;

use crate::{
    probe::{Probe, seen},
    sandbox::{batch, limits, load},
};

const CANONICAL_32: u32 = 0x7fc0_0000;
const CANONICAL_64: u64 = 0x7ff8_0000_0000_0000;

/// What stands at addresses in memory, so that nothing is computed while compiling: 0, infinity,
/// -1, 1, and NaNs quiet and signalling, of either sign, with a payload.
const OPERANDS: &str = "
  (f32.store (i32.const 0x88000) (f32.const 0))
  (f32.store (i32.const 0x88004) (f32.const inf))
  (f32.store (i32.const 0x88008) (f32.const -1))
  (f32.store (i32.const 0x8800c) (f32.const 1))
  (i32.store (i32.const 0x88010) (i32.const 0x7fd12345))
  (i32.store (i32.const 0x88014) (i32.const 0xffa12345))
  (f64.store (i32.const 0x88020) (f64.const 0))
  (f64.store (i32.const 0x88028) (f64.const inf))
  (f64.store (i32.const 0x88030) (f64.const -1))
  (f64.store (i32.const 0x88038) (f64.const 1))
  (i64.store (i32.const 0x88040) (i64.const 0x7ffabcdef0123456))
  (i64.store (i32.const 0x88048) (i64.const 0xfff4bcdef0123456))";

/// Expressions whose value is a NaN, for one type; `mul` is written as `{t}.mul`.
fn ways(kind: &str) -> Vec<String> {
    let (base, size) = match kind {
        "f32" => (0x88000, 4),
        _ => (0x88020, 8),
    };
    let at = |index: usize| format!("({kind}.load (i32.const {}))", base + index * size);
    let [zero, infinity, minus_one, one, quiet, signalling] = [0, 1, 2, 3, 4, 5].map(at);
    let mut ways = vec![
        format!("({kind}.div {zero} {zero})"),
        format!("({kind}.sub {infinity} {infinity})"),
        format!("({kind}.mul {infinity} {zero})"),
        format!("({kind}.sqrt {minus_one})"),
    ];
    for nan in [&quiet, &signalling] {
        for operator in ["add", "sub", "mul", "div", "min", "max"] {
            ways.push(format!("({kind}.{operator} {nan} {one})"));
            ways.push(format!("({kind}.{operator} {one} {nan})"));
        }
        for operator in ["sqrt", "ceil", "floor", "trunc", "nearest"] {
            ways.push(format!("({kind}.{operator} {nan})"));
        }
    }
    let (vector, other) = match kind {
        "f32" => ("f32x4", "(f32.demote_f64 (f64.load (i32.const 0x88048)))"),
        _ => ("f64x2", "(f64.promote_f32 (f32.load (i32.const 0x88014)))"),
    };
    ways.push(other.to_owned());
    for operator in ["add", "mul", "div", "min", "max"] {
        let splat = |operand: &str| format!("({vector}.splat {operand})");
        let (one, nan) = (splat(&one), splat(&signalling));
        ways.push(format!(
            "({vector}.extract_lane 1 ({vector}.{operator} {one} {nan}))"
        ));
    }
    ways
}

#[test]
fn every_nan_that_is_computed_is_the_canonical_one() {
    let mut body = OPERANDS.to_owned();
    for way in ways("f32") {
        let _ = writeln!(body, "(call $put32 (i32.reinterpret_f32 {way}))");
    }
    for way in ways("f64") {
        let _ = writeln!(body, "(call $put64 (i64.reinterpret_f64 {way}))");
    }
    let component = Probe::pure("", &body).component();
    let mut parser = load(&component, &limits()).unwrap();
    let mut seen = seen(parser.parse(&batch(&["x"])));
    for way in ways("f32") {
        assert_eq!(seen.u32(), CANONICAL_32, "{way}");
    }
    for way in ways("f64") {
        assert_eq!(seen.u64(), CANONICAL_64, "{way}");
    }
    assert!(seen.is_at_its_end());
}

/// Bits that a parser didn't compute are its own business: they are moved as they are.
#[test]
fn a_nan_that_is_only_moved_keeps_its_bits() {
    let body =
        format!("{OPERANDS} (call $put32 (i32.reinterpret_f32 (f32.load (i32.const 0x88014))))");
    let mut parser = load(&Probe::pure("", &body).component(), &limits()).unwrap();
    assert_eq!(seen(parser.parse(&batch(&["x"]))).u32(), 0xffa1_2345);
}
