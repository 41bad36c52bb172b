//! Brokers that are not there, and one that goes and comes back.

use std::{
    net::TcpListener,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use kafka_soar::{
    config::{BatchLimits, Connection, Host, Kerberos, Sasl, Security, Tls},
    kafka::{Consumer, Deadline, Error, Stage},
    pipeline::plan,
};

use super::{drain, filled, offsets, whole};
use kafka_soar_tests::testbed::{Broker, closed_port, connection, shared};

fn localhost(port: u16) -> Host {
    Host {
        name: "127.0.0.1".to_owned(),
        port,
    }
}

fn refused(connection: &Connection) -> Error {
    Consumer::connect(connection, BatchLimits::default())
        .err()
        .expect("no connection")
}

#[test]
fn hosts_that_refuse_or_have_no_address_are_told_apart_within_seconds() {
    let closed = localhost(closed_port());
    let nameless = Host {
        name: "no-such-host.invalid".to_owned(),
        port: 9092,
    };
    let begun = Instant::now();
    let error = refused(&connection(vec![closed.clone(), nameless.clone()]));
    assert!(
        begun.elapsed() < Duration::from_secs(15),
        "{:?}",
        begun.elapsed()
    );
    let Error::Unreachable(causes) = &error else {
        panic!("{error:?}")
    };
    let cause = |host: &Host| {
        let name = Some(host.to_string());
        causes
            .iter()
            .find(|cause| cause.host == name)
            .expect("a cause")
    };
    assert!(
        cause(&closed).text.contains("Connection refused"),
        "{error}"
    );
    assert_eq!(cause(&nameless).stage, Stage::Resolve, "{error}");
    assert!(
        error
            .to_string()
            .starts_with("no Kafka server could be reached:\n  ")
    );
}

#[test]
fn one_host_that_refuses_is_told_within_seconds() {
    let begun = Instant::now();
    let error = refused(&connection(vec![localhost(closed_port())]));
    assert!(
        begun.elapsed() < Duration::from_secs(6),
        "{:?}",
        begun.elapsed()
    );
    assert!(error.to_string().contains("Connection refused"), "{error}");
}

#[test]
fn a_host_that_never_answers_is_given_up_in_time() {
    // It accepts connections, and that is all.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = localhost(silent.local_addr().unwrap().port());
    let begun = Instant::now();
    let within = Duration::from_secs(3);
    let limits = BatchLimits::default();
    let error = Consumer::connect_within(&connection(vec![host.clone()]), limits, within)
        .err()
        .expect("no connection");
    assert!(begun.elapsed() < within * 2, "{:?}", begun.elapsed());
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
    assert!(error.to_string().contains(&host.to_string()), "{error}");
}

#[test]
fn a_dead_host_among_live_ones_does_not_keep_a_poll_from_reading() {
    let topic = filled(shared(), 1, 10);
    for hosts in [
        vec![localhost(closed_port()), shared().host()],
        vec![shared().host(), localhost(closed_port())],
    ] {
        let mut consumer =
            Consumer::connect(&connection(hosts), BatchLimits::default()).expect("connected");
        let starts = whole(&consumer, &topic);
        consumer.assign(&topic, &starts).unwrap();
        let batches = drain(&mut consumer, Deadline::caught_up());
        assert_eq!(offsets(&batches, 0), (0..10).collect::<Vec<_>>());
    }
}

#[test]
fn a_plaintext_port_is_no_tls_port() {
    let begun = Instant::now();
    let error = refused(&Connection {
        hosts: vec![shared().host()],
        security: Security {
            tls: Some(Tls::default()),
            sasl: None,
        },
    });
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    assert!(matches!(error, Error::Tls(_)), "{error:?}");
    assert!(error.to_string().contains("without TLS"), "{error}");
}

#[test]
fn a_listener_without_kerberos_is_told_at_once() {
    let connection = Connection {
        hosts: vec![shared().host()],
        security: Security {
            tls: None,
            sasl: Some(Sasl::Gssapi(Kerberos {
                service_name: "kafka".to_owned(),
                keytab: None,
            })),
        },
    };
    let begun = Instant::now();
    let error = refused(&connection);
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
    assert!(matches!(error, Error::Authentication(_)), "{error:?}");
    assert!(
        error.to_string().contains("the listener has no SASL"),
        "{error}"
    );
}

#[test]
fn a_poll_outlives_its_broker_and_loses_nothing() {
    const COUNT: usize = 60_000;
    let broker = Broker::start(&[]);
    let topic = filled(&broker, 2, COUNT);
    let limits = BatchLimits {
        max_messages: 1000,
        ..BatchLimits::default()
    };
    let mut consumer = Consumer::connect(&broker.connection(), limits).unwrap();
    let starts = whole(&consumer, &topic);
    consumer.assign(&topic, &starts).unwrap();
    let mut batches = vec![consumer.next_batch(Deadline::caught_up()).unwrap().unwrap()];
    let (dead, is_dead) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            broker.kill();
            dead.send(()).unwrap();
            broker.up();
        });
        is_dead.recv().unwrap();
        batches.extend(drain(&mut consumer, Deadline::caught_up()));
    });
    let count = i64::try_from(COUNT).unwrap();
    for partition in 0..2 {
        assert_eq!(offsets(&batches, partition), (0..count).collect::<Vec<_>>());
    }
}

#[test]
fn a_broker_that_stays_away_ends_the_poll_after_what_it_gave() {
    const COUNT: usize = 100_000;
    let broker = Broker::start(&[]);
    let topic = filled(&broker, 1, COUNT);
    let limits = BatchLimits {
        max_messages: 1000,
        ..BatchLimits::default()
    };
    let standstill = Duration::from_secs(2);
    let mut consumer = Consumer::connect(&broker.connection(), limits)
        .unwrap()
        .standstill(standstill);
    let starts = whole(&consumer, &topic);
    consumer.assign(&topic, &starts).unwrap();
    let mut batches = vec![consumer.next_batch(Deadline::caught_up()).unwrap().unwrap()];
    broker.kill();
    let begun = Instant::now();
    let error = loop {
        match consumer.next_batch(Deadline::caught_up()) {
            Ok(Some(batch)) => batches.push(batch),
            Ok(None) => panic!("the poll can't have caught up"),
            Err(error) => break error,
        }
    };
    assert!(begun.elapsed() >= standstill && begun.elapsed() < standstill * 5);
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(error.to_string().contains(broker.bootstrap()), "{error}");
    let read = offsets(&batches, 0);
    let count = i64::try_from(read.len()).unwrap();
    assert_eq!(read, (0..count).collect::<Vec<_>>());

    // The next poll goes on where this one stopped.
    broker.up();
    let mut consumer = Consumer::connect(&broker.connection(), limits).unwrap();
    let saved = [(0, count)].into();
    let view = consumer.topic(&topic, Some(&saved)).unwrap();
    let next = plan::scheduled(&view.partitions, Some(&saved), false);
    consumer.assign(&topic, &next.starts).unwrap();
    let rest = drain(&mut consumer, Deadline::caught_up());
    let all = i64::try_from(COUNT).unwrap();
    assert_eq!(offsets(&rest, 0), (count..all).collect::<Vec<_>>());
}

#[test]
fn a_poll_that_waits_in_vain_for_a_lost_broker_says_so() {
    let broker = Broker::start(&[]);
    let topic = broker.topic(1);
    let mut consumer = Consumer::connect(&broker.connection(), BatchLimits::default()).unwrap();
    let waits = [(topic.clone(), whole(&consumer, &topic))];
    broker.kill();
    let begun = Instant::now();
    let error = consumer
        .wait(&waits, Deadline::after(Duration::from_secs(1)))
        .unwrap_err();
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
}
