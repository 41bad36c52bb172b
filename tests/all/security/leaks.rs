//! No secret is in anything that comes out: results, errors, logs at their most talkative,
//! arguments of processes, the state, the quarantine.

use std::{fs, process::Stdio};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kafka_soar_tests::testbed::{Fixture, Registry, secure};
use serde_json::{Value, json};

use super::{
    CLIENT_SECRET, PASSWORD, asset, client, in_realm, keytab, login, oidc, path, text, tls, token,
};
use crate::asset::Asset;

/// Runs every action as talkatively as can be; everything that came out.
fn everything(asset: &Asset) -> String {
    let mut all = String::new();
    for (action, options) in [
        ("test-connectivity", &[][..]),
        ("post-data", &["--data", "x", "--timeout", "10"]),
        (
            "on-poll",
            &["--state", "state.json", "--output", "out.ndjson"],
        ),
    ] {
        for verbosity in [&["-vv", "--json"][..], &["-vv"]] {
            let mut command = asset.command(action);
            command.args(options).args(verbosity);
            in_realm(asset, &mut command)
                .env("KAFKA_SOAR_LOG", "trace")
                .env("RUST_BACKTRACE", "full")
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let child = command.spawn().expect("the binary runs");
            let arguments = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap_or_default();
            let output = child.wait_with_output().expect("it ends");
            for bytes in [arguments, output.stdout, output.stderr] {
                all.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
    }
    for file in fs::read_dir(asset.folder.path()).expect("a folder") {
        let file = file.expect("a file");
        if file.file_name() != "asset.json" && file.file_name() != "tickets" {
            all.push_str(&String::from_utf8_lossy(
                &fs::read(file.path()).unwrap_or_default(),
            ));
        }
    }
    all
}

fn keeps(listener: &str, fields: &[Value], secrets: &[&str]) {
    let topic = secure().broker().topic(1);
    secure()
        .broker()
        .produce(&topic, [Fixture::value(0, b"\xff")]);
    let all = everything(&asset(listener, &topic, fields));
    // It did talk, librdkafka included.
    assert!(all.contains("DEBUG") || all.contains("TRACE"), "{all}");
    for secret in secrets {
        assert!(!all.contains(secret), "{secret} is in\n{all}");
    }
}

/// A line from the middle of a key: enough to know it by.
fn middle(key: &str) -> String {
    let lines: Vec<&str> = key.lines().collect();
    lines[lines.len() / 2].to_owned()
}

#[test]
fn passwords() {
    for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
        keeps("sasl", &[login(mechanism)], &[PASSWORD]);
        let wrong = json!({"sasl_password": "a wrong one"});
        keeps("sasl", &[login(mechanism), wrong], &["a wrong one"]);
    }
}

#[test]
fn clients_secrets_and_tokens() {
    keeps("sasl", &[oidc()], &[CLIENT_SECRET, "eyJ"]);
    let wrong = json!({"sasl_oauthbearer_client_secret": "a wrong one"});
    keeps("sasl", &[oidc(), wrong], &["a wrong one"]);
    let token = token("/token");
    let own = json!({"sasl_mechanism": "OAUTHBEARER", "sasl_oauthbearer_token": token});
    keeps("sasl", &[own], &[&token]);
}

#[test]
fn keys_and_their_passwords() {
    let key = text("client-encrypted.key");
    let encrypted = json!({"key_file": key, "ssl_key_password": "keypw"});
    keeps(
        "mtls",
        &[tls(), client("client"), encrypted.clone()],
        &["keypw", &middle(&key)],
    );
    // Where the broker refuses the certificate, too.
    keeps(
        "expired",
        &[tls(), client("client"), encrypted],
        &["keypw", &middle(&key)],
    );
    keeps("sasl", &[keytab("app")], &["\u{5}\u{2}\0"]);
}

#[test]
fn the_schema_registrys_login() {
    let registry = Registry::start(&["--login", "reader:registry-secret"]);
    let topic = secure().broker().topic(1);
    let framed = [0, 0, 0, 0, 1, 2];
    secure()
        .broker()
        .produce(&topic, [Fixture::value(0, &framed)]);
    let url = registry.url();
    let encoded = BASE64_STANDARD.encode("reader:registry-secret");
    for (fields, secrets) in [
        (
            json!({"schema_registry_username": "reader", "schema_registry_password": "registry-secret"}),
            ["registry-secret", encoded.as_str()],
        ),
        (
            json!({"schema_registry_bearer_token": "a-wrong-token"}),
            ["a-wrong-token", "a-wrong-token"],
        ),
    ] {
        let address = json!({"schema_registry_url": url});
        let all = everything(&asset("ssl", &topic, &[tls(), address, fields]));
        assert!(all.contains("schema registry"), "{all}");
        for secret in secrets {
            assert!(!all.contains(secret), "{secret} is in\n{all}");
        }
    }
}

#[test]
fn configurations_with_faults() {
    let topic = secure().broker().topic(1);
    let wrong = "hunter2-hunter2";
    for fields in [
        json!({"sasl_password": wrong}),
        json!({"sasl_mechanism": "PLAIN", "sasl_username": 5, "sasl_password": wrong}),
        json!({"sasl_mechanism": "PLAIN", "sasl_pasword": wrong}),
        json!({"sasl_mechanism": "PLAIN", "sasl_username": "a", "sasl_password": [wrong]}),
        json!({"sasl_mechanism": "OAUTHBEARER", "sasl_oauthbearer_token": {"t": wrong}}),
        json!({"use_ssl": true, "cert_file": path("client.pem"), "key_file": path("client-encrypted.key"),
               "ssl_key_password": wrong}),
        json!({"use_ssl": true, "cert_file": path("client.pem"), "key_file": format!("-----BEGIN PRIVATE KEY-----\n{wrong}")}),
    ] {
        let all = everything(&asset("sasl", &topic, std::slice::from_ref(&fields)));
        assert!(!all.contains(wrong), "{fields}: {all}");
        assert!(
            all.contains("has a fault") || all.contains("faults"),
            "{fields}: {all}"
        );
    }
}
