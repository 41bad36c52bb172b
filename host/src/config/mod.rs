//! Layer 1: an asset's configuration, checked. Whatever gets past this layer is usable as it is:
//! no other layer looks at what a person typed.

use std::{fmt, path::PathBuf, time::Duration};

/// An asset's configuration after every check.
#[derive(Debug, Clone)]
pub struct Config {
    pub connection: Connection,
    pub topic: Topic,
    pub parser: ParserSource,
    /// JSON text of an object; `{}` when the asset has none.
    pub parser_settings: String,
    /// How long a poll reads, counted from the first fetch. Zero is one pass over what the
    /// broker has when the poll begins.
    pub timeout: Duration,
    /// Without saved offsets: the beginning of the topic (true) or its end (false).
    pub read_from_beginning: bool,
    pub batch: BatchLimits,
    pub limits: ParserLimits,
    /// SOAR's `ingest.container_label`: the label of every container, whatever the parser says.
    pub container_label: Option<String>,
}

/// How to reach the cluster.
#[derive(Debug, Clone)]
pub struct Connection {
    /// At least one.
    pub hosts: Vec<Host>,
    pub security: Security,
}

/// One bootstrap server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// A name or an address; IPv6 without brackets.
    pub name: String,
    pub port: u16,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

/// What protects the connection: Kafka's `security.protocol`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Security {
    Plaintext,
    Ssl(Tls),
    /// Kerberos from the credential cache of the process.
    SaslPlaintext,
    SaslSsl(Tls),
}

/// Files for TLS, each checked to be readable. At least one is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// `ca_cert`: whom to trust; the system's authorities when absent.
    pub ca: Option<PathBuf>,
    /// `cert_file`: the client's certificate chain.
    pub certificate: Option<PathBuf>,
    /// `key_file`: the client's private key.
    pub key: Option<PathBuf>,
}

/// A legal Kafka topic name: 1–249 characters of `[A-Za-z0-9._-]`, neither `.` nor `..`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic(String);

/// Which parser runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParserSource {
    /// The one inside this binary.
    Default,
    /// A component: its name for messages, and its bytes.
    Component { name: String, bytes: Vec<u8> },
}

/// What bounds a batch; whichever is reached first closes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    pub max_messages: usize,
    /// Keys, values and headers together. A single larger record is a batch of its own.
    pub max_bytes: usize,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self {
            max_messages: 10_000,
            max_bytes: 16 << 20,
        }
    }
}

/// What a parser may use for one batch. Every one of them stops the parse when it is passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParserLimits {
    /// `parser_memory_limit`: bytes of all memories and tables together.
    pub memory: usize,
    /// `parser_time_limit`: wall time of instantiation and call, in steps of 10 ms.
    pub time: Duration,
    /// `parser_output_limit`: bytes of JSON and everything else returned.
    pub output: usize,
    /// `parser_log_limit`: bytes of log text.
    pub log: usize,
    /// `parser_artifact_limit`: artifacts of a batch; containers count too.
    pub artifacts: usize,
}

impl Default for ParserLimits {
    fn default() -> Self {
        Self {
            memory: 512 << 20,
            time: Duration::from_secs(30),
            output: 128 << 20,
            log: 64 << 10,
            artifacts: 1_000_000,
        }
    }
}

impl Topic {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
