//! Causes in words: what is the matter, and what to do about it, of what librdkafka, libgssapi,
//! token endpoints and [`probe`](super::probe) tell.

use super::{
    Stage,
    certificate::{self, Rejected},
    probe::Obstacle,
};
use crate::config::{Host, OAuthBearer, Sasl, Security};

/// What is the matter, and what to do about it.
pub(super) struct Diagnosis {
    pub(super) stage: Stage,
    pub(super) text: String,
    pub(super) remedy: &'static str,
}

fn new(stage: Stage, text: impl Into<String>, remedy: &'static str) -> Diagnosis {
    Diagnosis {
        stage,
        text: text.into(),
        remedy,
    }
}

const TLS_PORT: &str = "tick use_ssl (or choose security_protocol SSL or SASL_SSL), or give the \
                        port of a listener without TLS";
const PLAIN_PORT: &str = "untick use_ssl (or choose security_protocol PLAINTEXT or \
                          SASL_PLAINTEXT), or give the port of a listener with TLS";

/// What a look at `host` found.
pub(super) fn of_obstacle(obstacle: &Obstacle, host: &Host, security: &Security) -> Diagnosis {
    match obstacle {
        Obstacle::Certificate(rejected) => of_certificate(rejected, host, security),
        Obstacle::CertificateWanted => new(
            Stage::Tls,
            "the broker asks for a client certificate, and the asset has none",
            "give cert_file and key_file",
        ),
        Obstacle::CertificateRefused(alert) => of_own_certificate(alert, security),
        Obstacle::NoTls => new(
            Stage::Tls,
            "the port speaks Kafka without TLS, and the asset asks for TLS",
            PLAIN_PORT,
        ),
        Obstacle::OnlyTls => new(
            Stage::Tls,
            "the port speaks TLS, and the asset does not ask for it",
            TLS_PORT,
        ),
        Obstacle::Silent => new(
            Stage::Connect,
            "the port accepts connections and never answers",
            "check that Kafka runs there and is not stuck, and which proxy stands in between",
        ),
        Obstacle::NoKafka => new(
            Stage::Connect,
            "what listens there does not speak Kafka",
            "correct the port in hosts",
        ),
        Obstacle::SaslWanted(offered) => new(
            Stage::Authentication,
            format!("the listener asks for SASL ({offered}), and the asset has none"),
            "choose a sasl_mechanism (or tick use_kerberos), or give the port of another listener",
        ),
        Obstacle::NoSasl => no_sasl(),
        Obstacle::NotOffered(offered) => not_offered(offered, security),
        Obstacle::Handshake(reason) => new(
            Stage::Tls,
            format!("the TLS handshake failed: {reason}"),
            "check that the port is that of a listener with TLS, and which proxy stands in between",
        ),
    }
}

fn no_sasl() -> Diagnosis {
    new(
        Stage::Authentication,
        "the listener has no SASL, and the asset asks for it",
        "leave sasl_mechanism and use_kerberos out, or give the port of a listener with SASL",
    )
}

fn not_offered(offered: &str, security: &Security) -> Diagnosis {
    let mechanism = security.sasl.as_ref().map_or("", Sasl::mechanism);
    new(
        Stage::Authentication,
        format!("the listener does not offer {mechanism}, but {offered}"),
        "choose another sasl_mechanism, or give the port of another listener",
    )
}

fn of_certificate(rejected: &Rejected, host: &Host, security: &Security) -> Diagnosis {
    let (text, remedy) = match rejected {
        Rejected::Expired(subject, at) => (
            format!("the broker's certificate ({subject}) expired on {at}"),
            "have it renewed on the broker",
        ),
        Rejected::NotYetValid(subject, at) => (
            format!("the broker's certificate ({subject}) is not valid before {at}"),
            "check this machine's clock",
        ),
        Rejected::WrongName(names) => (
            format!(
                "the broker's certificate is for {}, not for {}",
                names.join(", "),
                host.name
            ),
            "name the host in hosts as in its certificate, or have a certificate made that names \
             it",
        ),
        Rejected::UnknownAuthority(issuer) => {
            let given = security.tls.as_ref().is_some_and(|tls| tls.ca.is_some());
            let whom = if given {
                "which ca_cert does not hold"
            } else {
                "which this system does not trust"
            };
            (
                format!("the broker's certificate is issued by {issuer}, {whom}"),
                "give that authority's certificate in ca_cert",
            )
        }
        Rejected::Other(words) => (
            format!("the broker's certificate is not accepted: {words}"),
            "have it mended on the broker, or correct ca_cert",
        ),
    };
    new(Stage::Tls, text, remedy)
}

fn of_own_certificate(alert: &str, security: &Security) -> Diagnosis {
    let identity = security.tls.as_ref().and_then(|tls| tls.identity.as_ref());
    let (text, remedy) = match identity.and_then(certificate::own) {
        Some(own) if own.expired.is_some() => (
            format!(
                "the broker refused the client certificate ({}): it expired on {}",
                own.subject,
                own.expired.unwrap_or_default()
            ),
            "have it renewed",
        ),
        Some(own) => (
            format!(
                "the broker refused the client certificate ({}, issued by {}): {alert}",
                own.subject, own.issuer
            ),
            "give a certificate from an authority that the broker trusts (its ssl.truststore)",
        ),
        None => (
            format!("the broker refused the client certificate: {alert}"),
            "give another cert_file and key_file",
        ),
    };
    new(Stage::Tls, text, remedy)
}

/// What librdkafka's words about authentication mean, where they are known.
pub(super) fn of_authentication(words: &str, security: &Security) -> Option<Diagnosis> {
    let sasl = security.sasl.as_ref()?;
    if words.contains("not valid in current SASL state") {
        return Some(no_sasl());
    }
    if let Some((_, offered)) =
        words.split_once("Unsupported SASL mechanism: broker's supported mechanisms: ")
    {
        let offered = offered.split(" (").next().unwrap_or(offered).trim();
        return Some(not_offered(&offered.replace(',', ", "), security));
    }
    let (text, remedy) = match sasl {
        Sasl::Gssapi(kerberos) => {
            let principal = kerberos
                .keytab
                .as_ref()
                .map(|keytab| keytab.principal.as_str());
            of_kerberos(words, principal)?
        }
        Sasl::Plain(login) | Sasl::ScramSha256(login) | Sasl::ScramSha512(login) => {
            let refused = ["Invalid username or password", "invalid credentials"];
            if !refused.iter().any(|known| words.contains(known)) {
                return None;
            }
            (
                format!(
                    "the broker does not accept the user name {} with this password ({})",
                    login.username,
                    sasl.mechanism()
                ),
                "check sasl_username and sasl_password, and that the user exists for this \
                 mechanism",
            )
        }
        Sasl::OAuthBearer(source) => of_token(words, source)?,
    };
    Some(new(Stage::Authentication, text, remedy))
}

/// The minor status that libgssapi gives in brackets, after the words that tell nothing.
fn of_kerberos(words: &str, principal: Option<&str>) -> Option<(String, &'static str)> {
    let within = |begin: &str, end: &str| {
        let (_, rest) = words.split_once(begin)?;
        rest.split_once(end).map(|(found, _)| found.to_owned())
    };
    let who = principal.unwrap_or("this client");
    let has = |known: &str| words.contains(known);
    Some(if has("Ticket expired") || has("ticket expired") {
        (
            "the Kerberos ticket has expired".to_owned(),
            "run kinit again, or give sasl_kerberos_keytab: its tickets renew themselves",
        )
    } else if has("No Kerberos credentials available") {
        let cache = within("(default cache: ", ")").unwrap_or_default();
        (
            format!("there is no Kerberos ticket in the credential cache {cache}"),
            "run kinit as the user that runs kafka-soar, or give sasl_kerberos_keytab",
        )
    } else if has("Preauthentication failed") || has("Decrypt integrity check failed") {
        (
            format!("the KDC does not accept the keytab's key of {who}"),
            "write the keytab anew (kadmin: ktadd): the principal's key has changed since",
        )
    } else if let Some(server) = within("Server ", " not found in Kerberos database") {
        (
            format!("the KDC knows no service {server}"),
            "check sasl_kerberos_service_name, and that hosts are named as their principals are",
        )
    } else if has("not found in Kerberos database") {
        (
            format!("the KDC knows no principal {who}"),
            "check sasl_kerberos_principal and its realm",
        )
    } else if has("Clock skew too great") {
        (
            "this machine's clock and the KDC's differ too much".to_owned(),
            "set both by a time server (NTP); Kerberos allows five minutes",
        )
    } else if let Some(realm) = within("Cannot contact any KDC for realm '", "'") {
        (
            format!("no KDC of the realm {realm} answers"),
            "check the realm's kdc in krb5.conf, and the network in between",
        )
    } else if let Some(realm) = within("Cannot find KDC for realm \"", "\"") {
        (
            format!("no KDC of the realm {realm} is known"),
            "name one in krb5.conf ([realms]), or in the file that KRB5_CONFIG names",
        )
    } else if has("invalid credentials with SASL mechanism GSSAPI") {
        (
            "the broker does not accept the Kerberos ticket".to_owned(),
            "check the broker's keytab and clock, and that hosts are named as their principals are",
        )
    } else {
        return None;
    })
}

fn of_token(words: &str, source: &OAuthBearer) -> Option<(String, &'static str)> {
    const NO_TOKEN: &str = "Failed to acquire SASL OAUTHBEARER token: ";
    if let Some((_, expired)) = words.split_once("the token in sasl_oauthbearer_token expired") {
        return Some((
            format!("the token in sasl_oauthbearer_token expired{expired}"),
            "give a fresh one, or the client's id and secret, with which one is asked for",
        ));
    }
    if words.contains("invalid_token") {
        return Some((
            "the broker does not accept the token".to_owned(),
            "check that the broker expects this issuer, audience and scope, and both clocks",
        ));
    }
    let OAuthBearer::ClientCredentials(client) = source else {
        return None;
    };
    let (_, answer) = words.split_once(NO_TOKEN)?;
    Some(if answer.contains("invalid_client") {
        (
            format!(
                "the token endpoint {} does not accept the client {} with this secret",
                client.token_endpoint, client.client_id
            ),
            "check sasl_oauthbearer_client_id and sasl_oauthbearer_client_secret",
        )
    } else {
        (
            format!("no token from {}: {answer}", client.token_endpoint),
            "check sasl_oauthbearer_token_endpoint_url, sasl_oauthbearer_scope and https_ca_cert",
        )
    })
}
