//! Each host: its name, a connection, its listener.

use std::time::{Duration, Instant};

use super::{Cause, Report};
use crate::{
    config::{Connection, Host},
    kafka::{Reached, Stage, Step, reach},
};

/// What each of the three steps may take, all hosts at once.
const STEP: Duration = Duration::from_millis(1500);

/// How many of the hosts a client can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usable {
    None,
    Some,
    All,
}

pub(super) fn check(report: &mut Report<'_>, connection: &Connection) -> Usable {
    let usable = steps(report, connection, "");
    match usable {
        0 => Usable::None,
        n if n == connection.hosts.len() => Usable::All,
        _ => Usable::Some,
    }
}

/// Records are fetched from the names that brokers advertise, not from the asset's hosts.
pub(super) fn advertised(report: &mut Report<'_>, connection: &Connection, brokers: &[Host]) {
    let hosts: Vec<Host> = brokers
        .iter()
        .filter(|host| !connection.hosts.contains(host))
        .cloned()
        .collect();
    if !hosts.is_empty() {
        let connection = Connection {
            hosts,
            security: connection.security.clone(),
        };
        steps(report, &connection, "broker ");
    }
}

/// How many hosts nothing stands in the way of.
fn steps(report: &mut Report<'_>, connection: &Connection, of: &str) -> usize {
    let begun = Instant::now();
    let reached = match reach(connection, report.share(STEP)) {
        Ok(reached) => reached,
        Err(error) => {
            let cause = Cause {
                text: format!("this process may not use the network: {error}"),
                remedy: Some("let it open sockets".to_owned()),
            };
            report.record(&format!("{of}name"), begun, Err(cause));
            return 0;
        }
    };
    let encrypted = connection.security.tls.is_some();
    let listener = if encrypted { "tls" } else { "listener" };
    for host in &reached {
        let steps = [
            ("name", Some(&host.name)),
            ("tcp", host.tcp.as_ref()),
            (listener, host.listener.as_ref()),
        ];
        for (name, step) in steps {
            if let Some(step) = step {
                record(report, &format!("{of}{name}"), &host.host, step);
            }
        }
    }
    reached
        .iter()
        .filter(|host| Reached::is_usable(host))
        .count()
}

fn record(report: &mut Report<'_>, name: &str, host: &Host, step: &Step) {
    let found = match &step.outcome {
        Ok(found) => Ok(found.clone()),
        Err(cause) => {
            let refused = cause.text.contains("refused (");
            let usual = ". This is usually caused by the Kafka server not running or the port \
                         being closed";
            let usual = if refused { usual } else { "" };
            report.say(&format!(
                "Could not connect to Kafka on {host} due to:\n{}{usual}",
                cause.text
            ));
            let remedy = cause.remedy.unwrap_or(match cause.stage {
                Stage::Resolve => "check the name in hosts, and this machine's name servers",
                _ if refused => "start Kafka there, or correct the port in hosts",
                _ => "check the firewalls between here and there",
            });
            Err(Cause {
                text: cause.text.clone(),
                remedy: Some(remedy.to_owned()),
            })
        }
    };
    report.push(&format!("{name} {host}"), step.took, found);
}
