//! Looking at a cluster without reading from it.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    time::{Duration, Instant},
};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::timeout,
};

use super::{
    Cause, Error, Stage, ask,
    ask::{Ask, Attempt},
    settings,
    trouble::Context,
};
use crate::config::{Connection, Host, Topic};

/// What became of a TCP connection to one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    pub host: Host,
    pub took: Duration,
    /// The address that answered.
    pub outcome: Result<SocketAddr, Cause>,
}

/// Connects to every host at once and hangs up again. Takes no longer than `within`, whatever
/// name servers and firewalls do.
///
/// # Errors
///
/// When this process may not have sockets at all; a host that fails is an outcome.
pub fn reach(hosts: &[Host], within: Duration) -> io::Result<Vec<Reached>> {
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
    Ok(reached.into_iter().map(|(_, reached)| reached).collect())
}

async fn knock(host: Host, within: Duration) -> Reached {
    let begun = Instant::now();
    let cause = |stage, text: String| Cause {
        host: Some(host.to_string()),
        stage,
        text,
    };
    let silent = |what: &str| format!("{what} within {} s", within.as_secs_f32());
    let outcome = match timeout(within, lookup_host((host.name.as_str(), host.port))).await {
        Err(_) => Err(cause(Stage::Resolve, silent("the name was not resolved"))),
        Ok(Err(error)) => Err(cause(Stage::Resolve, error.to_string())),
        Ok(Ok(addresses)) => {
            let left = within.saturating_sub(begun.elapsed());
            match timeout(left, first_open(addresses)).await {
                Err(_) => Err(cause(Stage::Connect, silent("no answer"))),
                Ok(Err(error)) => Err(cause(Stage::Connect, error.to_string())),
                Ok(Ok(address)) => Ok(address),
            }
        }
    };
    Reached {
        took: begun.elapsed(),
        outcome,
        host,
    }
}

async fn first_open(addresses: impl Iterator<Item = SocketAddr>) -> io::Result<SocketAddr> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(_) => return Ok(address),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// One broker of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    pub id: i32,
    /// The name that it advertises, where clients connect to it.
    pub host: Host,
}

/// A cluster as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterView {
    pub id: String,
    pub brokers: Vec<Broker>,
}

/// A connection for looking around.
pub struct Cluster {
    client: Option<BaseConsumer<Context>>,
    hosts: Vec<Host>,
    within: Duration,
}

impl Cluster {
    /// A client that has not connected yet. No question takes longer than `within`.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`].
    pub fn new(connection: &Connection, within: Duration) -> Result<Self, Error> {
        let client = settings::uncommitted(connection)
            .create_with_context(Context::of(connection)?)
            .map_err(|error| Error::settings(&error))?;
        Ok(Self {
            client: Some(client),
            hosts: connection.hosts.clone(),
            within,
        })
    }

    /// The time for each question from here on.
    #[must_use]
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Connects, and asks which cluster this is.
    ///
    /// # Errors
    ///
    /// Why none of the hosts could be used.
    pub fn view(&self, topic: &Topic) -> Result<ClusterView, Error> {
        self.asking(|ask| {
            // The metadata of one topic, existing or not, bring the brokers and the id along.
            let metadata = ask.metadata(topic)?;
            let id = ask.insist("tell its cluster id", |share| {
                ask.client
                    .fetch_cluster_id(share)
                    .ok_or_else(|| Attempt::Again("it has none".to_owned()))
            })?;
            let brokers = metadata.brokers().iter().map(|broker| Broker {
                id: broker.id(),
                host: Host {
                    name: broker.host().to_owned(),
                    port: u16::try_from(broker.port()).unwrap_or_default(),
                },
            });
            Ok(ClusterView {
                id,
                brokers: brokers.collect(),
            })
        })
    }

    /// The partitions of `topic` and the broker that leads each, if one does.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTopic`], [`Error::Unauthorized`], or no answer.
    pub fn partitions(&self, topic: &Topic) -> Result<BTreeMap<i32, Option<i32>>, Error> {
        self.asking(|ask| ask.partitions(topic))
    }

    fn asking<T>(
        &self,
        question: impl FnOnce(&Ask<'_, Context>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let client = self.client.as_ref().expect("taken only by drop");
        question(&Ask {
            client: client.client(),
            context: client.context(),
            hosts: &self.hosts,
            serve: &|| ask::serve(client),
            within: self.within,
        })
    }
}

impl Drop for Cluster {
    /// librdkafka waits for its threads, and one may be stuck with a name server: nobody who
    /// looks around should wait for that.
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            std::thread::spawn(move || drop(client));
        }
    }
}
