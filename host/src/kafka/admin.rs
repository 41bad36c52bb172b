//! Looking at a cluster without reading from it.

use std::{collections::BTreeMap, time::Duration};

use rdkafka::consumer::{BaseConsumer, Consumer as _};

use super::{
    Error, ask,
    ask::{Ask, Attempt},
    description::{self, Description},
    settings,
    trouble::Context,
};
use crate::config::{Connection, Host, Topic, Topics};

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
    connection: Connection,
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
            connection: connection.clone(),
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
    pub fn view(&self, topics: &Topics) -> Result<ClusterView, Error> {
        self.asking(|ask| {
            // The metadata of one topic, existing or not, bring the brokers and the id along.
            let one = match topics {
                Topics::Named(topics) => topics.first(),
                Topics::Matching(_) => None,
            };
            let metadata = ask.metadata(one)?;
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

    /// The topics that are meant, see [`Consumer::resolve`](super::Consumer::resolve).
    ///
    /// # Errors
    ///
    /// No answer.
    pub fn resolve(&self, topics: &Topics) -> Result<Vec<Topic>, Error> {
        self.asking(|ask| ask.resolve(topics))
    }

    /// The partitions of `topic` and the broker that leads each, if one does.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownTopic`], [`Error::Unauthorized`], or no answer.
    pub fn partitions(&self, topic: &Topic) -> Result<BTreeMap<i32, Option<i32>>, Error> {
        self.asking(|ask| ask.partitions(topic))
    }

    /// What this client may do with `topic`; `None` when the cluster doesn't tell.
    #[must_use]
    pub fn describe(&self, topic: &Topic) -> Option<Description> {
        let client = self.client.as_ref()?;
        description::of(client.client(), topic, self.within)
    }

    fn asking<T>(
        &self,
        question: impl FnOnce(&Ask<'_, Context>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let client = self.client.as_ref().expect("taken only by drop");
        question(&Ask {
            client: client.client(),
            context: client.context(),
            connection: &self.connection,
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
