//! post data, read back from the broker.

use std::time::{Duration, Instant};

use kafka_soar::{
    actions::{
        Class,
        post_data::{self, Options, Outcome, Row},
    },
    config::{BatchLimits, Config, Containers, Quarantine, Topic},
    kafka::{Compression, Envelope},
};

use super::{read, values};
use kafka_soar_tests::testbed::{Broker, closed_port, connection, shared};

pub(super) fn config(connection: kafka_soar::config::Connection, topic: &Topic) -> Config {
    Config {
        connection,
        topics: topic.clone().into(),
        parser: kafka_soar::config::ParserSource::Default,
        policy: kafka_soar::config::Policy::default(),
        schema_registry: None,
        group: None,
        parser_settings: "{}".to_owned(),
        timeout: Duration::ZERO,
        read_from_beginning: true,
        batch: BatchLimits::default(),
        limits: kafka_soar::config::ParserLimits::default(),
        containers: Containers::default(),
        quarantine: Quarantine::default(),
        soar: None,
    }
}

fn options(data_type: &str, data: &str, timeout: i64) -> Options {
    Options {
        data_type: data_type.to_owned(),
        data: data.to_owned(),
        topic: None,
        timeout,
        envelope: Envelope::default(),
        compression: Compression::None,
    }
}

fn post(topic: &Topic, data_type: &str, data: &str, timeout: i64) -> Outcome {
    let config = config(shared().connection(), topic);
    post_data::run(&config, &options(data_type, data, timeout)).expect("sent")
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[test]
fn a_string_arrives_as_it_is_and_its_row_says_where() {
    let topic = shared().topic(3);
    let before = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    let text = " größe\n\u{1f600} [1]";
    let outcome = post(&topic, "string", text, 10);
    assert_eq!(outcome.status, "Successfully sent data to Kafka");
    assert_eq!(outcome.failure(), None);
    let [
        row @ Row::Sent {
            timestamp,
            partition,
            ..
        },
    ] = &outcome.rows[..]
    else {
        panic!("{outcome:?}")
    };
    assert!((before..before + 60_000).contains(timestamp));
    let expected = Row::Sent {
        checksum: None,
        offset: 0,
        partition: *partition,
        serialized_key_size: -1,
        serialized_value_size: text.len(),
        timestamp: *timestamp,
        topic: topic.to_string(),
        topic_partition: *partition,
    };
    assert_eq!(row, &expected);

    let batches = read(&topic, BatchLimits::default());
    assert_eq!(values(&batches), [text]);
    let record = batches[0].record(0);
    assert_eq!(record.key, None);
    assert_eq!(record.position.partition, *partition);
    assert_eq!(record.timestamp, *timestamp);
}

#[test]
fn json_is_indented_and_a_list_is_a_message_an_element() {
    let topic = shared().topic(1);
    let outcome = post(
        &topic,
        "JSON",
        r#"[{"b": 1.0, "a": "\u00e9"}, "x", 7, [1]]"#,
        10,
    );
    assert_eq!(outcome.rows.len(), 4);
    let offsets: Vec<i64> = outcome
        .rows
        .iter()
        .map(|row| match row {
            Row::Sent { offset, .. } => *offset,
            Row::Failed { error, .. } => panic!("{error}"),
        })
        .collect();
    assert_eq!(offsets, [0, 1, 2, 3]);
    assert_eq!(
        values(&read(&topic, BatchLimits::default())),
        [
            "{\n    \"b\": 1.0,\n    \"a\": \"é\"\n}",
            "\"x\"",
            "7",
            "[\n    1\n]"
        ]
    );
}

#[test]
fn without_time_out_there_are_no_rows_and_the_data_arrive() {
    let topic = shared().topic(1);
    let outcome = post(&topic, "string", "handed over", 0);
    assert_eq!(outcome.status, "Successfully sent data to Kafka");
    assert!(outcome.rows.is_empty());
    assert_eq!(
        values(&read(&topic, BatchLimits::default())),
        ["handed over"]
    );
}

#[test]
fn many_messages_all_arrive() {
    let topic = shared().topic(3);
    let count = 5_000;
    let list: Vec<usize> = (0..count).collect();
    let outcome = post(&topic, "JSON", &serde_json::to_string(&list).unwrap(), 20);
    assert_eq!((outcome.failed, outcome.rows.len()), (0, count));
    let expected = sorted(list.iter().map(ToString::to_string).collect());
    assert_eq!(
        sorted(values(&read(&topic, BatchLimits::default()))),
        expected
    );
}

#[test]
fn one_message_that_is_refused_fails_alone_and_as_text() {
    let topic = shared().topic(1);
    // The broker takes 10 MiB.
    let giant = "g".repeat(11 << 20);
    let outcome = post(&topic, "JSON", &format!(r#"["small", "{giant}"]"#), 20);
    assert_eq!(outcome.failed, 1);
    assert_eq!(outcome.status, "1 message failed to send, see spawn logs");
    assert_eq!(outcome.failure().unwrap().class, Class::Kafka);
    let [
        Row::Sent { offset: 0, .. },
        Row::Failed {
            message,
            status,
            error,
            ..
        },
    ] = &outcome.rows[..]
    else {
        panic!("{:?}", outcome.status)
    };
    assert_eq!((message.len(), *status), (giant.len() + 2, "failed"));
    assert!(
        error.starts_with("Kafka Producer failed to send message to Kafka server: "),
        "{error}"
    );
    assert!(
        serde_json::to_string(&outcome.rows[1])
            .unwrap()
            .starts_with(r#"{"message":"\"g"#)
    );
    assert_eq!(values(&read(&topic, BatchLimits::default())), ["\"small\""]);
}

#[test]
fn what_can_not_be_sent_is_refused_before_anything_is() {
    let topic = shared().topic(1);
    let config = config(shared().connection(), &topic);
    let refused = |options: &Options| post_data::run(&config, options).expect_err("refused");
    for (options, text) in [
        (options("xml", "x", 1), "Invalid data_type given: xml"),
        (options("string", "x", -1), "Timeout should not be negative"),
        (
            options("JSON", "[]", 1),
            "Got an empty list as message to send. To send an empty list, try '[[]]'",
        ),
        (
            Options {
                topic: Some("no spaces".to_owned()),
                ..options("string", "x", 1)
            },
            "The specified topic contains invalid characters. Topics can only contain numbers, \
             letters, periods, hyphens, and underscores.",
        ),
    ] {
        let failure = refused(&options);
        assert_eq!(
            (failure.class, failure.message.as_str()),
            (Class::Config, text)
        );
    }
    let failure = refused(&options("JSON", "{", 1));
    assert!(
        failure
            .message
            .starts_with("Supplied data could not be decoded as JSON: ")
    );
    assert!(read(&topic, BatchLimits::default()).is_empty());
}

#[test]
fn a_topic_that_the_broker_does_not_make_is_told() {
    let topic: Topic = "nobody-makes-this-topic".parse().unwrap();
    let config = config(shared().connection(), &topic);
    let begun = Instant::now();
    let failure = post_data::run(&config, &options("string", "x", 20)).unwrap_err();
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert!(
        failure
            .message
            .contains("The specified topic could not be found on the Kafka server"),
        "{failure}"
    );
}

#[test]
fn a_cluster_that_is_not_there_is_told_within_seconds() {
    let topic = "t".parse().unwrap();
    let hosts = vec![kafka_soar::config::Host {
        name: "127.0.0.1".to_owned(),
        port: closed_port(),
    }];
    let config = config(connection(hosts), &topic);
    for timeout in [0, 1, 20] {
        let begun = Instant::now();
        let failure = post_data::run(&config, &options("string", "x", timeout)).unwrap_err();
        assert!(
            begun.elapsed() < Duration::from_secs(8),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(failure.class, Class::Kafka);
        assert!(failure.message.contains("Connection refused"), "{failure}");
        assert!(failure.hint.is_some());
    }
}

#[test]
fn a_broker_lost_after_connecting_times_the_message_out() {
    use kafka_soar::kafka::{Outcome, Producer};
    let broker = Broker::start(&[]);
    let topic = broker.topic(1);
    let give_up = Duration::from_secs(2);
    let producer =
        Producer::connect(&broker.connection(), &topic, Compression::None, give_up).unwrap();
    assert!(matches!(
        producer.send(&topic, &["a"], &Envelope::default()).unwrap()[..],
        [Outcome::Delivered(_)]
    ));
    broker.kill();
    let begun = Instant::now();
    let sent = producer.send(&topic, &["b"], &Envelope::default()).unwrap();
    assert!(begun.elapsed() < give_up * 4, "{:?}", begun.elapsed());
    assert!(
        matches!(&sent[..], [Outcome::TimedOut { cause: Some(_) }]),
        "{sent:?}"
    );
}

/// Posts with more than data.
fn post_with(topic: &Topic, data: &str, change: impl FnOnce(&mut Options)) -> Outcome {
    let config = config(shared().connection(), topic);
    let mut options = options("JSON", data, 10);
    change(&mut options);
    post_data::run(&config, &options).expect("sent")
}

fn rows(outcome: &Outcome) -> Vec<(i32, i64, i64)> {
    outcome
        .rows
        .iter()
        .map(|row| match row {
            Row::Sent {
                partition,
                offset,
                serialized_key_size,
                ..
            } => (*partition, *offset, *serialized_key_size),
            Row::Failed { .. } => panic!("{row:?}"),
        })
        .collect()
}

#[test]
fn key_and_headers_arrive() {
    let topic = shared().topic(3);
    let outcome = post_with(&topic, "1", |options| {
        options.envelope.key = Some("schlüssel".to_owned());
        options.envelope.headers = vec![
            ("a".to_owned(), Some("é".to_owned())),
            ("b".to_owned(), None),
            ("a".to_owned(), Some(String::new())),
        ];
    });
    assert_eq!(rows(&outcome)[0].2, 10);
    let batches = read(&topic, BatchLimits::default());
    let record = batches[0].record(0);
    assert_eq!(record.key, Some("schlüssel".as_bytes()));
    let headers: Vec<_> = record.headers.iter().map(|h| (h.name, h.value)).collect();
    assert_eq!(
        headers,
        [
            ("a", Some("é".as_bytes())),
            ("b", None),
            ("a", Some(&b""[..]))
        ]
    );
}

#[test]
fn a_key_goes_where_java_clients_send_it() {
    let topic = shared().topic(4);
    for key in ["a", "b", "key", "soar"] {
        let mine = rows(&post_with(&topic, "1", |options| {
            options.envelope.key = Some(key.to_owned());
        }));
        assert_eq!(mine[0].0, murmur2(key.as_bytes()) % 4, "{key}");
    }
}

/// `Utils.toPositive(Utils.murmur2(key))` of Kafka's Java clients.
fn murmur2(data: &[u8]) -> i32 {
    const M: u32 = 0x5bd1_e995;
    let mut h = 0x9747_b28c ^ u32::try_from(data.len()).unwrap();
    let mut chunks = data.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = u32::from_le_bytes(chunk.try_into().unwrap()).wrapping_mul(M);
        k = (k ^ (k >> 24)).wrapping_mul(M);
        h = h.wrapping_mul(M) ^ k;
    }
    let rest = chunks.remainder();
    for (i, byte) in rest.iter().enumerate() {
        h ^= u32::from(*byte) << (8 * i);
    }
    if !rest.is_empty() {
        h = h.wrapping_mul(M);
    }
    h = (h ^ (h >> 13)).wrapping_mul(M);
    h ^= h >> 15;
    i32::try_from(h & 0x7fff_ffff).unwrap()
}

#[test]
fn a_list_keeps_its_order_whatever_the_topic() {
    let topic = shared().topic(5);
    let list: Vec<usize> = (0..2000).collect();
    let outcome = post_with(&topic, &serde_json::to_string(&list).unwrap(), |_| {});
    let rows = rows(&outcome);
    let (partition, ..) = rows[0];
    let expected: Vec<_> = (0..2000).map(|offset| (partition, offset, -1)).collect();
    assert_eq!(rows, expected);
    let read = values(&read(&topic, BatchLimits::default()));
    assert!(
        read.iter()
            .enumerate()
            .all(|(n, value)| *value == n.to_string())
    );
}

#[test]
fn a_partition_is_chosen_or_told_to_be_missing() {
    let topic = shared().topic(3);
    let outcome = post_with(&topic, "[1, 2]", |options| {
        options.envelope.partition = Some(2);
    });
    assert_eq!(rows(&outcome), [(2, 0, -1), (2, 1, -1)]);
    let mut options = options("string", "x", 10);
    options.envelope.partition = Some(3);
    let failure = post_data::run(&config(shared().connection(), &topic), &options).unwrap_err();
    assert_eq!(failure.class, Class::Config);
    assert_eq!(
        failure.message,
        format!("topic {topic} has no partition 3: its partitions are 0 to 2")
    );
}

#[test]
fn every_codec_is_read_back() {
    let topic = shared().topic(1);
    for compression in Compression::ALL {
        post_with(&topic, "1", |options| options.compression = compression);
    }
    assert_eq!(values(&read(&topic, BatchLimits::default())), ["1"; 5]);
}

#[test]
fn one_that_is_too_large_fails_alone() {
    let topic = shared().topic(1);
    // The testbed's brokers take 10 MiB.
    let list = format!(
        r#"["first", "{}", "last", "and one"]"#,
        "x".repeat(11 << 20)
    );
    let outcome = post_with(&topic, &list, |_| {});
    assert_eq!(outcome.status, "1 message failed to send, see spawn logs");
    let [
        Row::Sent { offset: 0, .. },
        Row::Failed { error, .. },
        Row::Sent { offset: 1, .. },
        Row::Sent { offset: 2, .. },
    ] = &outcome.rows[..]
    else {
        panic!(
            "{:?}",
            outcome
                .rows
                .iter()
                .map(|row| matches!(row, Row::Sent { .. }))
                .collect::<Vec<_>>()
        )
    };
    assert_eq!(
        error,
        "Kafka Producer failed to send message to Kafka server: MessageSizeTooLarge (Broker: \
         Message size too large)"
    );
    let arrived = values(&read(&topic, BatchLimits::default()));
    assert_eq!(arrived, ["\"first\"", "\"last\"", "\"and one\""]);
}
