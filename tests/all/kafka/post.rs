//! post data, read back from the broker.

use std::time::{Duration, Instant};

use kafka_soar::{
    actions::{
        Class,
        post_data::{self, Options, Outcome, Row},
    },
    config::{BatchLimits, Config, Topic},
};

use super::{read, values};
use kafka_soar_tests::testbed::{Broker, closed_port, connection, shared};

pub(super) fn config(connection: kafka_soar::config::Connection, topic: &Topic) -> Config {
    Config {
        connection,
        topic: topic.clone(),
        parser: kafka_soar::config::ParserSource::Default,
        parser_settings: "{}".to_owned(),
        timeout: Duration::ZERO,
        read_from_beginning: true,
        batch: BatchLimits::default(),
        limits: kafka_soar::config::ParserLimits::default(),
        container_label: None,
    }
}

fn options(data_type: &str, data: &str, timeout: i64) -> Options {
    Options {
        data_type: data_type.to_owned(),
        data: data.to_owned(),
        topic: None,
        timeout,
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
    let producer = Producer::connect(&broker.connection(), &topic, give_up).unwrap();
    assert!(matches!(
        producer.send(&topic, &["a"])[..],
        [Outcome::Delivered(_)]
    ));
    broker.kill();
    let begun = Instant::now();
    let sent = producer.send(&topic, &["b"]);
    assert!(begun.elapsed() < give_up * 4, "{:?}", begun.elapsed());
    assert!(
        matches!(&sent[..], [Outcome::TimedOut { cause: Some(_) }]),
        "{sent:?}"
    );
}
