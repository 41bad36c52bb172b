//! Where a poll begins, and when it is over.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use kafka_soar::{
    config::{BatchLimits, Topic},
    kafka::{Consumer, Deadline, Error},
    model::{Offsets, Start, Watermarks},
    pipeline::plan,
};

use super::{consumer, drain, filled, limited, offsets, soon, values, whole};
use kafka_soar_tests::testbed::{Fixture, shared};

fn by_count(max_messages: usize) -> BatchLimits {
    BatchLimits {
        max_messages,
        ..BatchLimits::default()
    }
}

#[test]
fn a_topic_tells_its_watermarks() {
    let topic = filled(shared(), 2, 7);
    shared().delete_records(&topic, 1, 3);
    let view = consumer().topic(&topic, None).unwrap();
    let marks = |low| Watermarks {
        low,
        stable: 7,
        high: 7,
    };
    assert_eq!(
        view.partitions,
        BTreeMap::from([(0, marks(0)), (1, marks(3))])
    );
}

#[test]
fn a_topic_that_does_not_exist_is_unknown_at_once() {
    let topic: Topic = "there-is-no-such-topic".parse().unwrap();
    let consumer = consumer();
    let begun = Instant::now();
    let error = consumer.topic(&topic, None).unwrap_err();
    assert!(begun.elapsed() < Duration::from_secs(3));
    assert_eq!(
        error.to_string(),
        "The specified topic could not be found on the Kafka server: there-is-no-such-topic"
    );
    assert!(matches!(error, Error::UnknownTopic { .. }));
}

#[test]
fn one_pass_reads_to_the_ends_seen_at_its_start() {
    let topic = filled(shared(), 2, 100);
    let mut consumer = limited(by_count(64));
    let starts = whole(&consumer, &topic);
    // These came after the poll's beginning: the next poll's.
    shared().produce_numbered(&topic, 2, 10);
    consumer.assign(&topic, &starts).unwrap();
    for until in [Deadline::caught_up(), soon()] {
        let begun = Instant::now();
        let batches = drain(&mut consumer, until);
        assert!(begun.elapsed() < Duration::from_secs(10));
        for partition in 0..2 {
            assert_eq!(offsets(&batches, partition), (0..100).collect::<Vec<_>>());
        }
        consumer.assign(&topic, &starts).unwrap();
    }
}

#[test]
fn a_poll_without_time_out_does_not_wait() {
    let topic = filled(shared(), 2, 3);
    let mut consumer = consumer();
    let at_end: Vec<Start> = whole(&consumer, &topic)
        .into_iter()
        .map(|start| Start {
            from: start.end,
            ..start
        })
        .collect();
    consumer.assign(&topic, &at_end).unwrap();
    let begun = Instant::now();
    assert_eq!(
        consumer
            .next_batch(Deadline::after(Duration::ZERO))
            .unwrap(),
        None
    );
    assert!(begun.elapsed() < Duration::from_millis(500));
}

/// Every partition from its end.
fn at_end(consumer: &Consumer, topic: &Topic) -> Vec<Start> {
    let view = consumer.topic(topic, None).unwrap();
    plan::scheduled(&view.partitions, None, false).starts
}

#[test]
fn waiting_takes_no_longer_than_the_time_out() {
    let topic = filled(shared(), 2, 3);
    let mut consumer = consumer();
    let waits = [(topic.clone(), at_end(&consumer, &topic))];
    let begun = Instant::now();
    let timeout = Duration::from_millis(600);
    assert!(!consumer.wait(&waits, Deadline::after(timeout)).unwrap());
    assert!(begun.elapsed() >= timeout && begun.elapsed() < timeout * 4);
}

#[test]
fn waiting_ends_with_a_record_of_any_topic() {
    let topics = [filled(shared(), 2, 3), shared().topic(1)];
    let mut consumer = consumer();
    let waits = topics
        .clone()
        .map(|topic| (topic.clone(), at_end(&consumer, &topic)));
    for (topic, partition) in [(&topics[0], 1), (&topics[1], 0)] {
        let begun = Instant::now();
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(300));
                shared().produce(topic, [Fixture::value(partition, b"late")]);
            });
            assert!(consumer.wait(&waits, soon()).unwrap());
        });
        assert!(begun.elapsed() < Duration::from_secs(10));
    }
    // What woke it is still to be read.
    let starts = &waits[0].1;
    let end = Start {
        end: starts[1].end + 1,
        ..starts[1]
    };
    consumer.assign(&topics[0], &[end]).unwrap();
    let batches = drain(&mut consumer, soon());
    assert_eq!(values(&batches), ["late"]);
    assert_eq!(consumer.reached(), Some(&batches[0].next_offsets()));
}

#[test]
fn a_time_out_ends_a_poll_between_batches_and_never_starves_it() {
    let topic = filled(shared(), 1, 500);
    let mut consumer = limited(by_count(100));
    let starts = whole(&consumer, &topic);
    // A time-out that is over before the first fetch can be answered.
    let mut from = 0;
    for _ in 0..5 {
        let start = Start { from, ..starts[0] };
        consumer.assign(&topic, &[start]).unwrap();
        let batches = drain(&mut consumer, Deadline::after(Duration::from_nanos(1)));
        assert_eq!(batches.len(), 1);
        let next = batches[0].next_offsets()[&0];
        assert_eq!(offsets(&batches, 0), (from..next).collect::<Vec<_>>());
        from = next;
    }
    assert!(from >= 5);
}

#[test]
fn a_stopped_poll_keeps_what_it_has() {
    let topic = filled(shared(), 1, 500);
    let stop = Arc::new(AtomicBool::new(false));
    let mut consumer = limited(by_count(100)).stop_when(stop.clone());
    let starts = whole(&consumer, &topic);
    consumer.assign(&topic, &starts).unwrap();
    let first = consumer.next_batch(Deadline::caught_up()).unwrap().unwrap();
    assert_eq!(first.len(), 100);
    stop.store(true, Ordering::Relaxed);
    assert_eq!(consumer.next_batch(Deadline::caught_up()).unwrap(), None);
}

#[test]
fn a_poll_that_waits_can_be_stopped() {
    let topic = shared().topic(1);
    let stop = Arc::new(AtomicBool::new(false));
    let mut consumer = consumer().stop_when(stop.clone());
    let waits = [(topic.clone(), whole(&consumer, &topic))];
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(200));
            stop.store(true, Ordering::Relaxed);
        });
        assert!(!consumer.wait(&waits, soon()).unwrap());
    });
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_poll_now_gives_the_same_first_records_every_time() {
    let topic = filled(shared(), 3, 40);
    shared().delete_records(&topic, 0, 30);
    let expected: Vec<String> = (30..40)
        .map(|n| format!("0:{n}"))
        .chain((0..40).map(|n| format!("1:{n}")))
        .chain((0..5).map(|n| format!("2:{n}")))
        .collect();
    for limits in [by_count(10_000), by_count(7)] {
        let mut consumer = limited(limits);
        let starts = whole(&consumer, &topic);
        consumer.assign_in_order(&topic, &starts, 55).unwrap();
        assert_eq!(
            values(&drain(&mut consumer, Deadline::caught_up())),
            expected
        );
    }
}

#[test]
fn a_poll_now_of_more_than_there_is_ends_and_does_not_wait() {
    let topic = filled(shared(), 2, 5);
    let mut consumer = consumer();
    let starts = whole(&consumer, &topic);
    consumer.assign_in_order(&topic, &starts, 1000).unwrap();
    let begun = Instant::now();
    assert_eq!(values(&drain(&mut consumer, soon())).len(), 10);
    assert!(begun.elapsed() < Duration::from_secs(5));

    let empty = shared().topic(2);
    let starts = whole(&consumer, &empty);
    consumer.assign_in_order(&empty, &starts, 1).unwrap();
    let begun = Instant::now();
    assert_eq!(consumer.next_batch(soon()).unwrap(), None);
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn what_retention_took_is_counted_and_the_rest_is_read() {
    let topic = filled(shared(), 2, 50);
    let saved = Offsets::from([(0, 10), (1, 20)]);
    shared().delete_records(&topic, 0, 35);
    let mut consumer = consumer();
    let view = consumer.topic(&topic, Some(&saved)).unwrap();
    let plan = plan::scheduled(&view.partitions, Some(&saved), false);
    assert_eq!(plan.lost.len(), 1);
    assert_eq!(plan.lost[0].count(), 25);
    consumer.assign(&topic, &plan.starts).unwrap();
    let batches = drain(&mut consumer, Deadline::caught_up());
    assert_eq!(offsets(&batches, 0), (35..50).collect::<Vec<_>>());
    assert_eq!(offsets(&batches, 1), (20..50).collect::<Vec<_>>());
}

#[test]
fn records_deleted_after_the_plan_end_the_poll_with_an_error() {
    let topic = filled(shared(), 1, 50);
    let mut consumer = consumer();
    let starts = whole(&consumer, &topic);
    shared().delete_records(&topic, 0, 20);
    consumer.assign(&topic, &starts).unwrap();
    let begun = Instant::now();
    let error = consumer.next_batch(Deadline::caught_up()).unwrap_err();
    assert!(matches!(error, Error::OffsetOutOfRange { .. }), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    // The next poll plans anew.
    let starts = whole(&consumer, &topic);
    consumer.assign(&topic, &starts).unwrap();
    let batches = drain(&mut consumer, Deadline::caught_up());
    assert_eq!(offsets(&batches, 0), (20..50).collect::<Vec<_>>());
}

#[test]
fn a_topic_made_anew_is_read_from_its_beginning() {
    let old = filled(shared(), 1, 50);
    shared().delete_topic(&old);
    let topic = filled(shared(), 1, 5);
    let saved = Offsets::from([(0, 50)]);
    let mut consumer = consumer();
    let view = consumer.topic(&topic, Some(&saved)).unwrap();
    let plan = plan::scheduled(&view.partitions, Some(&saved), false);
    assert_eq!(plan.recreated.len(), 1);
    consumer.assign(&topic, &plan.starts).unwrap();
    assert_eq!(
        offsets(&drain(&mut consumer, Deadline::caught_up()), 0),
        [0, 1, 2, 3, 4]
    );
}

#[test]
fn waiting_at_an_end_that_is_none_any_more_calls_for_another_look() {
    let topic = filled(shared(), 1, 3);
    let mut consumer = consumer();
    // As if the topic had been longer, and was made anew since.
    let beyond = Start {
        partition: 0,
        from: 10,
        end: 10,
    };
    let begun = Instant::now();
    assert!(consumer.wait(&[(topic, vec![beyond])], soon()).unwrap());
    assert!(begun.elapsed() < Duration::from_secs(10));
}
