//! Components in text that look at something and report the bytes that they saw.

use kafka_soar::{model::Parsed, ports::ParseError};
use kafka_soar_tests::guests;
use serde_json::Value;

const PREFIX: &str = r#"[{"container":{"seen":""#;
const SUFFIX: &str = r#""},"artifacts":[]}]"#;

/// A component that runs `body` and reports what it puts.
///
/// `body` is in a function with the parameter `$batch`, the address of the batch; from 0x88000 it has
/// 16 KiB of memory for itself. `$put32` and `$put64` add to the report. `declarations` stand in the
/// same module. `imports` and `lowerings` belong to the component: they may use the core instance
/// `$memory`, with a `memory` and `realloc`. `with` hands what was lowered on to the module.
pub(crate) struct Probe<'a> {
    pub(crate) imports: &'a str,
    pub(crate) lowerings: &'a str,
    pub(crate) with: &'a str,
    pub(crate) declarations: &'a str,
    pub(crate) body: &'a str,
}

impl Probe<'_> {
    /// One that imports nothing.
    pub(crate) fn pure<'a>(declarations: &'a str, body: &'a str) -> Probe<'a> {
        Probe {
            imports: "",
            lowerings: "",
            with: "",
            declarations,
            body,
        }
    }

    pub(crate) fn component(&self) -> Vec<u8> {
        let Self {
            imports,
            lowerings,
            with,
            declarations,
            body,
        } = self;
        let escaped = |text: &str| text.replace('"', "\\\"");
        let (prefix, suffix) = (escaped(PREFIX), escaped(SUFFIX));
        let (hex, end) = (0xa_0000 + PREFIX.len(), SUFFIX.len());
        guests::inline(&format!(
            r#"(component
  {imports}
  (core module $memory
    (memory (export "memory") 16)
    ;;; include core
    (export "realloc" (func $realloc)))
  (core instance $memory (instantiate $memory))
  {lowerings}
  (core module $main
    (import "memory" "memory" (memory 16))
    (import "memory" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    {declarations}
    (export "memory" (memory 0))
    (export "realloc" (func $realloc))
    (data (i32.const 0x80000) "{suffix}")
    (data (i32.const 0xa0000) "{prefix}")
    (global $end (mut i32) (i32.const 0x90000))
    (func $put32 (param $value i32)
      (i32.store (global.get $end) (local.get $value))
      (global.set $end (i32.add (global.get $end) (i32.const 4))))
    (func $put64 (param $value i64)
      (i64.store (global.get $end) (local.get $value))
      (global.set $end (i32.add (global.get $end) (i32.const 8))))
    (func $digit (param $value i32) (result i32)
      (i32.add (local.get $value) (select
        (i32.const 48)
        (i32.const 87)
        (i32.lt_u (local.get $value) (i32.const 10)))))
    (func $outcome (result i32)
      (local $from i32) (local $to i32)
      (local.set $from (i32.const 0x90000))
      (local.set $to (i32.const {hex}))
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $from) (global.get $end)))
        (i32.store8 (local.get $to)
          (call $digit (i32.shr_u (i32.load8_u (local.get $from)) (i32.const 4))))
        (i32.store8 offset=1 (local.get $to)
          (call $digit (i32.and (i32.load8_u (local.get $from)) (i32.const 15))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (local.set $to (i32.add (local.get $to) (i32.const 2)))
        (br $next)))
      (memory.copy (local.get $to) (i32.const 0x80000) (i32.const {end}))
      (i32.store (i32.const 0x8f004) (i32.const 0xa0000))
      (i32.store (i32.const 0x8f008) (i32.sub
        (i32.add (local.get $to) (i32.const {end}))
        (i32.const 0xa0000)))
      (i32.const 0x8f000))
    (func $look (param $batch i32)
      {body})
    (func (export "parse") (param $batch i32) (result i32)
      (call $look (local.get $batch))
      (call $outcome))
    (func (export "post-return") (param i32)))
  (core instance $parser (instantiate $main
    (with "memory" (instance $memory))
    {with}))
  ;;; include export
)"#
        ))
    }
}

/// The bytes that a probe reported.
pub(crate) fn seen(result: Result<Parsed, ParseError>) -> Seen {
    let parsed = result.expect("a probe returns");
    let ingest = parsed.ingests().next().expect("a container");
    let container: Value = ingest.container().parse().expect("JSON");
    let bytes = hex::decode(container["seen"].as_str().expect("text")).expect("digits");
    Seen { bytes, at: 0 }
}

/// A report, from its beginning on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    bytes: Vec<u8>,
    at: usize,
}

impl Seen {
    pub(crate) fn take<const N: usize>(&mut self) -> [u8; N] {
        let bytes = self.bytes[self.at..][..N].try_into().expect("enough bytes");
        self.at += N;
        bytes
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    pub(crate) fn is_at_its_end(&self) -> bool {
        self.at == self.bytes.len()
    }
}
