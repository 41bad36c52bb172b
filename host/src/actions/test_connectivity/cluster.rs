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

/// The cluster's id, and the first messages of the topic; each only if it is to be had.
pub(super) type Found = (Option<String>, Option<Batch>);

pub(super) fn check(report: &mut Report<'_>, config: &Config, some_failed: bool) -> Found {
    let begun = Instant::now();
    let sasl = config.connection.security.sasl.as_ref();
    let cluster = Cluster::new(&config.connection, report.share(CLUSTER));
    let view = cluster.and_then(|cluster| {
        let view = cluster.view(&config.topic)?;
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
            return (None, None);
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
    let messages = topic(report, config, cluster);
    (Some(view.id), messages)
}

fn topic(report: &mut Report<'_>, config: &Config, cluster: Cluster) -> Option<Batch> {
    let begun = Instant::now();
    let cluster = cluster.within(report.share(TOPIC));
    let partitions = cluster.partitions(&config.topic);
    let exists = partitions.is_ok();
    let led = partitions.map_err(Cause::from).and_then(|partitions| {
        let orphans = partitions.iter().filter(|(_, leader)| leader.is_none());
        let orphans: Vec<i32> = orphans.map(|(&id, _)| id).collect();
        leaders(&config.topic, partitions.len(), &orphans)
    });
    report.record(&format!("topic {}", config.topic), begun, led);
    if !exists {
        return None;
    }
    let messages = read(report, config);
    write(report, config, &cluster);
    messages
}

fn read(report: &mut Report<'_>, config: &Config) -> Option<Batch> {
    let begun = Instant::now();
    let within = report.left() / READ_STEPS;
    let read = Consumer::connect_within(&config.connection, sample::limits(config), within)
        .and_then(|consumer| {
            let mut consumer = consumer.standstill(within);
            consumer.can_read(&config.topic)?;
            Ok(sample::messages(&mut consumer, config, within))
        });
    let (found, messages) = match read {
        Ok(messages) => (
            Ok("a fetch from the end of the topic was answered".to_owned()),
            messages,
        ),
        Err(error) => (Err(error.into()), None),
    };
    report.record(&format!("read {}", config.topic), begun, found);
    messages
}

/// Polls don't need it, so it never fails the test.
fn write(report: &mut Report<'_>, config: &Config, cluster: &Cluster) {
    let begun = Instant::now();
    let Some(allowed) = cluster.operations(&config.topic) else {
        return;
    };
    let name = format!("write {}", config.topic);
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
