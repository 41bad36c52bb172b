//! What librdkafka complains about between calls. It retries on its own and then reports "timed
//! out"; the reason was in an event long before. This keeps the reasons.

use std::{
    collections::BTreeMap,
    error::Error as StdError,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rdkafka::{
    ClientContext, client::OAuthToken, config::RDKafkaLogLevel, consumer::ConsumerContext,
    error::KafkaError, types::RDKafkaErrorCode,
};
use secrecy::SecretString;

use super::{
    Cause, Error, Stage,
    cause::{self, Seen, look_at, sum_up},
    diagnosis, kerberos, token,
};
use crate::config::{Connection, Host, OAuthBearer, Sasl};

/// The last complaint of each host. Bounded: a cluster has few hosts, and no more than
/// [`HOSTS`] are kept.
type Complaints = BTreeMap<Option<String>, Cause>;

const HOSTS: usize = 32;

/// librdkafka's callbacks, for every kind of client. None of them can panic.
#[derive(Default)]
pub(super) struct Context {
    complaints: Mutex<Complaints>,
    /// For OAUTHBEARER, when the asset has a token itself.
    token: Option<SecretString>,
}

impl ClientContext for Context {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn StdError>> {
        match &self.token {
            Some(token) => token::current(token),
            None => Err("no token is given".into()),
        }
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        tracing::debug!(target: "librdkafka", facility, "{message}");
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.note(&error, reason);
    }
}

impl ConsumerContext for Context {}

impl Context {
    /// For a client of `connection`, which may be made after this.
    ///
    /// # Errors
    ///
    /// [`Error::Settings`] when this process can't have the connection's identity.
    pub(super) fn of(connection: &Connection) -> Result<Self, Error> {
        kerberos::prepare(connection)?;
        let token = match &connection.security.sasl {
            Some(Sasl::OAuthBearer(OAuthBearer::Token(token))) => Some(token.clone()),
            _ => None,
        };
        Ok(Self {
            token,
            ..Self::default()
        })
    }

    /// Whether librdkafka waits for this to hand over a token before it connects.
    pub(super) fn holds_token(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn note(&self, error: &KafkaError, reason: &str) {
        let Some(code) = error.rdkafka_error_code() else {
            return;
        };
        let mut complaints = self.lock();
        match code {
            // No news: the end of a partition, a group that is never used, and the sum of what
            // each broker has told already (and which did not come where no host ever connected).
            RDKafkaErrorCode::PartitionEOF
            | RDKafkaErrorCode::GroupAuthorizationFailed
            | RDKafkaErrorCode::AllBrokersDown => return,
            _ => tracing::debug!(target: "librdkafka", ?code, "{reason}"),
        }
        let (host, text) = split(reason);
        let cause = Cause {
            host: host.clone(),
            stage: stage(code, text),
            text: text.to_owned(),
            remedy: None,
        };
        if complaints.len() < HOSTS || complaints.contains_key(&host) {
            complaints.insert(host, cause);
        }
    }

    /// Forgets everything: the cluster has answered.
    pub(super) fn clear(&self) {
        *self.lock() = Complaints::default();
    }

    /// Whether waiting longer can't help: every broker refused this client's identity.
    pub(super) fn refused(&self) -> bool {
        let complaints = self.lock();
        complaints
            .values()
            .any(|cause| cause.stage == Stage::Authentication)
    }

    /// Whether every one of `hosts` has failed.
    pub(super) fn all_failed(&self, hosts: &[Host]) -> bool {
        let complaints = self.lock();
        hosts
            .iter()
            .all(|host| complaints.contains_key(&Some(host.to_string())))
    }

    /// The last complaint in one line, for messages about something else.
    pub(super) fn last(&self) -> Option<String> {
        let complaints = self.lock();
        let texts: Vec<String> = complaints.values().map(Cause::to_string).collect();
        (!texts.is_empty()).then(|| texts.join("; "))
    }

    /// Why none of the connection's hosts could be used within `waited`. Where librdkafka's
    /// words don't tell, looks at the ports itself, which takes some seconds at most.
    pub(super) fn explain(&self, connection: &Connection, waited: Duration) -> Error {
        self.explain_with(connection, waited, None)
    }

    /// [`Context::explain`] with what an earlier look has seen.
    pub(super) fn explain_with(
        &self,
        connection: &Connection,
        waited: Duration,
        seen: Option<Seen>,
    ) -> Error {
        let mut causes: Vec<Cause> = self.lock().values().cloned().collect();
        for host in connection.hosts.iter().map(ToString::to_string) {
            if !causes.iter().any(|c| c.host.as_ref() == Some(&host)) {
                causes.push(Cause {
                    host: Some(host),
                    stage: Stage::Connect,
                    text: format!("no answer within {} s", waited.as_secs().max(1)),
                    remedy: None,
                });
            }
        }
        for cause in &mut causes {
            if cause.stage == Stage::Authentication
                && let Some(found) = diagnosis::of_authentication(&cause.text, &connection.security)
            {
                *cause = cause::of(cause.host.take(), found);
            }
        }
        let unclear = |cause: &Cause| matches!(cause.stage, Stage::Connect | Stage::Tls);
        let seen = match seen {
            Some(seen) => seen,
            None if causes.iter().any(unclear) => look_at(connection),
            None => Seen::new(),
        };
        for cause in causes.iter_mut().filter(|cause| unclear(cause)) {
            let found = seen
                .iter()
                .find(|(host, _)| Some(host) == cause.host.as_ref());
            if let Some((_, Some(found))) = found {
                *cause = found.clone();
            }
        }
        sum_up(causes)
    }

    fn lock(&self) -> MutexGuard<'_, Complaints> {
        self.complaints
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn stage(code: RDKafkaErrorCode, text: &str) -> Stage {
    use RDKafkaErrorCode as Code;
    match code {
        Code::Resolve => Stage::Resolve,
        // A listener without TLS hangs up, which has no code of its own.
        Code::SSL => Stage::Tls,
        // The broker may hang up before librdkafka can tell that the handshake failed.
        Code::BrokerTransportFailure
            if text.starts_with("SSL handshake failed")
                || text.contains("in state SSL_HANDSHAKE") =>
        {
            Stage::Tls
        }
        Code::BrokerTransportFailure | Code::OperationTimedOut | Code::RequestTimedOut => {
            Stage::Connect
        }
        Code::Authentication
        | Code::SaslAuthenticationFailed
        | Code::UnsupportedSASLMechanism
        | Code::IllegalSASLState => Stage::Authentication,
        _ => Stage::Other,
    }
}

/// Splits `sasl_ssl://host:9092/bootstrap: what happened` into host and text.
fn split(reason: &str) -> (Option<String>, &str) {
    let whole = (None, reason);
    let Some((name, text)) = reason.split_once(": ") else {
        return whole;
    };
    let name = name.rsplit_once("://").map_or(name, |(_, rest)| rest);
    match name.rsplit_once('/') {
        Some((host, _)) if host.contains(':') && !host.contains(' ') => {
            (Some(host.to_owned()), text)
        }
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Security;

    fn host(name: &str) -> Host {
        Host {
            name: name.into(),
            port: 9092,
        }
    }

    fn connection(hosts: &[&str]) -> Connection {
        Connection {
            // Names that no name server has.
            hosts: hosts
                .iter()
                .map(|name| host(&format!("{name}.invalid")))
                .collect(),
            security: Security::default(),
        }
    }

    fn note(context: &Context, code: RDKafkaErrorCode, reason: &str) {
        context.note(&KafkaError::Global(code), reason);
    }

    #[test]
    fn a_reason_names_its_host() {
        let refused = "a:9092/bootstrap: Connect to ipv4#10.0.0.1:9092 failed: Connection refused";
        assert_eq!(
            split(refused),
            (
                Some("a:9092".into()),
                "Connect to ipv4#10.0.0.1:9092 failed: Connection refused"
            )
        );
        assert_eq!(
            split("sasl_ssl://[::1]:9093/1: no").0,
            Some("[::1]:9093".into())
        );
        assert_eq!(
            split("2/2 brokers are down"),
            (None, "2/2 brokers are down")
        );
        assert_eq!(
            split("Offset out of range: x"),
            (None, "Offset out of range: x")
        );
    }

    #[test]
    fn a_time_out_is_reported_with_the_cause_of_every_host() {
        let context = Context::default();
        note(
            &context,
            RDKafkaErrorCode::Resolve,
            "a.invalid:9092/bootstrap: no such name",
        );
        let error = context.explain(&connection(&["a", "b"]), Duration::from_secs(9));
        let Error::Unreachable(causes) = error else {
            panic!("{error:?}")
        };
        let texts: Vec<String> = causes.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "a.invalid:9092: no such name",
                "b.invalid:9092: no answer within 9 s"
            ]
        );
    }

    #[test]
    fn authentication_outweighs_what_other_hosts_say() {
        let context = Context::default();
        note(
            &context,
            RDKafkaErrorCode::BrokerTransportFailure,
            "a:9092/1: gone",
        );
        assert!(!context.refused());
        note(
            &context,
            RDKafkaErrorCode::Authentication,
            "b:9092/2: no credentials",
        );
        assert!(context.refused());
        let error = context.explain(&connection(&["a", "b"]), Duration::from_secs(1));
        assert!(matches!(&error, Error::Authentication(causes) if causes.len() == 1));
    }

    #[test]
    fn ends_of_partitions_and_the_unused_group_are_no_trouble() {
        let context = Context::default();
        note(&context, RDKafkaErrorCode::PartitionEOF, "end");
        note(
            &context,
            RDKafkaErrorCode::GroupAuthorizationFailed,
            "a:9092/1: no",
        );
        note(
            &context,
            RDKafkaErrorCode::AllBrokersDown,
            "1/1 brokers are down",
        );
        assert_eq!(context.last(), None);
    }

    #[test]
    fn all_have_failed_when_each_has() {
        let context = Context::default();
        let hosts = [host("a"), host("b")];
        note(
            &context,
            RDKafkaErrorCode::Resolve,
            "a:9092/bootstrap: no such name",
        );
        assert!(!context.all_failed(&hosts));
        note(
            &context,
            RDKafkaErrorCode::SSL,
            "ssl://b:9092/bootstrap: no certificate",
        );
        assert!(context.all_failed(&hosts));
        context.clear();
        assert!(!context.all_failed(&hosts));
    }
}
