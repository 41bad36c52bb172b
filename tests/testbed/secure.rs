//! A broker with every kind of secured listener, a KDC and a token endpoint.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use kafka_soar::config::Topic;

use super::Broker;

/// The secured broker that all tests of this process share. It ends with the process.
pub fn secure() -> &'static Secure {
    static SHARED: OnceLock<Secure> = OnceLock::new();
    SHARED.get_or_init(|| Secure {
        broker: Broker::start(&["--secure"]),
    })
}

/// A secured broker; tests/testbed/broker tells what its listeners ask for.
pub struct Secure {
    broker: Broker,
}

impl Secure {
    /// Its plaintext listener, through which everything is allowed.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Host and port of a listener: `ssl`, `mtls`, `expired`, `wrong_name`, `sasl`, `sasl_ssl`.
    pub fn listener(&self, name: &str) -> String {
        format!("localhost:{}", self.broker.fact(name))
    }

    /// A certificate, key or keytab, see tests/testbed/security.
    pub fn file(&self, name: &str) -> PathBuf {
        let path = Path::new(self.broker.fact("dir")).join(name);
        assert!(path.exists(), "{}", path.display());
        path
    }

    /// The token endpoint's URL.
    pub fn token_url(&self) -> &str {
        self.broker.fact("token")
    }

    /// Its URL with TLS; the certificate is the brokers'.
    pub fn token_tls_url(&self) -> &str {
        self.broker.fact("token_tls")
    }

    /// How many tickets the KDC has given a principal.
    pub fn tickets(&self, principal: &str) -> usize {
        let log = std::fs::read_to_string(self.broker.fact("kdc_log")).unwrap_or_default();
        let given = |line: &&str| line.contains("AS_REQ") && line.contains(": ISSUE:");
        let whose = format!("{principal}@LAB.TEST for");
        log.lines()
            .filter(given)
            .filter(|line| line.contains(&whose))
            .count()
    }

    /// Allows a user an operation on a topic, and with that nobody anything else there.
    pub fn allow_only(&self, topic: &Topic, user: &str, operation: &str) {
        self.broker.tool(
            "org.apache.kafka.tools.AclCommand",
            &[
                "--add",
                "--allow-principal",
                &format!("User:{user}"),
                "--operation",
                operation,
                "--topic",
                topic.as_str(),
                "--force",
            ],
        );
    }
}
