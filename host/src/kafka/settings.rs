//! The only file that spells librdkafka's settings.
//!
//! Nothing outside reaches librdkafka but what a [`Connection`] holds, in the settings named here.
//! Three run code from outside and are never taken from there:
//! `sasl.kerberos.kinit.cmd` (a shell), `plugin.library.paths` and `ssl.engine.location`.

use std::time::Duration;

use rdkafka::{ClientConfig, config::RDKafkaLogLevel};
use secrecy::ExposeSecret as _;

use super::Compression;
use crate::config::{
    ClientCredentials, Connection, ConsumerGroup, Kerberos, OAuthBearer, Sasl, Security, Tls,
};

/// What librdkafka may hold of fetched records, in KiB. Payload only: it adds about 250 bytes a
/// record, which [`QUEUED_RECORDS`] bounds.
const QUEUED_KIB: u32 = 16 * 1024;
/// Records that librdkafka fetches ahead for each partition: half of its own default, whose
/// overhead alone is 25 MB a partition. A fifth of it, with half the bytes, made a poll a sixth slower.
const QUEUED_RECORDS: u32 = 50_000;
/// What one answer of a broker holds at most, unless its first record is larger.
const FETCH_BYTES: u32 = 8 << 20;
/// The largest answer that is believed: a broker sends a record that passes `FETCH_BYTES` alone.
const RECEIVE_BYTES: u32 = 1 << 30;
/// The largest record that is sent. The broker's own limit is what counts.
const SEND_BYTES: u32 = 256 << 20;
/// How long a broker may hold back an empty answer: what the end of a partition costs when
/// nothing else is read.
const FETCH_WAIT_MS: u32 = 50;

/// For reading with manual assignment. Nothing is ever committed to the group: the state
/// document keeps the offsets.
pub(super) fn consumer(connection: &Connection) -> ClientConfig {
    let mut config = common(connection);
    config
        // librdkafka refuses to assign without one; any name does.
        .set("group.id", "kafka-soar")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        // Reading starts at explicit offsets; a jump elsewhere would lose or repeat records.
        .set("auto.offset.reset", "error")
        .set("allow.auto.create.topics", "false")
        .set("isolation.level", "read_committed")
        .set("check.crcs", "true")
        // librdkafka's 1000 stops a partition for a second whenever its queue was full.
        .set("fetch.queue.backoff.ms", "10")
        .set("fetch.wait.max.ms", FETCH_WAIT_MS.to_string())
        .set("queued.max.messages.kbytes", QUEUED_KIB.to_string())
        .set("queued.min.messages", QUEUED_RECORDS.to_string())
        .set("fetch.max.bytes", FETCH_BYTES.to_string())
        .set("receive.message.max.bytes", RECEIVE_BYTES.to_string());
    config
}

/// For reading as a member of a group, which keeps the offsets.
pub(super) fn group_member(connection: &Connection, group: &ConsumerGroup) -> ClientConfig {
    let session = group.session_timeout.as_millis();
    let mut config = consumer(connection);
    config
        .set("group.id", &group.id)
        // Nobody waits for the end of a partition: no need to ask an idle one that often.
        .set("fetch.wait.max.ms", "500")
        // A member that is busy polls all the same, see `group::pulse`; parsing is bounded.
        .set("max.poll.interval.ms", session.max(50_000).to_string())
        .set("session.timeout.ms", session.to_string());
    config
}

/// For metadata, and for offsets that count records of open transactions too.
pub(super) fn uncommitted(connection: &Connection) -> ClientConfig {
    let mut config = common(connection);
    config
        .set("allow.auto.create.topics", "false")
        .set("isolation.level", "read_uncommitted");
    config
}

/// For `post data`. `give_up` is when librdkafka reports a record as failed, at the latest.
pub(super) fn producer(
    connection: &Connection,
    compression: Compression,
    give_up: Duration,
) -> ClientConfig {
    let mut config = common(connection);
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        // An action sends one handful of records and waits: nothing is gained by lingering.
        .set("linger.ms", "0")
        // Brokers refuse batches as a whole: a record that is too large would take others along.
        .set("batch.num.messages", "1")
        .set("compression.type", compression.name())
        // librdkafka's own choice for a key is another than that of every other client.
        .set("partitioner", "murmur2_random")
        .set("message.timeout.ms", give_up.as_millis().max(1).to_string())
        .set("message.max.bytes", SEND_BYTES.to_string());
    config
}

fn common(connection: &Connection) -> ClientConfig {
    let hosts: Vec<String> = connection.hosts.iter().map(ToString::to_string).collect();
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", hosts.join(","))
        .set("client.id", "kafka-soar")
        // No metrics about this client to whoever runs the cluster (KIP-714).
        .set("enable.metrics.push", "false")
        .set("socket.keepalive.enable", "true")
        .set("socket.connection.setup.timeout.ms", "8000")
        .set("socket.timeout.ms", "30000")
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "1000");
    // What it says goes to `tracing` at debug level, see `Context`.
    config.set_log_level(RDKafkaLogLevel::Info);
    secure(&mut config, &connection.security);
    config
}

fn secure(config: &mut ClientConfig, security: &Security) {
    config.set("security.protocol", security.protocol());
    if let Some(tls) = &security.tls {
        encrypt(config, tls);
    }
    if let Some(sasl) = &security.sasl {
        config.set("sasl.mechanisms", sasl.mechanism());
        match sasl {
            Sasl::Gssapi(kerberos) => gssapi(config, kerberos),
            Sasl::Plain(login) | Sasl::ScramSha256(login) | Sasl::ScramSha512(login) => {
                config
                    .set("sasl.username", &login.username)
                    .set("sasl.password", login.password.expose_secret());
            }
            Sasl::OAuthBearer(OAuthBearer::ClientCredentials(client)) => oidc(config, client),
            // `Context` hands it over when librdkafka asks.
            Sasl::OAuthBearer(OAuthBearer::Token(_)) => {}
        }
    }
}

fn encrypt(config: &mut ClientConfig, tls: &Tls) {
    let identification = if tls.any_hostname { "none" } else { "https" };
    config.set("ssl.endpoint.identification.algorithm", identification);
    if let Some(ca) = &tls.ca {
        config.set("ssl.ca.pem", &ca.pem);
    }
    if let Some(identity) = &tls.identity {
        config
            .set("ssl.certificate.pem", &identity.certificate.pem)
            .set("ssl.key.pem", identity.key.expose_secret());
        if let Some(password) = &identity.key_password {
            config.set("ssl.key.password", password.expose_secret());
        }
    }
}

/// Tickets come from the credential cache (`KRB5CCNAME`) or a client keytab, see
/// [`kerberos`](super::kerberos). An empty command and an interval of 0 keep librdkafka from
/// running a shell to renew them.
fn gssapi(config: &mut ClientConfig, kerberos: &Kerberos) {
    config
        .set("sasl.kerberos.service.name", &kerberos.service_name)
        .set("sasl.kerberos.kinit.cmd", "")
        .set("sasl.kerberos.min.time.before.relogin", "0");
}

fn oidc(config: &mut ClientConfig, client: &ClientCredentials) {
    config
        .set("sasl.oauthbearer.method", "oidc")
        .set(
            "sasl.oauthbearer.token.endpoint.url",
            &client.token_endpoint,
        )
        .set("sasl.oauthbearer.client.id", &client.client_id)
        .set(
            "sasl.oauthbearer.client.secret",
            client.client_secret.expose_secret(),
        );
    for (key, value) in [
        ("sasl.oauthbearer.scope", client.scope.as_ref()),
        ("sasl.oauthbearer.extensions", client.extensions.as_ref()),
        ("https.ca.pem", client.ca.as_ref().map(|ca| &ca.pem)),
    ] {
        if let Some(value) = value {
            config.set(key, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Certificates, Host, Identity, Login};

    fn connection(tls: Option<Tls>, sasl: Option<Sasl>) -> Connection {
        let host = |name: &str| Host {
            name: name.into(),
            port: 9092,
        };
        Connection {
            hosts: vec![host("a"), host("::1")],
            security: Security { tls, sasl },
        }
    }

    fn certificates(pem: &str) -> Certificates {
        Certificates {
            file: None,
            pem: pem.into(),
        }
    }

    fn login() -> Login {
        Login {
            username: "u".into(),
            password: "p".into(),
        }
    }

    fn kerberos() -> Sasl {
        Sasl::Gssapi(Kerberos {
            service_name: "broker".into(),
            keytab: None,
        })
    }

    fn client() -> Sasl {
        Sasl::OAuthBearer(OAuthBearer::ClientCredentials(ClientCredentials {
            token_endpoint: "https://idp/token".into(),
            client_id: "id".into(),
            client_secret: "secret".into(),
            scope: Some("s".into()),
            extensions: Some("a=b".into()),
            ca: Some(certificates("CA")),
        }))
    }

    #[test]
    fn librdkafka_accepts_every_setting() {
        let tls = Tls {
            ca: Some(certificates("CA")),
            identity: Some(Identity {
                certificate: certificates("C"),
                key: "K".into(),
                key_password: Some("P".into()),
            }),
            any_hostname: true,
        };
        let group = ConsumerGroup {
            id: "g".into(),
            session_timeout: Duration::from_secs(6),
        };
        for sasl in [
            None,
            Some(kerberos()),
            Some(Sasl::Plain(login())),
            Some(Sasl::ScramSha256(login())),
            Some(Sasl::ScramSha512(login())),
            Some(Sasl::OAuthBearer(OAuthBearer::Token("t".into()))),
            Some(client()),
        ] {
            for tls in [None, Some(tls.clone())] {
                let connection = connection(tls, sasl.clone());
                for config in [
                    consumer(&connection),
                    group_member(&connection, &group),
                    uncommitted(&connection),
                    producer(&connection, Compression::Zstd, Duration::ZERO),
                ] {
                    config.create_native_config().expect("settings");
                }
            }
        }
    }

    #[test]
    fn what_the_asset_says_arrives_and_nothing_runs_a_shell() {
        let tls = Tls {
            ca: Some(certificates("CA")),
            ..Tls::default()
        };
        let config = consumer(&connection(Some(tls), Some(kerberos())));
        for (key, value) in [
            ("bootstrap.servers", "a:9092,[::1]:9092"),
            ("security.protocol", "SASL_SSL"),
            ("ssl.ca.pem", "CA"),
            ("ssl.endpoint.identification.algorithm", "https"),
            ("sasl.mechanisms", "GSSAPI"),
            ("sasl.kerberos.service.name", "broker"),
            ("sasl.kerberos.kinit.cmd", ""),
        ] {
            assert_eq!(config.get(key), Some(value), "{key}");
        }
        for key in ["ssl.key.pem", "plugin.library.paths", "ssl.engine.location"] {
            assert_eq!(config.get(key), None, "{key}");
        }
        let config = consumer(&connection(None, Some(client())));
        assert_eq!(config.get("https.ca.pem"), Some("CA"));
        assert_eq!(config.get("sasl.oauthbearer.client.secret"), Some("secret"));
    }
}
