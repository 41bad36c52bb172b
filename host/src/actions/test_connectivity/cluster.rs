//! The cluster: authentication, brokers, the topic and what this client may do with it.

use std::time::{Duration, Instant};

use super::{Cause, Report, hosts, sample};
use crate::{
    config::{Config, Host, Topic},
    kafka::{Cluster, ClusterView, Consumer, Error},
    model::Batch,
};

/// What each part may take of the test's time.
const CLUSTER: Duration = Duration::from_secs(4);
const TOPIC: Duration = Duration::from_secs(2);
/// Reading asks four questions, fetches, and reads a few messages.
const READ_STEPS: u32 = 6;

/// What was found of a cluster that can be used.
pub(super) struct Found {
    /// The cluster's id.
    pub(super) cluster: String,
    pub(super) topics: Vec<Topic>,
    /// The first messages of the first topic that has any.
    pub(super) messages: Option<Batch>,
}

pub(super) fn check(report: &mut Report<'_>, config: &Config, some_failed: bool) -> Option<Found> {
    let begun = Instant::now();
    let sasl = config.connection.security.sasl.as_ref();
    let cluster = Cluster::new(&config.connection, report.share(CLUSTER));
    let view = cluster.and_then(|cluster| {
        let view = cluster.view(&config.topics)?;
        Ok((cluster, view))
    });
    let (cluster, view) = match view {
        Ok(found) => found,
        Err(error) => {
            let step = match error {
                Error::Authentication(_) => "sasl",
                _ => "cluster",
            };
            report.record(step, begun, Err(error.into()));
            return None;
        }
    };
    if let Some(sasl) = sasl {
        let detail = format!("authenticated with {}", sasl.mechanism());
        report.record("sasl", begun, Ok(detail));
    }
    report.record("cluster", begun, Ok(described(&view)));
    if some_failed {
        report.say(
            "Connection to Kafka cluster successful, but connection to some hosts failed. See \
             above.",
        );
    }
    let brokers: Vec<Host> = view.brokers.iter().map(|b| b.host.clone()).collect();
    hosts::advertised(report, &config.connection, &brokers);
    let cluster = cluster.within(report.share(TOPIC));
    let topics = topics(report, config, &cluster);
    let messages = read(report, config, &topics);
    for topic in &topics {
        if report.time_is_up() {
            break;
        }
        write(report, topic, &cluster);
    }
    Some(Found {
        cluster: view.id,
        topics,
        messages,
    })
}

/// The topics that exist.
fn topics(report: &mut Report<'_>, config: &Config, cluster: &Cluster) -> Vec<Topic> {
    let begun = Instant::now();
    let mut topics = match cluster.resolve(&config.topics) {
        Ok(topics) if topics.is_empty() => {
            let cause = Cause {
                text: "no topic of the cluster that this client may describe matches".to_owned(),
                remedy: Some("correct the pattern, or make the topic".to_owned()),
            };
            report.record(&format!("topic {}", config.topics), begun, Err(cause));
            return topics;
        }
        Ok(topics) => topics,
        Err(error) => {
            report.record(
                &format!("topic {}", config.topics),
                begun,
                Err(error.into()),
            );
            return Vec::new();
        }
    };
    let mut skipped = 0;
    topics.retain(|topic| {
        let begun = Instant::now();
        if report.time_is_up() {
            skipped += 1;
            return false;
        }
        let partitions = cluster.partitions(topic);
        let exists = partitions.is_ok();
        let led = partitions.map_err(Cause::from).and_then(|partitions| {
            let orphans = partitions.iter().filter(|(_, leader)| leader.is_none());
            let orphans: Vec<i32> = orphans.map(|(&id, _)| id).collect();
            leaders(topic, partitions.len(), &orphans)
        });
        report.record(&format!("topic {topic}"), begun, led);
        exists
    });
    if skipped > 0 {
        let cause = Cause {
            text: format!("the time is up: {skipped} topic(s) were not looked at"),
            remedy: Some("test fewer topics at a time, with --topic".to_owned()),
        };
        report.record(&format!("topic {}", config.topics), begun, Err(cause));
    }
    topics
}

/// Fetches from the end of each topic. The first messages, from the first that has any.
fn read(report: &mut Report<'_>, config: &Config, topics: &[Topic]) -> Option<Batch> {
    let first = topics.first()?;
    let begun = Instant::now();
    let within = report.left() / READ_STEPS;
    let limits = sample::limits(config);
    let consumer = Consumer::connect_within(&config.connection, limits, within);
    let mut consumer = match consumer {
        Ok(consumer) => consumer.standstill(within),
        Err(error) => {
            report.record(&format!("read {first}"), begun, Err(error.into()));
            return None;
        }
    };
    let mut messages = None;
    for (index, topic) in topics.iter().enumerate() {
        let begun = Instant::now();
        if report.time_is_up() {
            let cause = Cause {
                text: format!(
                    "the time is up: reading {} topic(s) was not tried",
                    topics.len() - index
                ),
                remedy: Some("test fewer topics at a time, with --topic".to_owned()),
            };
            report.record(&format!("read {}", config.topics), begun, Err(cause));
            break;
        }
        let read = consumer.can_read(topic);
        if read.is_ok() && messages.is_none() {
            messages = sample::messages(&mut consumer, topic, within);
        }
        let found = read
            .map(|()| "a fetch from the end of the topic was answered".to_owned())
            .map_err(Cause::from);
        report.record(&format!("read {topic}"), begun, found);
    }
    messages
}

/// Polls don't need it, so it never fails the test.
fn write(report: &mut Report<'_>, topic: &Topic, cluster: &Cluster) {
    let begun = Instant::now();
    let Some(allowed) = cluster.describe(topic) else {
        return;
    };
    let name = format!("write {topic}");
    if allowed.write {
        report.record(
            &name,
            begun,
            Ok("allowed, as post data needs it".to_owned()),
        );
        return;
    }
    let detail = "not allowed: post data would be refused, on poll doesn't need it";
    report.record(&name, begun, Ok(detail.to_owned()));
    if let Some(check) = report.checks.last_mut() {
        let remedy = "to post data, have this client's user allowed to write (ACL: Write)";
        check.remedy = Some(remedy.to_owned());
    }
}

fn described(view: &ClusterView) -> String {
    let brokers: Vec<String> = view
        .brokers
        .iter()
        .map(|broker| format!("{} ({})", broker.host, broker.id))
        .collect();
    format!("cluster {}, brokers {}", view.id, brokers.join(", "))
}

fn leaders(topic: &Topic, partitions: usize, orphans: &[i32]) -> Result<String, Cause> {
    if orphans.is_empty() {
        let s = if partitions == 1 { "" } else { "s" };
        return Ok(format!("{partitions} partition{s}, each with a leader"));
    }
    let remedy = "bring the brokers back that hold these partitions (kafka-topics.sh --describe \
                  --unavailable-partitions)";
    Err(Cause {
        text: format!(
            "partitions {orphans:?} of topic {topic} have no leader: nothing can be read there"
        ),
        remedy: Some(remedy.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_without_leader_is_named() {
        let topic: Topic = "t".parse().unwrap();
        let fine = leaders(&topic, 1, &[]).ok().unwrap();
        assert_eq!(fine, "1 partition, each with a leader");
        let cause = leaders(&topic, 4, &[1, 3]).err().unwrap();
        assert!(
            cause
                .text
                .starts_with("partitions [1, 3] of topic t have no leader")
        );
        assert!(cause.remedy.is_some());
    }
}
