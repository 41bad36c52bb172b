//! What can go wrong with a cluster, by what the caller does about it.

use std::time::Duration;

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};

use super::Cause;

/// Each message says what was tried and what was found; [`Error::remedy`] says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The cluster answered: there is no such topic.
    #[error("The specified topic could not be found on the Kafka server: {topic}")]
    UnknownTopic { topic: String },
    /// The topic has fewer partitions. `last` is its last one's number.
    #[error("topic {topic} has no partition {partition}: its partitions are 0 to {last}")]
    UnknownPartition {
        topic: String,
        partition: i32,
        last: i32,
    },
    /// The cluster knows who asks and refuses.
    #[error("the Kafka server refused to {doing}: {cause}")]
    Unauthorized { doing: String, cause: String },
    /// No identity, or one that the cluster doesn't know.
    #[error("authentication with Kafka failed:{}", lines(.0))]
    Authentication(Vec<Cause>),
    /// No encrypted connection.
    #[error("no TLS connection to Kafka:{}", lines(.0))]
    Tls(Vec<Cause>),
    /// None of the hosts could be used: a cause a host.
    #[error("no Kafka server could be reached:{}", lines(.0))]
    Unreachable(Vec<Cause>),
    /// The cluster was connected, and did not get something done.
    #[error("Kafka did not {doing} within {} s: {cause}", .waited.as_secs_f32())]
    Timeout {
        doing: String,
        waited: Duration,
        cause: String,
    },
    /// A poll made no progress: the records read so far are good, the rest is still there.
    #[error("reading from Kafka stood still for {} s: {cause}", .waited.as_secs_f32())]
    Unavailable { waited: Duration, cause: String },
    /// The log no longer has, or does not yet have, the offset where reading should go on.
    #[error("topic {topic} has no record at the offset to read next: {cause}")]
    OffsetOutOfRange { topic: String, cause: String },
    /// Records arrived damaged; reading on would skip them.
    #[error("topic {topic} has damaged records: {cause}")]
    Corrupt { topic: String, cause: String },
    /// librdkafka refused the connection's settings, such as a key that doesn't fit.
    #[error("the connection's settings can't be used: {cause}")]
    Settings { cause: String },
    /// Anything else that ends the client.
    #[error("could not {doing}: {cause}")]
    Client { doing: String, cause: String },
}

impl Error {
    /// What a person can do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::UnknownTopic { .. } => {
                "check the topic's spelling, and that this client may describe it"
            }
            Self::UnknownPartition { .. } => {
                "give one of these, or none: a key chooses the partition, and without one any does"
            }
            Self::Unauthorized { .. } => {
                "have this client's user allowed to do that (ACLs: Describe and Read on the topic \
                 to poll, Write to post)"
            }
            Self::Authentication(causes) | Self::Tls(causes) | Self::Unreachable(causes)
                if let Some(remedy) = causes.iter().find_map(|cause| cause.remedy) =>
            {
                remedy
            }
            Self::Authentication(_) => {
                "check sasl_mechanism and the fields that belong to it; with Kerberos, that hosts \
                 are named as their principals are (kafka/<host>)"
            }
            Self::Tls(_) => {
                "check use_ssl, ca_cert, cert_file and key_file, that the port speaks TLS, and \
                 that the host is named as in its certificate"
            }
            Self::Unreachable(_) => {
                "check hosts (name and port), that Kafka runs there, and the network in between"
            }
            Self::Timeout { .. } | Self::Unavailable { .. } => {
                "try again; if it stays, check that every broker of the cluster can be reached \
                 under the name that it advertises (advertised.listeners)"
            }
            Self::OffsetOutOfRange { .. } => {
                "poll again: it goes on at the oldest record that is retained"
            }
            Self::Corrupt { .. } => "have the broker's log segments checked (kafka-dump-log.sh)",
            Self::Settings { .. } => "check the fields that secure the connection (docs/kafka.md)",
            Self::Client { .. } => "run again with --verbose to see what librdkafka says",
        }
    }

    /// A client that couldn't be made.
    pub(super) fn settings(error: &KafkaError) -> Self {
        let cause = match error {
            KafkaError::ClientConfig(_, description, key, _) => format!("{key}: {description}"),
            KafkaError::ClientCreation(cause) => cause.clone(),
            other => other.to_string(),
        };
        Self::Settings { cause }
    }

    /// A failed call: `code` if librdkafka gave one, else `error`'s words.
    pub(super) fn call(doing: impl Into<String>, error: &KafkaError) -> Self {
        let (doing, cause) = (doing.into(), words(error));
        match error.rdkafka_error_code() {
            Some(code) if unauthorized(code) => Self::Unauthorized { doing, cause },
            _ => Self::Client { doing, cause },
        }
    }
}

/// Whether the cluster denied something to this client's user.
pub(super) fn unauthorized(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed
    )
}

/// librdkafka's description of an error without the crate's wrapping.
pub(super) fn words(error: &KafkaError) -> String {
    match error {
        KafkaError::Subscription(text) | KafkaError::PauseResume(text) | KafkaError::Seek(text) => {
            text.clone()
        }
        other => other
            .rdkafka_error_code()
            .map_or_else(|| other.to_string(), |code| code.to_string()),
    }
}

fn lines(causes: &[Cause]) -> String {
    causes.iter().fold(String::new(), |mut lines, cause| {
        lines.push_str("\n  ");
        lines.push_str(&cause.to_string());
        lines
    })
}
