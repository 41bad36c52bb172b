//! Layer 2: Kafka, over librdkafka.
//!
//! - [`Consumer`] reads a topic batch by batch from explicit offsets
//! - [`Producer`] sends records and tells what became of each
//! - [`Cluster`] and [`reach`] look at a cluster without reading it
//! - [`EmbeddedBroker`] stands in for a cluster where there is none
//!
//! All calls block the thread that makes them; librdkafka's own threads do the network.

mod admin;
mod ask;
mod consumer;
mod deadline;
mod embedded;
mod error;
mod headers;
mod kerberos;
mod producer;
mod reading;
mod settings;
mod token;
mod trouble;

pub use admin::{Broker, Cluster, ClusterView, Reached, reach};
pub use consumer::{Consumer, TopicView};
pub use deadline::Deadline;
pub use embedded::EmbeddedBroker;
pub use error::Error;
pub use producer::{Delivered, Outcome, Producer};
pub use trouble::{Cause, Stage};
