//! The only file that spells librdkafka's settings.
//!
//! Nothing outside reaches librdkafka but what a [`Connection`] holds: hosts, and paths of TLS
//! files. Three settings run code from outside and are never taken from there:
//! `sasl.kerberos.kinit.cmd` (a shell), `plugin.library.paths` and `ssl.engine.location`.

use std::time::Duration;

use rdkafka::{ClientConfig, config::RDKafkaLogLevel};

use crate::config::{Connection, Security, Tls};

/// What librdkafka may hold of fetched records, in KiB. Payload only: it adds about 250 bytes a
/// record, which [`QUEUED_RECORDS`] bounds.
const QUEUED_KIB: u32 = 32 * 1024;
/// Records that librdkafka fetches ahead for each partition: half of its own default, whose
/// overhead alone is 25 MB a partition. A fifth of it, with half the bytes, made a poll a sixth slower.
const QUEUED_RECORDS: u32 = 50_000;
/// What one answer of a broker holds at most, unless its first record is larger.
const FETCH_BYTES: u32 = 16 << 20;
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

/// For metadata, and for offsets that count records of open transactions too.
pub(super) fn uncommitted(connection: &Connection) -> ClientConfig {
    let mut config = common(connection);
    config
        .set("allow.auto.create.topics", "false")
        .set("isolation.level", "read_uncommitted");
    config
}

/// For `post data`. `give_up` is when librdkafka reports a record as failed, at the latest.
pub(super) fn producer(connection: &Connection, give_up: Duration) -> ClientConfig {
    let mut config = common(connection);
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        // An action sends one handful of records and waits: nothing is gained by lingering.
        .set("linger.ms", "0")
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
    config.set("security.protocol", protocol(security));
    match security {
        Security::Plaintext => {}
        Security::Ssl(files) => tls(config, files),
        Security::SaslPlaintext => kerberos(config),
        Security::SaslSsl(files) => {
            tls(config, files);
            kerberos(config);
        }
    }
}

fn protocol(security: &Security) -> &'static str {
    match security {
        Security::Plaintext => "plaintext",
        Security::Ssl(_) => "ssl",
        Security::SaslPlaintext => "sasl_plaintext",
        Security::SaslSsl(_) => "sasl_ssl",
    }
}

fn tls(config: &mut ClientConfig, files: &Tls) {
    config.set("ssl.endpoint.identification.algorithm", "https");
    for (key, path) in [
        ("ssl.ca.location", &files.ca),
        ("ssl.certificate.location", &files.certificate),
        ("ssl.key.location", &files.key),
    ] {
        if let Some(path) = path {
            config.set(key, path.to_string_lossy());
        }
    }
}

/// Tickets come from the process's credential cache (`KRB5CCNAME`). An empty command and an
/// interval of 0 keep librdkafka from running a shell to renew them.
fn kerberos(config: &mut ClientConfig) {
    config
        .set("sasl.mechanisms", "GSSAPI")
        .set("sasl.kerberos.service.name", "kafka")
        .set("sasl.kerberos.kinit.cmd", "")
        .set("sasl.kerberos.min.time.before.relogin", "0");
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::config::Host;

    fn connection(security: Security) -> Connection {
        let host = |name: &str| Host {
            name: name.into(),
            port: 9092,
        };
        Connection {
            hosts: vec![host("a"), host("::1")],
            security,
        }
    }

    #[test]
    fn librdkafka_accepts_every_setting() {
        for security in [
            Security::Plaintext,
            Security::Ssl(Tls::default()),
            Security::SaslPlaintext,
            Security::SaslSsl(Tls::default()),
        ] {
            let connection = connection(security);
            for config in [
                consumer(&connection),
                uncommitted(&connection),
                producer(&connection, Duration::ZERO),
            ] {
                config.create_native_config().expect("settings");
            }
        }
    }

    #[test]
    fn hosts_and_files_arrive_and_nothing_runs_a_shell() {
        let config = consumer(&connection(Security::SaslSsl(Tls {
            ca: Some(PathBuf::from("/ca.pem")),
            ..Tls::default()
        })));
        assert_eq!(config.get("bootstrap.servers"), Some("a:9092,[::1]:9092"));
        assert_eq!(config.get("ssl.ca.location"), Some("/ca.pem"));
        assert_eq!(config.get("ssl.key.location"), None);
        assert_eq!(config.get("sasl.kerberos.kinit.cmd"), Some(""));
        let identification = "ssl.endpoint.identification.algorithm";
        assert_eq!(config.get(identification), Some("https"));
        for key in ["plugin.library.paths", "ssl.engine.location"] {
            assert_eq!(config.get(key), None);
        }
    }
}
