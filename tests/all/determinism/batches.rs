//! Random batches, and random times.

use kafka_soar::model::{Batch, Header, Instant, Position, Record};
use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any},
    prop_oneof,
};

/// A message, by value, key and headers.
#[derive(Debug, Clone)]
pub(super) struct Message {
    partition: i32,
    gap: i64,
    timestamp: i64,
    key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    headers: Vec<(String, Option<Vec<u8>>)>,
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        // Binary, mostly not UTF-8.
        vec(any::<u8>(), 0..40),
        ".{0,40}".prop_map(String::into_bytes),
        // What the picky guest has a fate for, and what looks like JSON.
        prop_oneof![
            Just("reject"),
            Just("filter"),
            Just("panic now"),
            Just("incident-1 phishing"),
            Just("refused odd"),
            Just(r#"{"a":[1,"\u0000"],"b":{"c":null}}"#),
        ]
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

pub(super) fn message() -> impl Strategy<Value = Message> {
    let partition = prop_oneof![0..4_i32, Just(i32::MAX)];
    let timestamp = prop_oneof![Just(-1), any::<i64>(), 0..4_000_000_000_000_i64];
    let headers = vec((".{0,8}", option::of(bytes())), 0..3);
    (
        partition,
        1..1_000_i64,
        timestamp,
        option::of(bytes()),
        option::weighted(0.9, bytes()),
        headers,
    )
        .prop_map(|(partition, gap, timestamp, key, value, headers)| Message {
            partition,
            gap,
            timestamp,
            key,
            value,
            headers,
        })
}

/// Messages as a batch of up to five partitions.
pub(super) fn batch(messages: &[Message]) -> Batch {
    let mut batch = Batch::new("top.ic");
    let mut offset = 0;
    for message in messages {
        offset += message.gap;
        batch.push(&Record {
            position: Position {
                partition: message.partition,
                offset,
            },
            timestamp: message.timestamp,
            key: message.key.as_deref(),
            value: message.value.as_deref(),
            headers: message
                .headers
                .iter()
                .map(|(name, value)| Header {
                    name,
                    value: value.as_deref(),
                })
                .collect(),
        });
    }
    batch
}

pub(super) fn instant() -> impl Strategy<Value = Instant> {
    // Up to the year 9999, of which parsers in any language have a notion.
    (0..253_402_300_799_999_u64, -1080..=1080_i16).prop_map(|(unix_ms, utc_offset_minutes)| {
        Instant {
            unix_ms,
            utc_offset_minutes,
        }
    })
}
