//! `test connectivity`: looks at everything that a poll needs, and says which part is missing.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::sample;
use crate::{
    config::{Config, Host, ParserSource, Topic},
    kafka::{Cluster, ClusterView, Consumer, Error, Reached, Stage, reach},
};

/// No test takes longer, whatever the network does with what is sent; the parser's check comes
/// on top, with the parser's own limits. What each part may take of it:
pub const BOUND: Duration = Duration::from_secs(20);
const HOSTS: Duration = Duration::from_secs(4);
const CLUSTER: Duration = Duration::from_secs(6);
const BROKERS: Duration = Duration::from_secs(3);
const TOPIC: Duration = Duration::from_secs(3);
/// Reading asks four questions and fetches: each of the five gets a fifth of what is left.
const READ_STEPS: u32 = 5;

const PASSED: &str = "Test Connectivity Passed";
const FAILED: &str = "Test Connectivity Failed";

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: String,
    pub ok: bool,
    /// What was found, or the cause.
    pub detail: String,
    /// What to do about it.
    pub remedy: Option<String>,
    pub millis: u64,
}

/// All checks in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub checks: Vec<Check>,
    pub passed: bool,
    /// The action's status text.
    pub status: &'static str,
}

/// Runs the action: every host, the cluster, its brokers, the topic and its leaders, a fetch
/// from it, and the parser. One host that can't be reached fails the test even if the others
/// can.
///
/// `progress` gets the lines for the person who waits, each check's as soon as it is known.
pub fn run(config: &Config, progress: &mut dyn FnMut(&str)) -> Outcome {
    let mut test = Test {
        begun: Instant::now(),
        checks: Vec::new(),
        progress,
    };
    test.say("Creating a temporary consumer to test connectivity");
    test.kafka(config);
    if let ParserSource::Component { name, .. } = &config.parser {
        test.say(&format!("Checking custom message parsing script - {name}"));
    }
    let begun = Instant::now();
    let parser = sample::try_out(config).map_err(|failure| (failure.message, failure.hint));
    test.record("parser", begun, parser);

    let passed = test.checks.iter().all(|check| check.ok);
    let status = if passed { PASSED } else { FAILED };
    test.say(status);
    Outcome {
        checks: test.checks,
        passed,
        status,
    }
}

/// What was found, or the cause and the remedy.
type Found = Result<String, (String, Option<String>)>;

struct Test<'a> {
    begun: Instant,
    checks: Vec<Check>,
    progress: &'a mut dyn FnMut(&str),
}

impl Test<'_> {
    fn kafka(&mut self, config: &Config) {
        let connection = &config.connection;
        let some = self.hosts(&connection.hosts, HOSTS, "host");
        let begun = Instant::now();
        if some == 0 {
            let cause = "not tried, because no host can be reached".to_owned();
            self.record("cluster", begun, Err((cause, None)));
            return;
        }
        let cluster = Cluster::new(connection, self.share(CLUSTER));
        let view = cluster.and_then(|cluster| {
            let view = cluster.view(&config.topic)?;
            Ok((cluster, view))
        });
        let (cluster, view) = match view {
            Ok(found) => found,
            Err(error) => {
                self.record("cluster", begun, Err(said(&error)));
                return;
            }
        };
        self.record("cluster", begun, Ok(described(&view)));
        if some < connection.hosts.len() {
            self.say(
                "Connection to Kafka cluster successful, but connection to some hosts failed. \
                 See above.",
            );
        }
        self.brokers(&connection.hosts, &view);
        let begun = Instant::now();
        let topic = cluster.within(self.share(TOPIC)).partitions(&config.topic);
        let exists = topic.is_ok();
        let leaders = topic.map_err(|error| said(&error)).and_then(|partitions| {
            let orphans = partitions.iter().filter(|(_, leader)| leader.is_none());
            let orphans: Vec<i32> = orphans.map(|(&id, _)| id).collect();
            leaders(&config.topic, partitions.len(), &orphans)
        });
        self.record(&format!("topic {}", config.topic), begun, leaders);
        if exists {
            self.read(config);
        }
    }

    /// Checks that each host accepts connections; how many do.
    fn hosts(&mut self, hosts: &[Host], within: Duration, name: &str) -> usize {
        let within = self.share(within);
        let begun = Instant::now();
        match reach(hosts, within) {
            Ok(reached) => reached
                .into_iter()
                .filter(|reached| self.host(name, reached))
                .count(),
            Err(error) => {
                self.record(name, begun, Err((error.to_string(), None)));
                0
            }
        }
    }

    fn host(&mut self, name: &str, reached: &Reached) -> bool {
        let host = &reached.host;
        let found = match &reached.outcome {
            Ok(address) => Ok(format!("{address} accepts connections")),
            Err(cause) => {
                let refused = cause.text.contains("refused");
                let usual = ". This is usually caused by the Kafka server not running or the port \
                             being closed";
                let usual = if refused { usual } else { "" };
                self.say(&format!(
                    "Could not connect to Kafka on {host} due to:\n{}{usual}",
                    cause.text
                ));
                let remedy = match cause.stage {
                    Stage::Resolve => "check the name in hosts, and this machine's name servers",
                    _ if refused => "start Kafka there, or correct the port in hosts",
                    _ => "check the firewalls between here and there",
                };
                Err((cause.text.clone(), Some(remedy.to_owned())))
            }
        };
        let ok = found.is_ok();
        self.push(&format!("{name} {host}"), reached.took, found);
        ok
    }

    /// Records are fetched from the names that brokers advertise, not from the asset's hosts.
    fn brokers(&mut self, hosts: &[Host], view: &ClusterView) {
        let advertised: Vec<Host> = view
            .brokers
            .iter()
            .map(|broker| broker.host.clone())
            .filter(|host| !hosts.contains(host))
            .collect();
        if !advertised.is_empty() {
            self.hosts(&advertised, BROKERS, "broker");
        }
    }

    fn read(&mut self, config: &Config) {
        let begun = Instant::now();
        let within = self.share(BOUND) / READ_STEPS;
        let read = Consumer::connect_within(&config.connection, config.batch, within)
            .and_then(|mut consumer| consumer.can_read(&config.topic));
        let found = read
            .map(|()| "a fetch from the end of the topic was answered".to_owned())
            .map_err(|error| said(&error));
        self.record("read", begun, found);
    }

    /// `most`, or what is left of the test's time.
    fn share(&self, most: Duration) -> Duration {
        let left = BOUND.saturating_sub(self.begun.elapsed());
        most.min(left).max(Duration::from_millis(100))
    }

    fn say(&mut self, line: &str) {
        (self.progress)(line);
    }

    fn record(&mut self, name: &str, begun: Instant, found: Found) {
        self.push(name, begun.elapsed(), found);
    }

    fn push(&mut self, name: &str, took: Duration, found: Found) {
        let ok = found.is_ok();
        let (detail, remedy) = found.map_or_else(|(cause, hint)| (cause, hint), |it| (it, None));
        self.checks.push(Check {
            name: name.to_owned(),
            ok,
            detail,
            remedy,
            millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
    }
}

fn said(error: &Error) -> (String, Option<String>) {
    (error.to_string(), Some(error.remedy().to_owned()))
}

fn described(view: &ClusterView) -> String {
    let brokers: Vec<String> = view
        .brokers
        .iter()
        .map(|broker| format!("{} ({})", broker.host, broker.id))
        .collect();
    format!("cluster {}, brokers {}", view.id, brokers.join(", "))
}

fn leaders(topic: &Topic, partitions: usize, orphans: &[i32]) -> Found {
    if orphans.is_empty() {
        let s = if partitions == 1 { "" } else { "s" };
        return Ok(format!("{partitions} partition{s}, each with a leader"));
    }
    let remedy = "bring the brokers back that hold these partitions (kafka-topics.sh --describe \
                  --unavailable-partitions)";
    Err((
        format!(
            "partitions {orphans:?} of topic {topic} have no leader: nothing can be read there"
        ),
        Some(remedy.to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_without_leader_is_named() {
        let topic: Topic = "t".parse().unwrap();
        assert_eq!(
            leaders(&topic, 1, &[]).unwrap(),
            "1 partition, each with a leader"
        );
        let (cause, remedy) = leaders(&topic, 4, &[1, 3]).unwrap_err();
        assert!(cause.starts_with("partitions [1, 3] of topic t have no leader"));
        assert!(remedy.is_some());
    }
}
