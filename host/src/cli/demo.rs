//! `kafka-soar demo`

use super::{end::End, polling::Output, signals::Signals, terminal::Terminal};
use crate::{
    actions::{self, Failure, demo::Stage},
    config::Policy,
};

/// What to try after the demo.
const NEXT: &[&str] = &[
    "",
    "What to try next:",
    "  kafka-soar demo --json | head -1              the first container as SOAR gets it",
    "  kafka-soar on-poll --help                     poll a topic of yours",
    "  kafka-soar test-connectivity --config FILE    check a cluster, a topic and a parser",
    "  kafka-soar parser inspect FILE.wasm           see what a parser could reach",
];

/// Show the whole way on sample events, without a Kafka cluster
///
/// Starts the broker that is embedded in librdkafka inside this process, fills a topic with
/// sample security events, and polls them through the default parser.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar demo
  kafka-soar demo --json | jq .container.name")]
pub(super) struct Demo {}

impl Demo {
    #[expect(clippy::unused_self, reason = "commands are called alike")]
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let signals = Signals::catch()?;
        let options = actions::demo::Options {
            stop: signals.stop(),
            policy: policy.clone(),
        };
        let mut staged = |stage: &Stage| {
            terminal.remark(&format!(
                "embedded broker at {}: {} events of {} kinds produced to topic {} in {:.2} s",
                stage.broker,
                stage.events,
                stage.kinds.len(),
                stage.topic,
                stage.seconds
            ));
            let kinds: Vec<String> = stage
                .kinds
                .iter()
                .map(|(name, events)| {
                    format!("{events} {}", name.split('.').next().unwrap_or(name))
                })
                .collect();
            terminal.remark(&format!("  {}", kinds.join(", ")));
        };
        let end = Output::open(terminal, None)?.poll(terminal, &signals, |deliver, progress| {
            actions::demo::run(&options, deliver, &mut staged, progress)
        })?;
        if matches!(end, End::Done) {
            for line in NEXT {
                terminal.remark(line);
            }
        }
        Ok(end)
    }
}
