//! How to reach a cluster.

use std::fmt;

use secrecy::SecretString;

use super::Keytab;

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

/// What protects the connection. Both parts absent is Kafka's `PLAINTEXT`.
#[derive(Debug, Clone, Default)]
pub struct Security {
    pub tls: Option<Tls>,
    pub sasl: Option<Sasl>,
}

impl Security {
    /// Kafka's `security.protocol`.
    #[must_use]
    pub fn protocol(&self) -> &'static str {
        match (&self.tls, &self.sasl) {
            (None, None) => "PLAINTEXT",
            (Some(_), None) => "SSL",
            (None, Some(_)) => "SASL_PLAINTEXT",
            (Some(_), Some(_)) => "SASL_SSL",
        }
    }
}

/// An encrypted connection.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Whom to trust; the system's authorities when absent.
    pub ca: Option<Certificates>,
    /// Who this client is, for brokers that ask.
    pub identity: Option<Identity>,
    /// Whether a broker's certificate may name another host. Only an explicit setting makes this
    /// true.
    pub any_hostname: bool,
}

/// One certificate or more, parsed once to know that they can be.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificates {
    /// The file they come from; absent when the asset has them as text.
    pub file: Option<String>,
    pub pem: String,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.as_deref().unwrap_or("PEM text");
        write!(f, "Certificates({file})")
    }
}

/// A client's certificate chain and the private key of its first certificate.
#[derive(Debug, Clone)]
pub struct Identity {
    pub certificate: Certificates,
    /// PEM, encrypted or not.
    pub key: SecretString,
    /// What decrypts the key; it has been tried.
    pub key_password: Option<SecretString>,
}

/// How this client authenticates itself: one of Kafka's SASL mechanisms.
#[derive(Debug, Clone)]
pub enum Sasl {
    Gssapi(Kerberos),
    Plain(Login),
    ScramSha256(Login),
    ScramSha512(Login),
    OAuthBearer(OAuthBearer),
}

impl Sasl {
    /// The mechanism's registered name.
    #[must_use]
    pub fn mechanism(&self) -> &'static str {
        match self {
            Self::Gssapi(_) => "GSSAPI",
            Self::Plain(_) => "PLAIN",
            Self::ScramSha256(_) => "SCRAM-SHA-256",
            Self::ScramSha512(_) => "SCRAM-SHA-512",
            Self::OAuthBearer(_) => "OAUTHBEARER",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Kerberos {
    /// The first part of the brokers' principals: `kafka` in `kafka/host@REALM`.
    pub service_name: String,
    /// Where tickets come from. Without it: the credential cache of the process (`KRB5CCNAME`).
    pub keytab: Option<Keytab>,
}

#[derive(Debug, Clone)]
pub struct Login {
    pub username: String,
    pub password: SecretString,
}

#[derive(Debug, Clone)]
pub enum OAuthBearer {
    /// A token from elsewhere, used until it expires.
    Token(SecretString),
    ClientCredentials(ClientCredentials),
}

/// OAuth 2.0's client credentials grant (RFC 6749, section 4.4).
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    pub token_endpoint: String,
    pub client_id: String,
    pub client_secret: SecretString,
    pub scope: Option<String>,
    /// SASL extensions (RFC 7628) as `name=value` pairs, separated by commas.
    pub extensions: Option<String>,
    /// Whom to trust at the token endpoint; the system's authorities when absent.
    pub ca: Option<Certificates>,
}
