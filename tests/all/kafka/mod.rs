//! Kafka against a real broker.

mod batches;
mod connectivity;
mod outages;
mod polls;
mod post;
mod raw;
pub(crate) mod transactions;

use std::time::Duration;

use kafka_soar::{
    config::{BatchLimits, Topic},
    kafka::{Consumer, Deadline},
    model::{Batch, Start},
    pipeline::plan,
};

use kafka_soar_tests::testbed::{self, Broker};

/// A consumer of the shared broker, with the default limits.
fn consumer() -> Consumer {
    limited(BatchLimits::default())
}

fn limited(limits: BatchLimits) -> Consumer {
    Consumer::connect(&testbed::shared().connection(), limits).expect("connected")
}

/// Every partition from its beginning to its present end.
fn whole(consumer: &Consumer, topic: &Topic) -> Vec<Start> {
    let view = consumer.topic(topic, None).expect("a topic");
    plan::poll_now(&view.partitions)
}

/// Reads until the poll is over.
fn drain(consumer: &mut Consumer, until: Deadline) -> Vec<Batch> {
    std::iter::from_fn(|| consumer.next_batch(until).expect("a batch or the end")).collect()
}

/// Everything that `topic` has, in one pass.
fn read(topic: &Topic, limits: BatchLimits) -> Vec<Batch> {
    let mut consumer = limited(limits);
    let starts = whole(&consumer, topic);
    consumer.assign(topic, &starts).expect("assigned");
    drain(&mut consumer, Deadline::caught_up())
}

/// The values of all records, as text, in the order in which they were read.
fn values(batches: &[Batch]) -> Vec<String> {
    batches
        .iter()
        .flat_map(|batch| (0..batch.len()).map(|i| batch.values().get(i)))
        .map(|value| String::from_utf8(value.expect("a value").to_vec()).expect("text"))
        .collect()
}

/// The offsets read from one partition.
fn offsets(batches: &[Batch], partition: i32) -> Vec<i64> {
    batches
        .iter()
        .flat_map(|batch| (0..batch.len()).map(|i| batch.position(i)))
        .filter(|position| position.partition == partition)
        .map(|position| position.offset)
        .collect()
}

fn filled(broker: &Broker, partitions: i32, count: usize) -> Topic {
    let topic = broker.topic(partitions);
    broker.produce_numbered(&topic, partitions, count);
    topic
}

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}
