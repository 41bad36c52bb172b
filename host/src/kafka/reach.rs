//! Hosts, step by step: name, connection, listener.

use std::{
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::timeout,
};

use super::{Cause, Stage, probe};
use crate::config::{Connection, Host, Security};

/// What became of the steps towards one host. A step after one that failed is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    pub host: Host,
    pub name: Step,
    pub tcp: Option<Step>,
    /// TLS where the asset asks for it, Kafka's protocol, and whether both sides agree about SASL.
    pub listener: Option<Step>,
}

/// One step: what was found, or why it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub took: Duration,
    pub outcome: Result<String, Cause>,
}

impl Reached {
    /// Whether nothing stands in the way of a client.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.listener
            .as_ref()
            .is_some_and(|step| step.outcome.is_ok())
    }
}

/// Takes the steps to each of the connection's hosts, all at once, and hangs up again. Takes
/// `within` for each of the three at most, whatever name servers and firewalls do.
///
/// # Errors
///
/// When this process may not have sockets at all; a host that fails is an outcome.
pub fn reach(connection: &Connection, within: Duration) -> io::Result<Vec<Reached>> {
    let Connection { hosts, security } = connection;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()?;
    let mut reached: Vec<(usize, Reached)> = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for (index, host) in hosts.iter().cloned().enumerate() {
            tasks.spawn(async move { (index, knock(host, within).await) });
        }
        tasks.join_all().await
    });
    // A name server that doesn't answer holds a thread which must not be waited for.
    runtime.shutdown_background();
    reached.sort_by_key(|(index, _)| *index);
    let mut reached: Vec<Reached> = reached.into_iter().map(|(_, reached)| reached).collect();
    listen(&mut reached, security, within);
    Ok(reached)
}

async fn knock(host: Host, within: Duration) -> Reached {
    let cause = |stage, text: String| Cause {
        host: Some(host.to_string()),
        stage,
        text,
        remedy: None,
    };
    let silent = |what: &str| format!("{what} within {} s", within.as_secs_f32());
    let begun = Instant::now();
    let addresses = match timeout(within, lookup_host((host.name.as_str(), host.port))).await {
        Err(_) => Err(cause(Stage::Resolve, silent("the name was not resolved"))),
        Ok(Err(error)) => Err(cause(Stage::Resolve, error.to_string())),
        Ok(Ok(addresses)) => Ok(addresses.collect::<Vec<_>>()),
    };
    let name = Step {
        took: begun.elapsed(),
        outcome: addresses.clone().map(|addresses| {
            let ips: Vec<String> = addresses.iter().map(|a| a.ip().to_string()).collect();
            ips.join(", ")
        }),
    };
    let begun = Instant::now();
    let tcp = match addresses {
        Err(_) => None,
        Ok(addresses) => Some(match timeout(within, first_open(addresses)).await {
            Err(_) => Err(cause(Stage::Connect, silent("no answer"))),
            Ok(Err(error)) => Err(cause(Stage::Connect, error.to_string())),
            Ok(Ok(address)) => Ok(format!("{address} accepts connections")),
        }),
    };
    Reached {
        name,
        tcp: tcp.map(|outcome| Step {
            took: begun.elapsed(),
            outcome,
        }),
        listener: None,
        host,
    }
}

async fn first_open(addresses: Vec<SocketAddr>) -> io::Result<SocketAddr> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(_) => return Ok(address),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The last step, for the hosts that accept connections.
fn listen(reached: &mut [Reached], security: &Security, within: Duration) {
    let mut open: Vec<&mut Reached> = reached
        .iter_mut()
        .filter(|reached| {
            reached
                .tcp
                .as_ref()
                .is_some_and(|step| step.outcome.is_ok())
        })
        .collect();
    let hosts: Vec<Host> = open.iter().map(|reached| reached.host.clone()).collect();
    let begun = Instant::now();
    let seen = probe::look_at_all(&hosts, security, within);
    for (reached, seen) in open.iter_mut().zip(seen) {
        let outcome = match seen {
            Ok(None) => Ok("speaks Kafka".to_owned()),
            Ok(Some((version, end))) => Ok(format!(
                "speaks Kafka over {version}; its certificate is valid until {end}"
            )),
            Err(Some(obstacle)) => Err(Cause::of_obstacle(&obstacle, &reached.host, security)),
            Err(None) => Err(Cause {
                host: Some(reached.host.to_string()),
                stage: Stage::Connect,
                text: "it no longer accepts connections".to_owned(),
                remedy: None,
            }),
        };
        reached.listener = Some(Step {
            took: begun.elapsed(),
            outcome,
        });
    }
}
