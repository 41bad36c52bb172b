//! `demo`: the whole way, from events in a topic to containers, on this machine alone.

mod samples;

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use super::{
    Class, Failure,
    on_poll::{self, Mode, Outcome, Progress},
};
use crate::{
    config::{BatchLimits, Config, Containers, ParserSource, Policy, Quarantine, Topic},
    kafka::{Compression, EmbeddedBroker, Envelope, Outcome as Sent, Producer},
    ports::Deliver,
};

const TOPIC: &str = "security-events";
const PARTITIONS: i32 = 4;

/// The broker is in this process: it answers at once or never.
const GIVE_UP: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Options {
    pub stop: Arc<AtomicBool>,
    /// What parsers may do on this host; the demo's as well.
    pub policy: Policy,
}

/// What the demo did before it polled.
#[derive(Debug, Clone)]
pub struct Stage {
    pub broker: String,
    pub topic: String,
    /// File name of a sample and number of its events.
    pub kinds: Vec<(&'static str, usize)>,
    pub events: usize,
    /// Starting the broker and producing the events.
    pub seconds: f64,
}

/// Starts the embedded broker, produces the sample events and polls them through the default
/// parser into `deliver`. `staged` hears of the first half before the second begins.
///
/// # Errors
///
/// As [`on_poll::run`]; and when the broker can't be started, which needs a free port on
/// loopback.
#[expect(clippy::missing_panics_doc, reason = "the topic's name is legal")]
pub fn run(
    options: &Options,
    deliver: &mut dyn Deliver,
    staged: &mut dyn FnMut(&Stage),
    progress: &mut dyn FnMut(&Progress),
) -> Result<Outcome, Failure> {
    let begun = Instant::now();
    let topic: Topic = TOPIC.parse().expect("a legal name");
    let broker = EmbeddedBroker::start(&topic, PARTITIONS)?;
    let connection = broker.connection();
    let events: Vec<&str> = samples::events().collect();
    let producer = Producer::connect(&connection, &topic, Compression::None, GIVE_UP)?;
    let refused = producer
        .send(&topic, &events, &Envelope::default())?
        .into_iter()
        .find(|sent| !matches!(sent, Sent::Delivered(_)));
    if let Some(refused) = refused {
        return Err(Failure::new(
            Class::Kafka,
            format!("the embedded broker did not take an event: {refused:?}"),
        ));
    }
    staged(&Stage {
        broker: connection.hosts[0].to_string(),
        topic: TOPIC.into(),
        kinds: samples::kinds().collect(),
        events: events.len(),
        seconds: begun.elapsed().as_secs_f64(),
    });
    let config = Config {
        connection,
        topics: topic.into(),
        parser: ParserSource::Default,
        policy: options.policy.clone(),
        schema_registry: None,
        group: None,
        parser_settings: "{}".into(),
        timeout: Duration::ZERO,
        read_from_beginning: true,
        batch: BatchLimits::default(),
        limits: options.policy.default_limits(),
        containers: Containers::default(),
        quarantine: Quarantine::default(),
        soar: None,
    };
    let poll = on_poll::Options {
        state: None,
        // Every sample is UTF-8 text, so the default parser rejects none.
        quarantine: PathBuf::from("kafka-soar-quarantine.ndjson"),
        mode: Mode::Scheduled,
        recording: None,
        stop: Arc::clone(&options.stop),
    };
    let outcome = on_poll::run(&config, &poll, deliver, progress)?;
    drop(broker);
    Ok(outcome)
}
