//! Messages in Schema Registry's wire format, from confluent-kafka's own serializers through the
//! real broker to containers.

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::{Fixture, Registry, closed_port, secure, shared};
use serde_json::{Value, json};

use crate::asset::{Asset, artifacts, error, lines, read, run};

const EVENT: &str = r#""source":{"ip":"10.0.0.1","port":443},"target":TARGET,"action":"DENY","labels":LABELS,"ports":PORTS,"raw":"AP8=","mac":"AAECAwQF","score":0.1,"ratio":0.5,"amount":"-1234567.089","at":"2026-11-24T10:30:00.123Z","at_micros":"1969-12-31T23:59:59.999999Z","day":"2026-02-28","time":"23:59:59.000001","uuid":"00112233-4455-6677-8899-aabbccddeeff","parent":"#;

/// What each message becomes, to the letter.
fn expected() -> Vec<(&'static str, String)> {
    let outer = EVENT
        .replace("TARGET", "null")
        .replace("LABELS", "{}")
        .replace("PORTS", "[]");
    let inner = EVENT
        .replace(
            "TARGET",
            "{\"ip\":\"größe \u{2028} \\\"quoted\\\"\",\"port\":null}",
        )
        .replace("LABELS", r#"{"env":"prod","seen":true}"#)
        .replace("PORTS", "[1,-1,65535]");
    let id = "\"id\":-4611686018427387904,";
    vec![
        ("avro", format!("{{{id}{outer}{{{id}{inner}null}}}}")),
        ("avro-text", "\"only text\"".to_owned()),
        (
            "avro-reference",
            r#"{"a":{"ip":"::1","port":1},"b":{"ip":"::2","port":null}}"#.to_owned(),
        ),
        ("json", r#"{"n":1.5,"t":"größe"}"#.to_owned()),
        (
            "protobuf",
            r#"{"source":{"ip":"10.0.0.1","port":0},"action":"DENY","counts":{"a":-1},"rules":[{"number":"9007199254740993"}],"reason":"größe","seen_at":"2026-11-24T10:30:00.500Z","raw_data":"AP8=","big":"18446744073709551615"}"#.to_owned(),
        ),
        (
            "protobuf-first",
            r#"{"x":"first type: its path is a single zero"}"#.to_owned(),
        ),
        ("protobuf-nested", r#"{"number":"-7"}"#.to_owned()),
    ]
}

fn asset(topic: &Topic, registry: &Registry) -> Asset {
    Asset::new(topic).set("schema_registry_url", registry.url())
}

fn send(topic: &Topic, values: &[&[u8]]) {
    shared().produce(topic, values.iter().map(|value| Fixture::value(0, value)));
}

fn messages(asset: &Asset) -> Vec<String> {
    let containers = asset.containers();
    let text = |artifact: &&Value| artifact["cef"]["message"].as_str().map(str::to_owned);
    artifacts(&containers).iter().filter_map(text).collect()
}

fn quarantine(asset: &Asset) -> Vec<Value> {
    lines(&read(&asset.path("kafka-soar-quarantine.ndjson")))
}

#[test]
fn every_kind_of_message_becomes_json() {
    let registry = Registry::start(&[]);
    let written = registry.messages();
    let expected = expected();
    assert_eq!(written.len(), expected.len());
    let topic = shared().topic(1);
    for (case, _) in &expected {
        send(&topic, &[&written[*case]]);
    }
    let asset = asset(&topic, &registry);
    assert_eq!(asset.polled()["emitted"], expected.len());
    let found = messages(&asset);
    for ((case, expected), found) in expected.iter().zip(&found) {
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn what_can_not_be_decoded_is_quarantined_with_the_reason_and_the_rest_goes_on() {
    let registry = Registry::start(&[]);
    let written = registry.messages();
    let pair = &written["avro-reference"];
    let topic = shared().topic(1);
    let unknown = [0, 0, 0, 3, 0xe7, 1, 2, 3];
    let cut = &pair[..pair.len() - 1];
    let longer = [pair.as_slice(), &[0]].concat();
    send(
        &topic,
        &[
            b"{\"plain\":1}",
            &unknown,
            pair,
            cut,
            &longer,
            b"\0\0",
            &written["json"],
        ],
    );
    let asset = asset(&topic, &registry);
    let polled = asset.polled();
    assert_eq!(polled["messages"], 7, "{polled}");
    assert_eq!(polled["quarantined"], 3, "{polled}");
    // Two bytes are no frame: they are the parser's to judge, and it takes them as text.
    assert_eq!(
        messages(&asset),
        [
            "{\"plain\":1}",
            r#"{"a":{"ip":"::1","port":1},"b":{"ip":"::2","port":null}}"#,
            "\0\0",
            r#"{"n":1.5,"t":"größe"}"#
        ]
    );
    let quarantined = quarantine(&asset);
    let reasons: Vec<(i64, &str)> = quarantined
        .iter()
        .map(|line| {
            (
                line["offset"].as_i64().unwrap(),
                line["reason"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        reasons,
        [
            (1, "the schema registry has no schema 999"),
            (3, "it does not fit schema 4: it is cut off"),
            (4, "it does not fit schema 4: 1 bytes are left over"),
        ]
    );
    // The original bytes are kept.
    assert_eq!(
        quarantined[0]["value"]["base64"],
        json!("AAAAA+cBAgM="),
        "{}",
        quarantined[0]
    );
    assert_eq!(asset.offsets(), json!({"0": 7}));
}

#[test]
fn a_registry_that_is_away_stops_the_poll_and_nothing_is_lost() {
    let registry = Registry::start(&[]);
    let written = registry.messages();
    let topic = shared().topic(1);
    send(&topic, &[&written["json"]]);
    registry.fail(1000, 503);
    let asset = asset(&topic, &registry);
    let output = run(&mut asset.poll());
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    let url = registry.url();
    assert!(
        message.starts_with(&format!(
            "the schema registry {url}/ does not answer: status 503"
        )),
        "{message}"
    );
    assert!(asset.containers().is_empty());
    assert!(!asset.path("kafka-soar-quarantine.ndjson").exists());
    assert_eq!(asset.offsets(), json!({"0": 0}));

    registry.fail(0, 0);
    asset.polled();
    assert_eq!(messages(&asset), [r#"{"n":1.5,"t":"größe"}"#]);
}

#[test]
fn passing_failures_are_got_over_and_each_schema_is_asked_for_once() {
    let registry = Registry::start(&[]);
    let written = registry.messages();
    for (count, status) in [(2, 500), (2, 429), (2, 0)] {
        let topic = shared().topic(1);
        let many = vec![written["json"].as_slice(); 5000];
        send(&topic, &many);
        let before = registry.asked();
        registry.fail(count, status);
        let asset = asset(&topic, &registry).set("batch_max_messages", 500);
        assert_eq!(asset.polled()["emitted"], 5000, "{status}");
        assert_eq!(registry.asked() - before, u64::from(count) + 1, "{status}");
    }
}

#[test]
fn a_login_is_needed_or_told_to_be_wrong() {
    let registry = Registry::start(&["--login", "reader:a-secret"]);
    let topic = shared().topic(1);
    send(&topic, &[&[0, 0, 0, 0, 1, 2]]);
    let asset = asset(&topic, &registry);
    let right = Asset::new(&topic)
        .set("schema_registry_url", registry.url())
        .set("schema_registry_username", "reader")
        .set("schema_registry_password", "a-secret");
    let refused = |asset: &Asset| {
        let output = run(&mut asset.poll());
        assert_eq!(output.status.code(), Some(69), "{output:?}");
        error(&output)["message"].as_str().unwrap().to_owned()
    };
    let expected = format!(
        "the schema registry {}/ does not accept this client (401)",
        registry.url()
    );
    assert!(refused(&asset).starts_with(&expected));
    // Known, and it has no schema 1.
    assert_eq!(right.polled()["quarantined"], 1);
    let wrong = right.set("schema_registry_password", "another-secret");
    wrong.forget();
    let message = refused(&wrong);
    assert!(
        message.starts_with(&expected) && !message.contains("another-secret"),
        "{message}"
    );
}

#[test]
fn tls_with_an_authority_of_its_own() {
    let file = |name: &str| secure().file(name).display().to_string();
    let registry = Registry::start(&["--tls", &file("broker.pem"), &file("broker.key")]);
    let topic = shared().topic(1);
    send(&topic, &[&[0, 0, 0, 0, 1, 2]]);
    let trusting = asset(&topic, &registry).set("schema_registry_ca_cert", file("ca.pem"));
    assert_eq!(trusting.polled()["quarantined"], 1);
    for asset in [
        asset(&topic, &registry),
        asset(&topic, &registry).set("schema_registry_ca_cert", file("other-ca.pem")),
    ] {
        let output = run(&mut asset.poll());
        assert_eq!(output.status.code(), Some(69), "{output:?}");
        let message = error(&output)["message"].as_str().unwrap().to_owned();
        assert!(message.contains("certificate verify failed"), "{message}");
    }
}

#[test]
fn test_connectivity_looks_at_the_registry() {
    let registry = Registry::start(&[]);
    let topic = shared().topic(1);
    let check = |asset: &Asset, code: i32| {
        let output = run(asset.command("test-connectivity").arg("--json"));
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
        let checks = outcome["checks"].as_array().unwrap().clone();
        let found = checks
            .into_iter()
            .find(|check| check["name"] == "schema registry");
        found.unwrap()["detail"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        check(&asset(&topic, &registry), 0),
        "the schema registry answers"
    );
    let url = format!("http://127.0.0.1:{}", closed_port());
    let gone = Asset::new(&topic).set("schema_registry_url", url.as_str());
    let detail = check(&gone, 1);
    assert!(
        detail.starts_with(&format!("the schema registry {url}/ does not answer: ")),
        "{detail}"
    );
    // A web server that isn't one.
    let elsewhere = Asset::new(&topic).set(
        "schema_registry_url",
        format!("{}/elsewhere", registry.url()),
    );
    assert!(check(&elsewhere, 1).contains("is no schema registry: status 404"));
}

#[test]
fn a_registry_that_swallows_everything_does_not_hold_the_test_beyond_its_bound() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let topic = shared().topic(1);
    // A message that the parser's check would have to decode.
    send(&topic, &[&[0, 0, 0, 0, 1, 2]]);
    let asset = Asset::new(&topic).set("schema_registry_url", url);
    let begun = std::time::Instant::now();
    let output = run(&mut asset.command("test-connectivity"));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let took = begun.elapsed();
    assert!(took < std::time::Duration::from_secs(10), "{took:?}");
}
