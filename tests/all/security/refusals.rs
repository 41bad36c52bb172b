//! What goes wrong, and the words for it.

use std::time::{Duration, Instant};

use kafka_soar_tests::testbed::{closed_port, secure};
use serde_json::{Value, json};

use super::{asset, client, in_realm, keytab, login, oidc, path, tls, token};
use crate::asset::{Asset, error, run};

const TLS: &str = "no TLS connection to Kafka:";
const SASL: &str = "authentication with Kafka failed:";
const EXPIRED: &str = "expired on Feb  1 00:00:00 2024 GMT";

/// A poll is refused with this heading and this cause, for the listener's host.
fn refused(listener: &str, fields: &[Value], heading: &str, cause: &str, hint: &str) {
    let topic = secure().broker().topic(1);
    let asset = asset(listener, &topic, fields);
    let host = secure().listener(listener);
    let expected = format!("{heading}\n  {host}: {cause}");
    refused_with(&asset, &[], &expected, hint);
}

fn refused_with(asset: &Asset, environment: &[(&str, String)], message: &str, hint: &str) {
    let begun = Instant::now();
    let mut poll = asset.poll();
    in_realm(asset, &mut poll).envs(environment.iter().cloned());
    let output = run(&mut poll);
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let error = error(&output);
    assert_eq!(error["message"], message);
    assert_eq!(error["hint"], hint);
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn an_authority_that_nobody_named() {
    refused(
        "ssl",
        &[json!({"security_protocol": "SSL"})],
        TLS,
        "the broker's certificate is issued by CN=testbed-ca, which this system does not trust",
        "give that authority's certificate in ca_cert",
    );
    refused(
        "ssl",
        &[tls(), json!({"ca_cert": path("other-ca.pem")})],
        TLS,
        "the broker's certificate is issued by CN=testbed-ca, which ca_cert does not hold",
        "give that authority's certificate in ca_cert",
    );
}

#[test]
fn a_broker_whose_certificate_has_expired() {
    refused(
        "expired",
        &[tls()],
        TLS,
        &format!("the broker's certificate (CN=localhost) {EXPIRED}"),
        "have it renewed on the broker",
    );
}

#[test]
fn a_broker_whose_certificate_names_another() {
    refused(
        "wrong_name",
        &[tls()],
        TLS,
        "the broker's certificate is for elsewhere.test, not for localhost",
        "name the host in hosts as in its certificate, or have a certificate made that names it",
    );
}

#[test]
fn no_client_certificate() {
    refused(
        "mtls",
        &[tls()],
        TLS,
        "the broker asks for a client certificate, and the asset has none",
        "give cert_file and key_file",
    );
}

#[test]
fn a_client_certificate_that_has_expired() {
    refused(
        "mtls",
        &[tls(), client("expired-client")],
        TLS,
        &format!("the broker refused the client certificate (CN=app): it {EXPIRED}"),
        "have it renewed",
    );
}

#[test]
fn a_client_certificate_from_a_stranger() {
    refused(
        "mtls",
        &[tls(), client("other-client")],
        TLS,
        "the broker refused the client certificate (CN=app, issued by CN=other-ca): certificate \
         unknown",
        "give a certificate from an authority that the broker trusts (its ssl.truststore)",
    );
}

#[test]
fn tls_on_one_side_only() {
    let only_tls = (
        "the port speaks TLS, and the asset does not ask for it",
        "tick use_ssl (or choose security_protocol SSL or SASL_SSL), or give the port of a \
         listener without TLS",
    );
    refused("ssl", &[], TLS, only_tls.0, only_tls.1);
    refused("sasl_ssl", &[login("PLAIN")], TLS, only_tls.0, only_tls.1);
    refused(
        "sasl",
        &[tls(), login("PLAIN")],
        TLS,
        "the port speaks Kafka without TLS, and the asset asks for TLS",
        "untick use_ssl (or choose security_protocol PLAINTEXT or SASL_PLAINTEXT), or give the \
         port of a listener with TLS",
    );
}

#[test]
fn sasl_on_one_side_only() {
    refused(
        "ssl",
        &[tls(), login("PLAIN")],
        SASL,
        "the listener has no SASL, and the asset asks for it",
        "leave sasl_mechanism and use_kerberos out, or give the port of a listener with SASL",
    );
    refused(
        "sasl",
        &[],
        SASL,
        "the listener asks for SASL (GSSAPI, OAUTHBEARER, PLAIN, SCRAM-SHA-256, SCRAM-SHA-512), \
         and the asset has none",
        "choose a sasl_mechanism (or tick use_kerberos), or give the port of another listener",
    );
}

#[test]
fn a_wrong_password() {
    for mechanism in ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
        refused(
            "sasl",
            &[login(mechanism), json!({"sasl_password": "wrong"})],
            SASL,
            &format!(
                "the broker does not accept the user name app with this password ({mechanism})"
            ),
            "check sasl_username and sasl_password, and that the user exists for this mechanism",
        );
    }
}

#[test]
fn no_ticket() {
    let topic = secure().broker().topic(1);
    let asset = asset("sasl", &topic, &[json!({"use_kerberos": true})]);
    let cache = asset.path("tickets");
    refused_with(
        &asset,
        &[],
        &format!(
            "{SASL}\n  {}: there is no Kerberos ticket in the credential cache FILE:{}",
            secure().listener("sasl"),
            cache.display()
        ),
        "run kinit as the user that runs kafka-soar, or give sasl_kerberos_keytab",
    );
}

#[test]
fn a_keytab_whose_key_is_no_longer_the_principals() {
    refused(
        "sasl",
        &[keytab("stale")],
        SASL,
        "the KDC does not accept the keytab's key of app@LAB.TEST",
        "write the keytab anew (kadmin: ktadd): the principal's key has changed since",
    );
}

#[test]
fn a_service_that_the_kdc_does_not_know() {
    refused(
        "sasl",
        &[
            keytab("app"),
            json!({"sasl_kerberos_service_name": "broker"}),
        ],
        SASL,
        "the KDC knows no service broker/localhost@LAB.TEST",
        "check sasl_kerberos_service_name, and that hosts are named as their principals are",
    );
}

/// The cause for the asset's Kerberos with another krb5.conf.
fn kerberos_with(krb5_conf: &str, cause: &str, hint: &str) {
    let topic = secure().broker().topic(1);
    let asset = asset("sasl", &topic, &[keytab("app")]);
    refused_with(
        &asset,
        &[("KRB5_CONFIG", krb5_conf.to_owned())],
        &format!("{SASL}\n  {}: {cause}", secure().listener("sasl")),
        hint,
    );
}

#[test]
fn a_clock_that_is_wrong() {
    kerberos_with(
        &path("krb5-late.conf"),
        "this machine's clock and the KDC's differ too much",
        "set both by a time server (NTP); Kerberos allows five minutes",
    );
}

#[test]
fn a_kdc_that_is_gone_or_was_never_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("krb5.conf");
    let conf = format!(
        "[libdefaults]\n dns_lookup_kdc = false\n[realms]\n LAB.TEST = {{\n  kdc = \
         127.0.0.1:{}\n }}\n",
        closed_port()
    );
    std::fs::write(&file, conf).unwrap();
    kerberos_with(
        &file.display().to_string(),
        "no KDC of the realm LAB.TEST answers",
        "check the realm's kdc in krb5.conf, and the network in between",
    );
    std::fs::write(&file, "[libdefaults]\n dns_lookup_kdc = false\n").unwrap();
    kerberos_with(
        &file.display().to_string(),
        "no KDC of the realm LAB.TEST is known",
        "name one in krb5.conf ([realms]), or in the file that KRB5_CONFIG names",
    );
}

#[test]
fn a_token_endpoint_that_refuses() {
    let topic = secure().broker().topic(1);
    let url = secure().token_url();
    let wrong = json!({"sasl_oauthbearer_client_secret": "wrong"});
    refused_with(
        &asset("sasl", &topic, &[oidc(), wrong]),
        &[],
        &format!(
            "{SASL}\n  the token endpoint {url} does not accept the client app with this secret"
        ),
        "check sasl_oauthbearer_client_id and sasl_oauthbearer_client_secret",
    );
    let elsewhere = json!({"sasl_oauthbearer_token_endpoint_url": format!("{url}s")});
    refused_with(
        &asset("sasl", &topic, &[oidc(), elsewhere]),
        &[],
        &format!("{SASL}\n  no token from {url}s: {{\"error\": \"not_found\"}}"),
        "check sasl_oauthbearer_token_endpoint_url, sasl_oauthbearer_scope and https_ca_cert",
    );
}

#[test]
fn a_token_endpoint_that_is_not_trusted_or_knows_no_such_scope() {
    let topic = secure().broker().topic(1);
    let url = secure().token_tls_url();
    let tls = json!({"sasl_oauthbearer_token_endpoint_url": url});
    let stranger = json!({"https_ca_cert": path("other-ca.pem")});
    for fields in [vec![oidc(), tls.clone()], vec![oidc(), tls, stranger]] {
        let output = run(&mut asset("sasl", &topic, &fields).poll());
        assert_eq!(output.status.code(), Some(69), "{output:?}");
        let error = error(&output);
        let message = error["message"].as_str().unwrap();
        let begin = format!("{SASL}\n  no token from {url}: SSL certificate problem: ");
        assert!(message.starts_with(&begin), "{message}");
        assert!(error["hint"].as_str().unwrap().contains("https_ca_cert"));
    }
    let url = secure().token_url();
    refused_with(
        &asset(
            "sasl",
            &topic,
            &[oidc(), json!({"sasl_oauthbearer_scope": "other"})],
        ),
        &[],
        &format!("{SASL}\n  no token from {url}: {{\"error\": \"invalid_scope\"}}"),
        "check sasl_oauthbearer_token_endpoint_url, sasl_oauthbearer_scope and https_ca_cert",
    );
}

#[test]
fn a_token_that_is_none_or_no_longer() {
    let with =
        |token: &str| json!({"sasl_mechanism": "OAUTHBEARER", "sasl_oauthbearer_token": token});
    refused(
        "sasl",
        &[with("nonsense")],
        SASL,
        "the broker does not accept the token",
        "check that the broker expects this issuer, audience and scope, and both clocks",
    );
    let topic = secure().broker().topic(1);
    let asset = asset("sasl", &topic, &[with(&token("/expired"))]);
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let error = error(&output);
    let begin = format!("{SASL}\n  the token in sasl_oauthbearer_token expired at 20");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with(&begin), "{message}");
    assert_eq!(
        error["hint"],
        "give a fresh one, or the client's id and secret, with which one is asked for"
    );
}
