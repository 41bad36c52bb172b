//! What a batch holds and what closes it.

use kafka_soar::{
    config::BatchLimits,
    model::{Batch, Header, Offsets, Position, Record},
};

use super::{filled, offsets, read};
use kafka_soar_tests::testbed::{Fixture, Sender, shared};

#[test]
fn records_arrive_as_they_were_written() {
    let topic = shared().topic(2);
    let binary: Vec<u8> = (0..=255).collect();
    let at = 1_700_000_000_123;
    let headers: Vec<(&str, Option<&[u8]>)> = vec![
        ("trace", Some(b"1")),
        ("trace", Some(b"")),
        ("null", None),
        ("binary", Some(&binary)),
    ];
    let written = [
        Fixture {
            key: Some(b"key"),
            value: Some(&binary),
            headers: headers.clone(),
            timestamp: Some(at),
            ..Fixture::default()
        },
        Fixture {
            key: Some(b""),
            timestamp: Some(at + 1),
            ..Fixture::default()
        },
        Fixture {
            timestamp: Some(at + 2),
            ..Fixture::value(0, b"")
        },
        Fixture {
            timestamp: Some(at + 3),
            ..Fixture::value(1, "größe \u{1f600}".as_bytes())
        },
    ];
    shared().produce(&topic, written.clone());

    let batches = read(&topic, BatchLimits::default());
    assert_eq!(batches.len(), 1);
    let batch = &batches[0];
    assert_eq!(batch.topic(), topic.as_str());
    assert_eq!(batch.next_offsets(), Offsets::from([(0, 3), (1, 1)]));
    let mut records: Vec<Record<'_>> = (0..batch.len()).map(|i| batch.record(i)).collect();
    records.sort_by_key(|record| record.position);
    for (i, (record, fixture)) in records.iter().zip(&written).enumerate() {
        let offset = if fixture.partition == 0 {
            i64::try_from(i).unwrap()
        } else {
            0
        };
        let expected = Record {
            position: Position {
                partition: fixture.partition,
                offset,
            },
            timestamp: fixture.timestamp.unwrap(),
            key: fixture.key,
            value: fixture.value,
            headers: fixture
                .headers
                .iter()
                .map(|&(name, value)| Header { name, value })
                .collect(),
        };
        assert_eq!(record, &expected, "record {i}");
    }
    assert_eq!(records.len(), written.len());
}

#[test]
fn a_batch_is_closed_by_its_messages() {
    let topic = filled(shared(), 3, 50);
    let limits = BatchLimits {
        max_messages: 40,
        ..BatchLimits::default()
    };
    let batches = read(&topic, limits);
    let sizes: Vec<usize> = batches.iter().map(Batch::len).collect();
    assert_eq!(sizes, [40, 40, 40, 30]);
    for partition in 0..3 {
        assert_eq!(offsets(&batches, partition), (0..50).collect::<Vec<_>>());
    }
}

#[test]
fn a_batch_is_closed_by_its_bytes_and_a_giant_goes_alone() {
    let topic = shared().topic(1);
    let (small, giant) = (vec![b's'; 400], vec![b'g'; 5 << 20]);
    let sender = Sender::new(shared(), &[("message.max.bytes", "10000000")]);
    let sizes = [&small, &small, &small, &giant, &small, &small];
    sender.send(&topic, sizes.map(|value| Fixture::value(0, value)));
    sender.settle();

    let limits = BatchLimits {
        max_bytes: 1000,
        ..BatchLimits::default()
    };
    let batches = read(&topic, limits);
    let shapes: Vec<(usize, usize)> = batches.iter().map(|b| (b.len(), b.bytes())).collect();
    assert_eq!(shapes, [(2, 800), (1, 400), (1, 5 << 20), (2, 800)]);
    assert_eq!(offsets(&batches, 0), (0..6).collect::<Vec<_>>());
}

#[test]
fn keys_and_headers_count_as_bytes() {
    let topic = shared().topic(1);
    let record = Fixture {
        key: Some(b"0123456789"),
        headers: vec![("0123456789", Some(b"0123456789"))],
        ..Fixture::value(0, b"0123456789")
    };
    shared().produce(&topic, vec![record; 5]);
    let limits = BatchLimits {
        max_bytes: 80,
        ..BatchLimits::default()
    };
    let sizes: Vec<usize> = read(&topic, limits).iter().map(Batch::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
}

#[test]
fn a_header_name_that_is_not_text_stops_nothing() {
    // The crate's producer takes names as `&str` only; `kafka-python`'s and librdkafka's own take
    // any bytes, so this goes through librdkafka's call.
    let topic = shared().topic(1);
    super::raw::produce_with_header(shared(), &topic, b"\xff\xfe", b"v", b"after");
    shared().produce(&topic, [Fixture::value(0, b"next")]);
    let batches = read(&topic, BatchLimits::default());
    assert_eq!(offsets(&batches, 0), [0, 1]);
    let record = batches[0].record(0);
    assert_eq!(record.value, Some(&b"after"[..]));
    let unreadable = Header {
        name: "\u{fffd}",
        value: None,
    };
    assert_eq!(record.headers, [unreadable]);
    assert!(batches[0].record(1).headers.is_empty());
}
