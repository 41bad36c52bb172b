//! Why hosts can't be used, one cause each, and what they come to together.

use std::{fmt, time::Duration};

use super::{
    Error,
    diagnosis::{self, Diagnosis},
    probe::{self, Obstacle},
};
use crate::config::{Connection, Host, Security};

/// What a connection failed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The name has no address.
    Resolve,
    /// Refused, unreachable, closed or silent.
    Connect,
    /// Certificates and encryption.
    Tls,
    /// SASL.
    Authentication,
    /// Anything else.
    Other,
}

/// Why a host, or the cluster as a whole, can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// `name:port`; absent when the trouble is no single host's.
    pub host: Option<String>,
    pub stage: Stage,
    /// In one line; where it isn't known what they mean, librdkafka's or the system's words.
    pub text: String,
    /// What to do about it, where that is known.
    pub remedy: Option<&'static str>,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{host}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// How long a look at a port takes at most.
const LOOK: Duration = Duration::from_secs(2);

/// What stands in the way at each host, if anything does.
pub(super) type Seen = Vec<(String, Option<Cause>)>;

pub(super) fn look_at(Connection { hosts, security }: &Connection) -> Seen {
    let seen = probe::look_at_all(hosts, security, LOOK);
    hosts
        .iter()
        .zip(seen)
        .map(|(host, seen)| {
            let cause = seen.err().flatten();
            let cause = cause.map(|obstacle| Cause::of_obstacle(&obstacle, host, security));
            (host.to_string(), cause)
        })
        .collect()
}

/// Something that keeps every host from being used, and that waiting can't mend.
pub(super) fn obstructed(seen: &Seen) -> Option<Error> {
    let causes: Option<Vec<Cause>> = seen.iter().map(|(_, found)| found.clone()).collect();
    let causes = causes?;
    let mendable = |cause: &Cause| cause.stage == Stage::Connect;
    (!causes.iter().any(mendable)).then(|| sum_up(causes))
}

impl Cause {
    pub(super) fn of_obstacle(obstacle: &Obstacle, host: &Host, security: &Security) -> Self {
        let found = diagnosis::of_obstacle(obstacle, host, security);
        of(Some(host.to_string()), found)
    }
}

pub(super) fn of(host: Option<String>, found: Diagnosis) -> Cause {
    Cause {
        host,
        stage: found.stage,
        text: found.text,
        remedy: Some(found.remedy),
    }
}

/// The furthest stage that was reached says most about what to change.
pub(super) fn sum_up(causes: Vec<Cause>) -> Error {
    let stages = causes.iter().map(|cause| cause.stage);
    match stages.filter(|stage| *stage < Stage::Other).max() {
        Some(Stage::Authentication) => Error::Authentication(only(causes, Stage::Authentication)),
        Some(Stage::Tls) => Error::Tls(only(causes, Stage::Tls)),
        _ => Error::Unreachable(causes),
    }
}

fn only(mut causes: Vec<Cause>, stage: Stage) -> Vec<Cause> {
    causes.retain(|cause| cause.stage == stage);
    causes
}
