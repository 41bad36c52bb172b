//! How to reach a cluster.

use std::{fmt, path::PathBuf};

/// How to reach the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
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
