//! Layer 1: an asset's configuration, checked. Whatever gets past this layer is usable as it is:
//! no other layer looks at what a person typed.
//!
//! [`Form`] is the form as typed, without effects; [`Form::check`] turns it into a [`Config`] or
//! into all its [`Faults`] at once.

mod check;
mod component;
mod connection;
mod delivery;
mod fault;
mod files;
mod hosts;
pub(crate) mod json;
mod keytab;
mod parser;
mod pem;
mod policy;
mod raw;
mod schema_registry;
mod script;
mod secret;
mod security;
mod signature;
mod topic;
mod topics;

#[cfg(test)]
mod cases;

use std::time::Duration;

pub use component::{MAX_COMPONENT_BYTES, check_kind, of_file, read_file, read_parser};
pub use connection::{
    Certificates, ClientCredentials, Connection, Host, Identity, Kerberos, Login, OAuthBearer,
    Sasl, Security, Tls,
};
pub use delivery::{Containers, Quarantine, Soar};
pub use fault::{Fault, Faults};
pub use keytab::Keytab;
pub use parser::{BatchLimits, ParserLimits, ParserSource};
pub use policy::{Import, Measure, OutlineLimits, Policy, PolicyError, Rules, Signer};
pub use raw::Form;
pub use schema_registry::{RegistryLogin, SchemaRegistry};
pub use script::MAX_SCRIPT_BYTES;
pub use signature::{Signature, signed_text};
pub use topic::{INVALID_TOPIC, Topic, TopicError};
pub use topics::{Pattern, Topics};

/// An asset's configuration after every check.
#[derive(Debug, Clone)]
pub struct Config {
    pub connection: Connection,
    pub topics: Topics,
    pub parser: ParserSource,
    /// What whoever runs this host lets parsers do; not the asset's to choose.
    pub policy: Policy,
    /// Where the schemas of messages in its wire format are.
    pub schema_registry: Option<SchemaRegistry>,
    /// What `serve` is a member of.
    pub group: Option<ConsumerGroup>,
    /// JSON text of an object; `{}` when the asset has none.
    pub parser_settings: String,
    /// How long a poll reads, counted from the first fetch. Zero is one pass over what the
    /// broker has when the poll begins.
    pub timeout: Duration,
    /// Without saved offsets: the beginning of the topic (true) or its end (false).
    pub read_from_beginning: bool,
    pub batch: BatchLimits,
    pub limits: ParserLimits,
    pub containers: Containers,
    pub quarantine: Quarantine,
    /// Where containers go if not to an output.
    pub soar: Option<Soar>,
}

/// A consumer group, which keeps the offsets of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerGroup {
    /// `group_id`.
    pub id: String,
    /// `group_session_timeout`: when a member that went silent loses its partitions. Brokers have
    /// bounds of their own.
    pub session_timeout: Duration,
}

impl Config {
    /// Reads and checks an asset's configuration: [`Form::parse`], then [`Form::check`].
    ///
    /// # Errors
    ///
    /// Every fault of it.
    pub fn from_json(text: &str, policy: &Policy) -> Result<Self, Faults> {
        Form::parse(text)?.check(policy)
    }
}
