//! Layer 2: Kafka, over librdkafka.
//!
//! - [`Consumer`] reads a topic batch by batch from explicit offsets
//! - [`Group`] reads topics as a member of a consumer group
//! - [`Producer`] sends records and tells what became of each
//! - [`DeadLetters`] puts records into a dead-letter topic
//! - [`Cluster`] and [`reach`] look at a cluster without reading it
//! - [`EmbeddedBroker`] stands in for a cluster where there is none
//!
//! All calls block the thread that makes them; librdkafka's own threads do the network.

mod admin;
mod ask;
mod cause;
mod certificate;
mod consumer;
mod dead_letters;
mod deadline;
mod description;
mod diagnosis;
mod embedded;
mod error;
mod group;
mod headers;
mod kerberos;
mod probe;
mod producer;
mod reach;
mod reading;
mod settings;
mod token;
mod trouble;

pub use admin::{Broker, Cluster, ClusterView};
pub use cause::{Cause, Stage};
pub use consumer::{Consumer, TopicView};
pub use dead_letters::{DeadLetters, unwrap};
pub use deadline::Deadline;
pub use description::Description;
pub use embedded::EmbeddedBroker;
pub use error::Error;
pub use group::{Group, GroupOptions, Planner};
pub use producer::{Compression, Delivered, Envelope, Outcome, Producer};
pub use reach::{Reached, Step, reach};
