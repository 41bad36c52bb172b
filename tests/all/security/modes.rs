//! Through each mode: test connectivity passes, post data sends, on poll reads.

use kafka_soar_tests::testbed::secure;
use serde_json::{Value, json};

use super::{asset, client, in_realm, keytab, kinit, login, oidc, path, text, tls, token};
use crate::asset::{Asset, artifacts, run};

fn works(listener: &str, fields: &[Value]) {
    let topic = secure().broker().topic(1);
    works_with(&asset(listener, &topic, fields));
}

fn works_with(asset: &Asset) {
    let tested = run(in_realm(asset, &mut asset.command("test-connectivity")));
    assert_eq!(tested.status.code(), Some(0), "{tested:?}");

    let mut post = asset.command("post-data");
    post.args(["--data", "through it", "--timeout", "20"]);
    let posted = run(in_realm(asset, &mut post));
    assert_eq!(posted.status.code(), Some(0), "{posted:?}");

    let polled = run(in_realm(asset, &mut asset.poll()));
    assert_eq!(polled.status.code(), Some(0), "{polled:?}");
    let containers = asset.containers();
    let messages: Vec<&Value> = artifacts(&containers)
        .into_iter()
        .map(|artifact| &artifact["cef"]["message"])
        .collect();
    assert_eq!(messages, ["through it"]);
}

#[test]
fn tls_with_an_authority_alone() {
    works("ssl", &[tls()]);
}

#[test]
fn tls_with_a_client_certificate() {
    works("mtls", &[tls(), client("client")]);
}

#[test]
fn tls_with_an_encrypted_key() {
    let key = json!({"key_file": path("client-encrypted.key"), "ssl_key_password": "keypw"});
    works("mtls", &[tls(), client("client"), key]);
}

#[test]
fn tls_with_everything_as_text_in_one_line() {
    let line = |name: &str| text(name).replace('\n', " ");
    works(
        "mtls",
        &[json!({
            "security_protocol": "SSL",
            "ca_cert": line("ca.pem"),
            "cert_file": line("client.pem"),
            "key_file": line("client.key"),
        })],
    );
}

#[test]
fn tls_to_another_name_when_the_asset_insists() {
    let any = json!({"ssl_endpoint_identification_algorithm": "none"});
    let topic = secure().broker().topic(1);
    let asset = asset("wrong_name", &topic, &[tls(), any]);
    works_with(&asset);
    let polled = run(&mut asset.poll());
    let said = String::from_utf8_lossy(&polled.stderr);
    assert!(
        said.contains("WARN ssl_endpoint_identification_algorithm is none: "),
        "{said}"
    );
}

#[test]
fn plain() {
    works("sasl", &[login("PLAIN")]);
    works("sasl_ssl", &[tls(), login("PLAIN")]);
}

#[test]
fn scram_sha_256() {
    works("sasl", &[login("SCRAM-SHA-256")]);
    works("sasl_ssl", &[tls(), login("SCRAM-SHA-256")]);
}

#[test]
fn scram_sha_512() {
    works("sasl", &[login("SCRAM-SHA-512")]);
    works("sasl_ssl", &[tls(), login("SCRAM-SHA-512")]);
}

#[test]
fn kerberos_from_a_keytab() {
    works("sasl", &[keytab("app")]);
    works("sasl_ssl", &[tls(), keytab("app")]);
}

#[test]
fn kerberos_from_a_credential_cache() {
    for (listener, more) in [("sasl", json!({})), ("sasl_ssl", tls())] {
        let topic = secure().broker().topic(1);
        let asset = asset(listener, &topic, &[json!({"use_kerberos": true}), more]);
        kinit(&asset, "app");
        works_with(&asset);
    }
}

#[test]
fn oauthbearer_with_client_credentials() {
    works("sasl", &[oidc()]);
    works("sasl_ssl", &[tls(), oidc()]);
}

#[test]
fn oauthbearer_from_an_endpoint_with_tls_and_a_scope() {
    let endpoint = json!({
        "sasl_oauthbearer_token_endpoint_url": secure().token_tls_url(),
        "sasl_oauthbearer_scope": "kafka",
        "sasl_oauthbearer_extensions": "logicalCluster=lkc-1",
        "https_ca_cert": path("ca.pem"),
    });
    works("sasl", &[oidc(), endpoint]);
}

#[test]
fn oauthbearer_with_a_token() {
    let own = json!({
        "sasl_mechanism": "OAUTHBEARER",
        "sasl_oauthbearer_token": token("/token"),
    });
    works("sasl", std::slice::from_ref(&own));
    works("sasl_ssl", &[tls(), own]);
}
