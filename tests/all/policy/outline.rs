//! What a component may hold: counted, limited, and limited further by a policy.

use std::fmt::Write as _;

use kafka_soar::{
    config::{Measure, Policy},
    sandbox::{DEFAULT_PARSER, Inspection, Refusal, inspect},
};
use kafka_soar_tests::guests;

use super::Place;

/// A component with this text in it, whatever becomes of it.
fn component(text: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {text})")).unwrap_or_else(|e| panic!("{e}"))
}

fn module(text: &str) -> Vec<u8> {
    component(&format!("(core module {text})"))
}

fn looked_at(bytes: &[u8]) -> Inspection {
    inspect(bytes, None, &Policy::default())
}

/// The measure that a component exceeds, what was found and what may be.
#[track_caller]
fn exceeds(bytes: &[u8]) -> (Measure, u64, u64) {
    match looked_at(bytes).verdict {
        Err(Refusal::Outline {
            measure,
            found,
            most,
            policy: None,
        }) => (measure, found, most),
        other => panic!("{other:?}"),
    }
}

/// Something of everything, each in a number of its own.
fn sample() -> Vec<u8> {
    component(
        r#"
        (type (instance (type (list u8)) (export "bytes" (type (eq 0)))))
        (core module $m
          (type (func)) (type (func (param i32))) (type (func (param i64)))
          (import "a" "a-name-of-19-bytes!" (func (type 1)))
          (global i32 (i32.const 0)) (global i64 (i64.const 0))
          (memory 3)
          (table 5 funcref) (table 6 funcref)
          (data (i32.const 0) "1234567") (data "89")
          (elem func 0) (elem func 1) (elem func 0)
          (func (export "f") (local i32 i64) (local f32))
          (func) (func))
        (component (component) (component))
        (type $r (resource (rep i32)))
        (core func $f (canon resource.drop $r))
        (core instance $a (export "a-name-of-19-bytes!" (func $f)))
        (core instance (instantiate $m (with "a" (instance $a))))
        "#,
    )
}

#[test]
fn everything_is_counted() {
    let found = looked_at(&sample()).inside();
    for (measure, count) in [
        (Measure::Modules, 1),
        (Measure::Components, 3),
        (Measure::Depth, 3),
        (Measure::Instances, 2),
        // Three of the module, one of the component.
        (Measure::Functions, 4),
        (Measure::Locals, 3),
        // Three of the module, a resource, an instance with a list and an export in it.
        (Measure::Types, 7),
        (Measure::Imports, 1),
        (Measure::Exports, 1),
        (Measure::NameBytes, 19),
        (Measure::Globals, 2),
        (Measure::DataSegments, 2),
        (Measure::DataBytes, 9),
        (Measure::ElementSegments, 3),
        (Measure::TableElements, 11),
        (Measure::MemoryBytes, 3 << 16),
    ] {
        assert_eq!(found[&measure], count, "{}", measure.name());
    }
    assert!(found[&Measure::FunctionBytes] > 3);
}

/// Obeyed and violated by one, for every measure.
#[test]
fn a_policy_limits_every_measure() {
    let place = Place::new();
    let bytes = sample();
    let inside = looked_at(&bytes).inside();
    assert_eq!(inside.len(), Measure::ALL.len());
    for (measure, count) in inside {
        let under = |limit: u64| {
            let policy = place.policy(&format!("[outline]\n{} = {limit}", measure.name()));
            inspect(&bytes, None, &policy).verdict.unwrap_err()
        };
        // It is no parser: that is found out once the outline is in order.
        assert!(matches!(under(count), Refusal::NotAParser { .. }));
        let refusal = under(count - 1);
        assert_eq!(refusal.rule(), format!("outline.{}", measure.name()));
        // What it imports is not known to its end.
        let policy = place.path("policy.toml");
        let policy = Policy::find(Some(&policy)).unwrap();
        assert_eq!(inspect(&bytes, None, &policy).pure(), None);
        let said = refusal.to_string();
        let policy = place.path("policy.toml");
        assert!(said.contains(policy.to_str().unwrap()), "{said}");
        assert!(said.contains(measure.meaning()), "{said}");
    }
}

#[test]
fn modules_are_limited() {
    let modules = |n: usize| component(&"(core module)".repeat(n));
    assert!(matches!(
        looked_at(&modules(500)).verdict,
        Err(Refusal::NotAParser { .. })
    ));
    assert_eq!(exceeds(&modules(501)), (Measure::Modules, 501, 500));
}

#[test]
fn components_and_their_depth_are_limited() {
    assert_eq!(
        exceeds(&component(&"(component)".repeat(501))),
        (Measure::Components, 501, 500)
    );
    let nested = |n: usize| component(&format!("{}{}", "(component ".repeat(n), ")".repeat(n)));
    assert!(matches!(
        looked_at(&nested(15)).verdict,
        Err(Refusal::NotAParser { .. })
    ));
    assert_eq!(exceeds(&nested(16)), (Measure::Depth, 17, 16));
}

#[test]
fn functions_are_limited_over_all_modules() {
    let many = "(func)".repeat(50_000);
    let two = component(&format!("(core module {many})(core module {many})"));
    assert!(matches!(
        looked_at(&two).verdict,
        Err(Refusal::NotAParser { .. })
    ));
    let more = component(&format!("(core module {many})(core module {many}(func))"));
    assert_eq!(exceeds(&more), (Measure::Functions, 100_001, 100_000));
}

#[test]
fn a_function_is_limited() {
    let mut body = String::new();
    for _ in 0..(1 << 20) {
        let _ = write!(body, "nop nop ");
    }
    let (measure, found, most) = exceeds(&module(&format!("(func {body})")));
    assert_eq!((measure, most), (Measure::FunctionBytes, 2 << 20));
    assert_eq!(found, (2 << 20) + 2, "no locals, and an end");

    // One declaration of many locals takes a few bytes.
    let locals = |n: usize| module(&format!("(func (local{}))", " i32".repeat(n)));
    assert!(matches!(
        looked_at(&locals(20_000)).verdict,
        Err(Refusal::NotAParser { .. })
    ));
    assert_eq!(exceeds(&locals(20_001)), (Measure::Locals, 20_001, 20_000));
}

#[test]
fn names_are_limited() {
    let named = |n: usize| module(&format!("(func (export \"{}\"))", "n".repeat(n)));
    assert!(matches!(
        looked_at(&named(4096)).verdict,
        Err(Refusal::NotAParser { .. })
    ));
    assert_eq!(exceeds(&named(4097)), (Measure::NameBytes, 4097, 4096));
}

#[test]
fn what_is_there_from_the_start_is_limited() {
    let tables = module("(table 500000 funcref) (table 500001 funcref)");
    assert_eq!(
        exceeds(&tables),
        (Measure::TableElements, 1_000_001, 1_000_000)
    );
    let memories = module(&"(memory 65536)".repeat(17));
    assert_eq!(exceeds(&memories).0, Measure::MemoryBytes);
    let segments = module(&"(data \"\")".repeat(50_001));
    assert_eq!(exceeds(&segments), (Measure::DataSegments, 50_001, 50_000));
    let elements = module(&format!("(func){}", "(elem func 0)".repeat(50_001)));
    assert_eq!(
        exceeds(&elements),
        (Measure::ElementSegments, 50_001, 50_000)
    );
}

/// A count is believed before what it counts is there: a section may say four billion.
#[test]
fn a_section_that_lies_about_its_length_is_refused_at_once() {
    for id in [5u8, 6, 9, 10, 11] {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([id, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]);
        let mut bytes = b"\0asm\x0d\0\x01\0\x01".to_vec();
        bytes.push(u8::try_from(module.len()).unwrap());
        bytes.extend(module);
        let refusal = looked_at(&bytes).verdict.unwrap_err();
        assert!(
            matches!(refusal, Refusal::Outline { .. } | Refusal::Invalid(_)),
            "{id}: {refusal:?}"
        );
    }
}

#[test]
fn the_parsers_that_there_are_stay_far_below_the_limits() {
    for bytes in [DEFAULT_PARSER, guests::HOSTILE, guests::PICKY] {
        let found = looked_at(bytes);
        found.verdict.clone().unwrap();
        for (measure, count) in found.inside() {
            assert!(count * 5 < measure.most(), "{}: {count}", measure.name());
        }
    }
}
