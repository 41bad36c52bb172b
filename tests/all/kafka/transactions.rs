//! Only committed records count, and what hides behind a transaction holds nothing up.

use std::time::{Duration, Instant};

use kafka_soar::{
    config::{BatchLimits, Topic},
    kafka::Deadline,
    model::{Offsets, Start},
    pipeline::plan,
};
use rdkafka::producer::Producer;

use super::{consumer, drain, offsets, read, soon, values, whole};
use kafka_soar_tests::testbed::{Fixture, PATIENCE, Sender, shared};

/// A producer with transactions of its own, ready for the first.
pub(crate) fn transactional(topic: &Topic) -> Sender {
    let sender = Sender::new(shared(), &[("transactional.id", topic.as_str())]);
    sender.client().init_transactions(PATIENCE).expect("ready");
    sender
}

pub(crate) fn write(sender: &Sender, topic: &Topic, texts: &[&str]) {
    sender.client().begin_transaction().expect("begun");
    sender.send(
        topic,
        texts.iter().map(|text| Fixture::value(0, text.as_bytes())),
    );
    sender.settle();
}

pub(crate) fn commit(sender: &Sender, topic: &Topic) {
    sender
        .client()
        .commit_transaction(PATIENCE)
        .expect("committed");
    shared().transactions_end(topic, 0);
}

pub(crate) fn abort(sender: &Sender, topic: &Topic) {
    sender
        .client()
        .abort_transaction(PATIENCE)
        .expect("aborted");
    shared().transactions_end(topic, 0);
}

#[test]
fn aborted_records_are_never_seen() {
    let topic = shared().topic(1);
    let sender = transactional(&topic);
    write(&sender, &topic, &["a", "b"]);
    commit(&sender, &topic);
    write(&sender, &topic, &["no", "never"]);
    abort(&sender, &topic);
    write(&sender, &topic, &["c"]);
    commit(&sender, &topic);
    let batches = read(&topic, BatchLimits::default());
    assert_eq!(values(&batches), ["a", "b", "c"]);
    // Two records and a marker, twice.
    assert_eq!(offsets(&batches, 0), [0, 1, 6]);
}

#[test]
fn markers_and_aborted_records_at_the_end_do_not_hold_a_poll_up() {
    let topic = shared().topic(1);
    let sender = transactional(&topic);
    write(&sender, &topic, &["a"]);
    commit(&sender, &topic);
    write(&sender, &topic, &["no"]);
    abort(&sender, &topic);
    let mut consumer = consumer();
    let starts = whole(&consumer, &topic);
    assert_eq!(starts[0].end, 4);
    consumer.assign(&topic, &starts).unwrap();
    let begun = Instant::now();
    assert_eq!(values(&drain(&mut consumer, soon())), ["a"]);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_poll_that_finds_only_markers_waits_for_a_record() {
    let topic = shared().topic(1);
    let sender = transactional(&topic);
    write(&sender, &topic, &["a"]);
    commit(&sender, &topic);
    let mut consumer = consumer();
    let starts = whole(&consumer, &topic);
    let marker = Start {
        from: 1,
        ..starts[0]
    };
    assert_eq!(marker.end, 2);

    consumer.assign(&topic, &[marker]).unwrap();
    assert_eq!(consumer.next_batch(Deadline::caught_up()).unwrap(), None);

    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(300));
            write(&sender, &topic, &["b"]);
            commit(&sender, &topic);
        });
        let waits = [(topic.clone(), vec![marker])];
        assert!(consumer.wait(&waits, soon()).unwrap());
    });
    let starts = whole(&consumer, &topic);
    let rest = Start {
        from: 1,
        ..starts[0]
    };
    consumer.assign(&topic, &[rest]).unwrap();
    let batches = drain(&mut consumer, Deadline::caught_up());
    assert_eq!(values(&batches), ["b"]);
}

#[test]
fn an_open_transaction_ends_the_poll_and_its_records_come_later() {
    let topic = shared().topic(1);
    shared().produce(&topic, [Fixture::value(0, b"before")]);
    let sender = transactional(&topic);
    write(&sender, &topic, &["inside"]);
    shared().produce(&topic, [Fixture::value(0, b"after")]);

    let mut consumer = consumer();
    let starts = whole(&consumer, &topic);
    assert_eq!((starts[0].from, starts[0].end), (0, 1));
    consumer.assign(&topic, &starts).unwrap();
    let begun = Instant::now();
    let batches = drain(&mut consumer, soon());
    assert_eq!(values(&batches), ["before"]);
    assert!(begun.elapsed() < Duration::from_secs(5));

    commit(&sender, &topic);
    let saved = batches[0].next_offsets();
    let view = consumer.topic(&topic, Some(&saved)).unwrap();
    let plan = plan::scheduled(&view.partitions, Some(&saved), false);
    consumer.assign(&topic, &plan.starts).unwrap();
    assert_eq!(values(&drain(&mut consumer, soon())), ["inside", "after"]);
}

#[test]
fn an_offset_saved_within_an_open_transaction_stays_valid() {
    let topic = shared().topic(1);
    shared().produce(&topic, [Fixture::value(0, b"before")]);
    let sender = transactional(&topic);
    write(&sender, &topic, &["inside"]);
    // What a reader of uncommitted records has saved: the original connector is one.
    let saved = Offsets::from([(0, 2)]);
    let mut consumer = consumer();
    let view = consumer.topic(&topic, Some(&saved)).unwrap();
    let marks = view.partitions[&0];
    assert_eq!((marks.stable, marks.high), (1, 2));
    let plan = plan::scheduled(&view.partitions, Some(&saved), false);
    assert!(plan.recreated.is_empty());
    assert_eq!(plan.starts[0].from, 2);
    consumer.assign(&topic, &plan.starts).unwrap();
    assert_eq!(consumer.next_batch(Deadline::caught_up()).unwrap(), None);
    abort(&sender, &topic);
}
