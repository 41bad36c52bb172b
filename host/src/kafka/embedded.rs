//! A broker inside this process, for trying things without a cluster.

use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext};

use super::Error;
use crate::config::{Connection, Host, Security, Topic};

/// librdkafka's mock cluster. It listens on loopback, on a port that the system picks, and keeps
/// everything in memory; **it silently drops what passes 5 MiB a partition**. No proof of how a
/// real broker behaves.
pub struct EmbeddedBroker {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl EmbeddedBroker {
    /// Starts it with one topic.
    ///
    /// # Errors
    ///
    /// [`Error::Client`] when it can't listen or the topic can't be made.
    pub fn start(topic: &Topic, partitions: i32) -> Result<Self, Error> {
        let cluster = MockCluster::new(1).map_err(|e| Error::call("start a broker", &e))?;
        cluster
            .create_topic(topic.as_str(), partitions, 1)
            .map_err(|e| Error::call("create the topic", &e))?;
        Ok(Self { cluster })
    }

    /// How to reach it.
    ///
    /// # Panics
    ///
    /// When librdkafka reports an address that isn't `host:port`, which it doesn't.
    #[must_use]
    pub fn connection(&self) -> Connection {
        let hosts = self
            .cluster
            .bootstrap_servers()
            .split(',')
            .map(|server| {
                let (name, port) = server.rsplit_once(':').expect("host:port");
                Host {
                    name: name.to_owned(),
                    port: port.parse().expect("a port"),
                }
            })
            .collect();
        Connection {
            hosts,
            security: Security::default(),
        }
    }
}
