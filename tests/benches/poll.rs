//! Poll throughput against the plainest consumption that rdkafka offers, of the same topic on a
//! real broker: `cargo bench --bench poll`.
//!
//! The sides take turns, so that a busy machine troubles all alike. "plain" runs twice a round:
//! how far its two series lie apart is what the other ratios are worth.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use kafka_soar::{
    config::{BatchLimits, Topic},
    kafka::{Consumer, Deadline},
    pipeline::plan,
};
use kafka_soar_tests::testbed::{Broker, Fixture, Sender};
use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
};

/// The product's allocator, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PARTITIONS: i32 = 4;
const MESSAGES: u32 = 1_000_000;
const BYTES: usize = 300;
const ROUNDS: usize = 7;

/// A way to read the topic: its name, and a function that says how long it took.
type Side = (&'static str, fn(&Broker, &Topic) -> Duration);

fn main() {
    let broker = Broker::start(&["--jvm", "bench"]);
    let topic = fill(&broker);
    println!("{MESSAGES} messages of {BYTES} B, {PARTITIONS} partitions, {ROUNDS} rounds:");
    let sides: [Side; 3] = [
        ("plain", plain),
        ("plain again", plain),
        ("kafka-soar batches", batches),
    ];
    // The first round warms the broker's code and the page cache.
    let mut rounds = vec![Vec::new(); sides.len()];
    for round in 0..=ROUNDS {
        for ((_, side), times) in sides.iter().zip(&mut rounds) {
            let took = side(&broker, &topic);
            if round > 0 {
                times.push(took);
            }
        }
    }
    let base = median(&rounds[0]);
    for ((name, _), times) in sides.iter().zip(&rounds) {
        let median = median(times);
        let rate = f64::from(MESSAGES) / median.as_secs_f64();
        println!(
            "  {name:20} median {:5.0} ms ({:4.0} to {:4.0})  {rate:9.0} messages/s  {:.2} x plain",
            millis(median),
            millis(*times.iter().min().expect("rounds")),
            millis(*times.iter().max().expect("rounds")),
            base.as_secs_f64() / median.as_secs_f64(),
        );
    }
}

fn fill(broker: &Broker) -> Topic {
    let topic = broker.topic(PARTITIONS);
    let sender = Sender::new(broker, &[("linger.ms", "20")]);
    let value = [b'x'; BYTES];
    let records = (0..MESSAGES).map(|n| {
        let partition = i32::try_from(n).expect("few") % PARTITIONS;
        Fixture::value(partition, &value)
    });
    sender.send(&topic, records);
    sender.settle();
    topic
}

/// `BaseConsumer::poll` until every record has been seen, with librdkafka's defaults but for the
/// backoff, which would measure nothing but itself.
fn plain(broker: &Broker, topic: &Topic) -> Duration {
    let begun = Instant::now();
    let consumer: BaseConsumer = broker
        .client()
        .set("group.id", "plain")
        .set("enable.auto.commit", "false")
        .set("fetch.queue.backoff.ms", "10")
        .create()
        .expect("a consumer");
    let mut list = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        list.add_partition_offset(topic.as_str(), partition, Offset::Offset(0))
            .expect("an offset");
    }
    consumer.assign(&list).expect("assigned");
    let mut seen = 0;
    while seen < MESSAGES {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                black_box(message.payload());
                seen += 1;
            }
            Some(Err(error)) => panic!("{error}"),
            None => {}
        }
    }
    begun.elapsed()
}

/// What a poll does before it parses: watermarks, plan, batches.
fn batches(broker: &Broker, topic: &Topic) -> Duration {
    let begun = Instant::now();
    let limits = BatchLimits::default();
    let mut consumer = Consumer::connect(&broker.connection(), limits).expect("connected");
    let view = consumer.topic(topic, None).expect("a topic");
    let plan = plan::scheduled(&view.partitions, None, true);
    consumer.assign(topic, &plan.starts).expect("assigned");
    let mut seen = 0;
    while let Some(batch) = consumer.next_batch(Deadline::caught_up()).expect("a batch") {
        seen += black_box(batch).len();
    }
    assert_eq!(u32::try_from(seen), Ok(MESSAGES));
    begun.elapsed()
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    times[times.len() / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
