//! What a double is started with.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use super::Faults;

/// What a new double accepts and how it answers.
#[derive(Clone)]
pub struct Options {
    /// Where it listens; port 0 takes a free one. Only loopback addresses: what stands in for
    /// SOAR in a test has no business on a network.
    pub address: SocketAddr,
    /// A file (of `SQLite`) that keeps everything, made if it isn't there; `None` keeps it in memory.
    pub store: Option<PathBuf>,
    /// What the header `ph-auth-token` must say, in requests under `/double/` too. `None` asks for
    /// no header.
    pub token: Option<String>,
    /// The labels that containers may have.
    pub labels: Vec<String>,
    /// The severities that containers and artifacts may have.
    pub severities: Vec<String>,
    /// The status of the answer to a duplicate container; the body says the same with each. 200,
    /// 400 or 409, because sources disagree on what SOAR sends.
    pub duplicate_status: u16,
    /// The largest body of a request, in bytes; a larger one is answered with 413.
    pub body_limit: usize,
    pub faults: Faults,
}

impl Default for Options {
    /// A free port of 127.0.0.1, in memory, no token, label `events`, severities `high`, `medium`
    /// and `low`, 400 for duplicates, bodies up to 64 MiB, no faults.
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            store: None,
            token: None,
            labels: vec!["events".to_owned()],
            severities: ["high", "medium", "low"].map(str::to_owned).to_vec(),
            duplicate_status: 400,
            body_limit: 64 << 20,
            faults: Faults::default(),
        }
    }
}
