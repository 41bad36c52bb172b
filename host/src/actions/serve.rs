//! `serve`: follows topics as a member of a consumer group, for as long as it is let.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant as Clock},
};

use super::{
    Class, Failure,
    delivery::{Place, Refuge, policy},
    on_poll::{Outcome, Progress, Summary, failure, remark},
    parsers::{self, Parsers},
};
use crate::{
    config::{Config, Topic},
    kafka::{Group, GroupOptions, Planner},
    model::Provenance,
    pipeline::{self, Ports, plan},
    ports::{Deliver, Parse},
    schema::{Decoder, Registry},
};

/// How long a batch waits for more records when the asset's `timeout` is 0.
const LINGER: Duration = Duration::from_secs(1);

/// What is asked for, beside the asset's configuration.
#[derive(Debug)]
pub struct Options {
    /// Where messages go that can't be handled, if the asset names no dead-letter topic.
    pub quarantine: PathBuf,
    /// Set from outside to end it after the current batch.
    pub stop: Arc<AtomicBool>,
}

/// Reads, parses and delivers until the stop flag is set. The group keeps the offsets.
///
/// # Errors
///
/// [`Failure`] with what stopped it. Everything delivered and settled before stays so; whoever
/// reads next in the group goes on from there.
pub fn run(
    config: &Config,
    options: &Options,
    deliver: &mut dyn Deliver,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Outcome, Failure> {
    let begun = Clock::now();
    let Some(group) = &config.group else {
        return Err(
            Failure::new(Class::Config, "group_id: this field is required by serve")
                .hint("name the consumer group that keeps the offsets"),
        );
    };
    let mut parser = Parsers::load(config)?;
    let timeout = config.timeout;
    let member = GroupOptions {
        group: group.clone(),
        topics: config.topics.clone(),
        limits: config.batch,
        linger: if timeout.is_zero() { LINGER } else { timeout },
    };
    let plan = planner(config.read_from_beginning);
    let mut source = Group::join(&config.connection, member, plan, options.stop.clone())?;
    let provenance = Provenance {
        cluster_id: source.cluster_id()?,
        attempt: 1,
    };
    let clock = parsers::now;
    let policy = policy(config, &provenance.cluster_id, &clock);
    let name = parser.name().to_owned();
    let mut decoder;
    let parse: &mut dyn Parse = match &config.schema_registry {
        None => &mut parser,
        Some(registry) => {
            decoder = Decoder::new(Registry::new(registry), &mut parser);
            &mut decoder
        }
    };
    let place = Place::of(config, &options.quarantine);
    let ports = Ports {
        source: &mut source,
        parser: parse,
        deliver,
        quarantine: &mut Refuge::at(&place, config, provenance.clone()),
    };
    let run = pipeline::run(ports, &policy, &mut |summary| {
        progress(&Progress::new(summary, 0));
    });
    drop(source);
    let used = parser.stats();
    let counts = run.map_err(|halt| failure(&halt, &name))?;
    if counts.quarantined > 0 {
        tracing::warn!(
            "{} message(s) that can't be handled are in {place}, with the reasons; see kafka-soar \
             quarantine --help",
            counts.quarantined
        );
    }
    Ok(Outcome::new(
        Summary {
            counts,
            seconds: begun.elapsed().as_secs_f64(),
            parser_seconds: used.time.as_secs_f64(),
            parser_peak_memory: used.peak_memory as u64,
            ..Summary::default()
        },
        options.stop.load(Ordering::Relaxed),
    ))
}

/// Partitions are read from where the group has committed, as polls go on from a state.
fn planner(from_beginning: bool) -> Planner {
    Box::new(move |topic, view, saved| {
        let plan = plan::scheduled(view, saved, from_beginning);
        if let Ok(topic) = topic.parse::<Topic>() {
            remark(&plan, &topic);
        }
        plan.starts
    })
}
