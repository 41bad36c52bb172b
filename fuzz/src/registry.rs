//! Messages in Schema Registry's wire format, and the schemas themselves.

use std::cell::LazyCell;

use kafka_soar::schema::fuzzing::Schema;
use serde_json::value::RawValue;

use super::halves;

/// The most bytes that a message becomes, and what is written past the limit before it is noticed.
const MAX_JSON: usize = 40 << 20;

const AVRO: [&str; 3] = [
    r#"{"type": "record", "name": "Event", "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "next", "type": ["null", "Event", "string"]},
        {"name": "tags", "type": {"type": "map", "values": {"type": "array", "items": "long"}}},
        {"name": "cost", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3}},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}}]}"#,
    r#"{"type": "record", "name": "Times", "fields": [
        {"name": "date", "type": {"type": "int", "logicalType": "date"}},
        {"name": "time", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "nanos", "type": {"type": "long", "logicalType": "timestamp-nanos"}},
        {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-micros"}},
        {"name": "big", "type": {"type": "bytes", "logicalType": "big-decimal"}},
        {"name": "span", "type": {"type": "fixed", "size": 12, "name": "Span", "logicalType": "duration"}}]}"#,
    r#"{"type": "array", "items": ["null", "boolean", "float", "double", "bytes",
        {"type": "fixed", "size": 3, "name": "Three"}, {"type": "array", "items": "null"}]}"#,
];

const PROTOBUF: [&str; 2] = [
    r#"syntax = "proto3"; message Event { message Inner { repeated Event events = 1; }
        string text = 1; Inner inner = 2; map<string, double> map = 4; repeated sint64 list = 5;
        oneof one { bytes blob = 6; bool flag = 7; } Kind kind = 8; optional fixed32 number = 9;
        enum Kind { NONE = 0; SOME = 1; } map<int32, Inner> more = 10; float real = 11; }"#,
    r#"syntax = "proto3"; import "google/protobuf/any.proto"; import "google/protobuf/duration.proto";
        import "google/protobuf/field_mask.proto"; import "google/protobuf/struct.proto";
        import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";
        message Known { google.protobuf.Timestamp at = 1; google.protobuf.Duration span = 2;
        google.protobuf.Struct data = 3; google.protobuf.Any any = 4; google.protobuf.FieldMask mask = 5;
        google.protobuf.DoubleValue real = 6; google.protobuf.Value value = 7; }"#,
];

thread_local! {
    /// Each is compiled once.
    static SCHEMAS: LazyCell<Vec<Schema>> = const { LazyCell::new(|| {
        let avro = AVRO.iter().map(|text| Schema::avro(text));
        let protobuf = PROTOBUF.iter().map(|text| Schema::protobuf(text));
        let schemas: Result<Vec<Schema>, String> = avro.chain(protobuf).collect();
        let mut schemas = schemas.expect("schemas of our own");
        schemas.push(Schema::json());
        schemas
    }) };
}

/// A byte for the schema and the payload; `A` or `P`: an Avro schema or a .proto file, a zero byte,
/// and the payload. What comes of it is JSON, or a reason.
pub fn check(bytes: &[u8]) {
    let Some((&which, rest)) = bytes.split_first() else {
        return;
    };
    if let b'A' | b'P' = which {
        let (text, payload) = halves(rest);
        let Ok(text) = std::str::from_utf8(text) else {
            return;
        };
        // With debug assertions protox-parse 0.9 dies of these, without it calls them faulty.
        if cfg!(debug_assertions) && which == b'P' && begins_with_zero(text) {
            return;
        }
        let schema = if which == b'A' {
            Schema::avro(text)
        } else {
            Schema::protobuf(text)
        };
        if let Ok(schema) = schema {
            decode(&schema, payload);
        }
        return;
    }
    SCHEMAS.with(|schemas| {
        if let Some(schema) = schemas.get(usize::from(which)) {
            decode(schema, rest);
        }
    });
}

/// Whether an integer such as 08 is in it.
fn begins_with_zero(text: &str) -> bool {
    let digits = |window: &[u8]| window[0] == b'0' && window[1].is_ascii_digit();
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(1)).any(|at| {
        let first = at == 0 || !bytes[at - 1].is_ascii_digit();
        first && digits(&bytes[at..])
    })
}

fn decode(schema: &Schema, payload: &[u8]) {
    match schema.decode(payload) {
        Ok(json) => {
            assert!(json.len() <= MAX_JSON);
            serde_json::from_str::<&RawValue>(&json).expect("a message becomes JSON");
        }
        Err(reason) => assert!(!reason.is_empty()),
    }
}
