//! Every way in which Kafka can be secured, and every way in which that goes wrong: the built
//! binary against a real broker, a real KDC and a token endpoint.

mod connectivity;
mod leaks;
mod modes;
mod refusals;
mod tickets;

use std::process::Command;

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::secure;
use serde_json::{Value, json};

use crate::asset::Asset;

/// The password of user app, with PLAIN and SCRAM.
const PASSWORD: &str = "app-secret";
const CLIENT_SECRET: &str = "oidc-secret";

/// An asset for a listener of the secured broker, with these fields.
fn asset(listener: &str, topic: &Topic, fields: &[Value]) -> Asset {
    let mut asset = Asset::at(&secure().listener(listener), topic);
    for field in fields
        .iter()
        .flat_map(|fields| fields.as_object().expect("fields"))
    {
        asset = asset.set(field.0, field.1.clone());
    }
    asset
}

/// A command whose Kerberos knows the testbed's realm and finds no one's tickets.
fn in_realm<'a>(asset: &Asset, command: &'a mut Command) -> &'a mut Command {
    command.env("KRB5_CONFIG", secure().file("krb5.conf")).env(
        "KRB5CCNAME",
        format!("FILE:{}", asset.path("tickets").display()),
    )
}

fn path(name: &str) -> String {
    secure().file(name).display().to_string()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(secure().file(name)).expect("a text")
}

/// TLS with the testbed's authority, in the original's fields.
fn tls() -> Value {
    json!({"use_ssl": true, "ca_cert": path("ca.pem")})
}

fn client(name: &str) -> Value {
    json!({
        "cert_file": path(&format!("{name}.pem")),
        "key_file": path(&format!("{name}.key")),
    })
}

fn login(mechanism: &str) -> Value {
    json!({"sasl_mechanism": mechanism, "sasl_username": "app", "sasl_password": PASSWORD})
}

fn keytab(name: &str) -> Value {
    json!({"use_kerberos": true, "sasl_kerberos_keytab": path(&format!("{name}.keytab"))})
}

fn oidc() -> Value {
    json!({
        "sasl_mechanism": "OAUTHBEARER",
        "sasl_oauthbearer_token_endpoint_url": secure().token_url(),
        "sasl_oauthbearer_client_id": "app",
        "sasl_oauthbearer_client_secret": CLIENT_SECRET,
    })
}

/// A token from the endpoint; from `/expired` one that has expired.
fn token(path: &str) -> String {
    let url = secure().token_url().replace("/token", path);
    let form = [("grant_type", "client_credentials"), ("client_id", "app")];
    let mut answer = ureq::post(&url)
        .send_form(form.into_iter().chain([("client_secret", CLIENT_SECRET)]))
        .expect("an answer");
    let answer: Value = answer.body_mut().read_json().expect("JSON");
    answer["access_token"].as_str().expect("a token").to_owned()
}

/// A ticket of 6 seconds from a keytab, in the asset's credential cache.
fn kinit(asset: &Asset, principal: &str) {
    let mut command = Command::new("kinit");
    command
        .args(["-k", "-t"])
        .arg(secure().file(&format!("{principal}.keytab")))
        .arg(format!("{principal}@LAB.TEST"));
    let output = in_realm(asset, &mut command).output().expect("kinit runs");
    assert!(output.status.success(), "{output:?}");
}
