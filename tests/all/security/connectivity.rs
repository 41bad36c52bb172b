//! test connectivity names the cause in one line, within its bound.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use kafka_soar_tests::testbed::{closed_port, secure, shared};
use serde_json::{Value, json};

use super::{asset, in_realm, login, tls};
use crate::asset::{Asset, run};

/// Runs it; the checks that failed, as name and detail.
fn failures(asset: &Asset, options: &[&str]) -> Vec<(String, String)> {
    let begun = Instant::now();
    let mut command = asset.command("test-connectivity");
    command.arg("--json").args(options);
    let output = run(in_realm(asset, &mut command));
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(outcome["status"], "Test Connectivity Failed");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let checks = outcome["checks"].as_array().expect("a list");
    let failed = checks.iter().filter(|check| check["ok"] == false);
    let failed: Vec<_> = failed
        .map(|c| (text(&c["name"]), text(&c["detail"]), text(&c["remedy"])))
        .collect();
    for (_, detail, remedy) in &failed {
        assert!(
            !detail.contains('\n') && !remedy.is_empty(),
            "{detail} {remedy}"
        );
    }
    failed
        .into_iter()
        .map(|(name, detail, _)| (name, detail))
        .collect()
}

fn one(asset: &Asset, name: &str, detail: &str) {
    let expected = vec![(name.to_owned(), detail.to_owned())];
    assert_eq!(failures(asset, &[]), expected);
}

#[test]
fn a_dead_port() {
    let topic = shared().topic(1);
    let host = format!("127.0.0.1:{}", closed_port());
    one(
        &Asset::at(&host, &topic),
        &format!("tcp {host}"),
        "Connection refused (os error 111)",
    );
}

#[test]
fn a_host_that_accepts_and_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let asset = Asset::at(&host, &"t".parse().unwrap());
    let detail = "the port accepts connections and never answers";
    one(&asset, &format!("listener {host}"), detail);
    let with_tls = asset.set("security_protocol", "SSL");
    one(&with_tls, &format!("tls {host}"), detail);
}

#[test]
fn hosts_that_swallow_every_packet() {
    // TEST-NET-1: nobody answers there.
    let asset = Asset::at("192.0.2.1:9092, 192.0.2.2:9092", &"t".parse().unwrap());
    let failed = failures(&asset, &[]);
    assert_eq!(failed.len(), 2, "{failed:?}");
    for (name, _) in failed {
        assert!(name.starts_with("tcp 192.0.2."), "{name}");
    }
}

#[test]
fn a_name_that_does_not_exist() {
    let asset = Asset::at("no-such-host.invalid:9092", &"t".parse().unwrap());
    let failed = failures(&asset, &[]);
    assert_eq!(failed[0].0, "name no-such-host.invalid:9092");
    assert_eq!(failed.len(), 1, "{failed:?}");
}

#[test]
fn tls_on_one_side_only() {
    let topic = secure().broker().topic(1);
    let ssl = secure().listener("ssl");
    one(
        &asset("ssl", &topic, &[]),
        &format!("listener {ssl}"),
        "the port speaks TLS, and the asset does not ask for it",
    );
    let plain = secure().broker().bootstrap();
    one(
        &Asset::at(plain, &topic).set("security_protocol", "SSL"),
        &format!("tls {plain}"),
        "the port speaks Kafka without TLS, and the asset asks for TLS",
    );
}

#[test]
fn a_wrong_password() {
    let topic = secure().broker().topic(1);
    let host = secure().listener("sasl_ssl");
    one(
        &asset(
            "sasl_ssl",
            &topic,
            &[tls(), login("PLAIN"), json!({"sasl_password": "wrong"})],
        ),
        "sasl",
        &format!("{host}: the broker does not accept the user name app with this password (PLAIN)"),
    );
}

#[test]
fn a_topic_that_does_not_exist() {
    one(
        &asset("sasl", &"no-such-topic".parse().unwrap(), &[login("PLAIN")]),
        "topic no-such-topic",
        "The specified topic could not be found on the Kafka server: no-such-topic",
    );
}

#[test]
fn a_topic_that_may_not_be_described_or_read() {
    let hidden = secure().broker().topic(1);
    secure().allow_only(&hidden, "someone-else", "All");
    one(
        &asset("sasl", &hidden, &[login("PLAIN")]),
        &format!("topic {hidden}"),
        &format!(
            "the Kafka server refused to describe topic {hidden}: TopicAuthorizationFailed \
             (Broker: Topic authorization failed)"
        ),
    );
    let shown = secure().broker().topic(1);
    secure().allow_only(&shown, "app", "Describe");
    let failed = failures(&asset("sasl", &shown, &[login("PLAIN")]), &[]);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].0, format!("read {shown}"));
    assert!(
        failed[0]
            .1
            .starts_with(&format!("the Kafka server refused to read topic {shown}: ")),
        "{failed:?}"
    );
}

#[test]
fn a_topic_that_may_not_be_written_is_told_and_passes() {
    let topic = secure().broker().topic(1);
    secure().allow_only(&topic, "app", "Read");
    let asset = asset("sasl", &topic, &[login("PLAIN")]);
    let output = run(asset.command("test-connectivity").arg("--json"));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let name = format!("write {topic}");
    let checks = outcome["checks"].as_array().expect("a list");
    let check = checks
        .iter()
        .find(|check| check["name"] == name.as_str())
        .expect("it is there");
    assert_eq!(
        check["detail"],
        "not allowed: post data would be refused, on poll doesn't need it"
    );
}

#[test]
fn the_state_of_another_cluster() {
    let topic = shared().topic(1);
    let asset = Asset::new(&topic);
    let state = json!({
        topic.as_str(): {"0": 5},
        "kafka-soar/state": {"version": 1, "cluster_id": "elsewhere"},
    });
    std::fs::write(asset.path("state.json"), state.to_string()).unwrap();
    let failed = failures(&asset, &["--state", "state.json"]);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].0, "state");
    assert_eq!(
        failed[0].1,
        "the offsets in the state file state.json belong to the Kafka cluster \"elsewhere\", but \
         the asset's hosts lead to the cluster \"4L6g3nShT-eMCtK--X86sw\""
    );
}
