//! Containers into SOAR: the binary, a real broker, the stand-in for SOAR over real HTTP.

use std::{collections::BTreeMap, fs, time::Duration};

use kafka_soar::{
    config::Topic,
    soar_double::{Faults, Mode, Options, SoarDouble},
};
use kafka_soar_tests::{
    guests,
    testbed::{Fixture, TlsProxy, closed_port, secure, shared},
};
use serde_json::{Value, json};

use crate::asset::{Asset, error, lines, read, run};

/// A SOAR that wants a token.
fn soar() -> SoarDouble {
    SoarDouble::start(Options {
        token: Some("a-token".into()),
        ..Options::default()
    })
    .expect("it starts")
}

/// An asset that posts what the picky parser makes.
fn asset(topic: &Topic, soar: &SoarDouble) -> Asset {
    let asset = Asset::new(topic)
        .set("message_parser", "picky.wasm")
        .set("soar_url", soar.url())
        .set("soar_token", "a-token")
        .set("soar_timeout", 2);
    fs::write(asset.path("picky.wasm"), guests::PICKY).unwrap();
    asset
}

/// Polls into SOAR.
fn poll(asset: &Asset) -> std::process::Output {
    let mut poll = asset.command("on-poll");
    run(poll.args(["--state", "state.json", "--json"]))
}

fn polled(asset: &Asset) -> Value {
    let output = poll(asset);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    crate::asset::summary(&output)
}

fn send(topic: &Topic, values: &[&str]) {
    let records = values
        .iter()
        .map(|value| Fixture::value(0, value.as_bytes()));
    shared().produce(topic, records);
}

fn export(soar: &SoarDouble) -> Vec<Value> {
    let mut text = Vec::new();
    soar.export(&mut text).expect("it has them");
    lines(std::str::from_utf8(&text).unwrap())
}

/// How often each message is there, over all containers.
fn messages(soar: &SoarDouble) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for line in export(soar) {
        for artifact in line["artifacts"].as_array().unwrap() {
            let message = artifact["cef"]["message"].as_str().unwrap();
            *seen.entry(message.to_owned()).or_default() += 1;
        }
    }
    seen
}

#[test]
fn containers_arrive_with_what_the_asset_says() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a", "incident-1 x", "b", "incident-2 y"]);
    let asset = asset(&topic, &soar)
        .set("soar_asset_id", 12)
        .set("container_severity", "low")
        .set("container_tags", "kafka, firewall");
    let summary = polled(&asset);
    assert_eq!(
        (&summary["containers"], &summary["artifacts"]),
        (&json!(3), &json!(4))
    );
    let found = export(&soar);
    let first = &found[0]["container"];
    assert_eq!(first["label"], "events");
    assert_eq!(first["severity"], "low");
    assert_eq!(first["tags"], json!(["kafka", "firewall"]));
    assert_eq!(first["asset_id"], 12);
    let name = first["source_data_identifier"].as_str().unwrap();
    assert!(
        name.starts_with("kafka:") && name.ends_with(&format!(":{topic}:0:0-2")),
        "{name}"
    );
    let artifact = found[0]["artifacts"][1]["source_data_identifier"]
        .as_str()
        .unwrap();
    assert!(artifact.ends_with(&format!(":{topic}:0:2")), "{artifact}");
    assert_eq!(
        found[1]["container"]["source_data_identifier"],
        "incident-1"
    );
    assert_eq!(soar.counts().unwrap().requests, 1, "all in one request");
}

#[test]
fn the_parsers_label_counts_where_the_asset_names_none() {
    let (topic, soar) = (
        shared().topic(1),
        SoarDouble::start(Options {
            labels: vec!["events".into(), "phishing".into()],
            ..Options::default()
        })
        .unwrap(),
    );
    send(&topic, &["a", "incident-1 phishing"]);
    polled(&asset(&topic, &soar));
    let labels: Vec<Value> = export(&soar)
        .iter()
        .map(|line| line["container"]["label"].clone())
        .collect();
    assert_eq!(labels, ["events", "phishing"]);
}

#[test]
fn whatever_fails_each_message_is_there_once() {
    for mode in Mode::ALL {
        if matches!(mode, Mode::Pass | Mode::Stall) {
            continue;
        }
        for requests in [1, 3] {
            let (topic, soar) = (shared().topic(1), soar());
            send(&topic, &["a", "incident-1 x", "b", "incident-1 y"]);
            soar.set_faults(Faults {
                next: vec![mode; requests],
                slow: Duration::from_millis(1500),
                ..Faults::default()
            })
            .unwrap();
            let asset = asset(&topic, &soar);
            let summary = polled(&asset);
            assert_eq!(summary["emitted"], 4, "{mode}");
            send(&topic, &["c", "incident-1 z"]);
            polled(&asset);
            let seen = messages(&soar);
            assert_eq!(seen.len(), 6, "{mode}: {seen:?}");
            assert!(seen.values().all(|&times| times == 1), "{mode}: {seen:?}");
            assert_eq!(export(&soar).len(), 3, "{mode}");
            let met = u64::try_from(requests).unwrap();
            assert_eq!(soar.faults_hit().get(&mode), Some(&met), "{mode}");
        }
    }
}

#[test]
fn an_answer_that_comes_too_late_doubles_nothing() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a", "incident-1 x"]);
    soar.set_faults(Faults {
        next: vec![Mode::SlowAnswer, Mode::Pass, Mode::Pass, Mode::SlowAnswer],
        slow: Duration::from_secs(3),
        ..Faults::default()
    })
    .unwrap();
    let asset = asset(&topic, &soar);
    assert_eq!(polled(&asset)["emitted"], 2);
    send(&topic, &["incident-1 y"]);
    assert_eq!(polled(&asset)["emitted"], 1);
    assert!(messages(&soar).values().all(|&times| times == 1));
    assert_eq!(messages(&soar).len(), 3);
}

#[test]
fn a_container_that_lacks_artifacts_is_completed() {
    let (topic, soar) = (shared().topic(1), soar());
    let agent = ureq::Agent::new_with_defaults();
    let there = json!({
        "name": "n", "label": "events", "source_data_identifier": "incident-7",
        "artifacts": [{"name": "old", "source_data_identifier": "x", "cef": {"message": "old"}}],
    });
    agent
        .post(format!("{}/rest/container", soar.url()))
        .header("ph-auth-token", "a-token")
        .send(there.to_string())
        .unwrap();
    let many: Vec<String> = (0..1200).map(|n| format!("incident-7 {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    send(&topic, &many);
    assert_eq!(polled(&asset(&topic, &soar))["emitted"], 1200);
    let found = export(&soar);
    assert_eq!(found[0]["artifacts"].as_array().unwrap().len(), 1201 - 200);
    assert_eq!(
        found[1]["container"]["source_data_identifier"],
        "incident-7/2"
    );
    assert!(messages(&soar).values().all(|&times| times == 1));
}

#[test]
fn an_artifact_that_soar_refuses_takes_no_other_along() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["incident-7 first"]);
    let asset = asset(&topic, &soar).set("container_max_artifacts", 10_000);
    polled(&asset);
    let many: Vec<String> = (0..1200)
        .map(|n| match n {
            77 | 650 => format!("incident-7 {n} odd"),
            _ => format!("incident-7 {n}"),
        })
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    send(&topic, &many);
    let summary = polled(&asset);
    assert_eq!(
        (&summary["emitted"], &summary["quarantined"]),
        (&json!(1198), &json!(2))
    );
    assert_eq!(
        (&summary["containers"], &summary["artifacts"]),
        (&json!(1), &json!(1198))
    );
    assert_eq!(messages(&soar).len(), 1199);
    assert!(messages(&soar).values().all(|&times| times == 1));
    let quarantine = lines(&read(&asset.path("kafka-soar-quarantine.ndjson")));
    let offsets: Vec<_> = quarantine.iter().map(|line| &line["offset"]).collect();
    assert_eq!(offsets, [&json!(78), &json!(651)]);

    // Nor in a container that is new.
    send(&topic, &["incident-8 a", "incident-8 odd", "incident-8 b"]);
    let summary = polled(&asset);
    assert_eq!(
        (&summary["emitted"], &summary["quarantined"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(messages(&soar).len(), 1201);
}

#[test]
fn a_large_container_is_split_the_same_way_each_time() {
    let (topic, soar) = (shared().topic(1), soar());
    let values: Vec<String> = (0..35).map(|n| format!("m {n}")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    send(&topic, &values);
    let asset = asset(&topic, &soar).set("container_max_artifacts", 10);
    for _ in 0..2 {
        assert_eq!(polled(&asset)["containers"], 4);
        asset.forget();
    }
    let found = export(&soar);
    let counts: Vec<usize> = found
        .iter()
        .map(|line| line["artifacts"].as_array().unwrap().len())
        .collect();
    assert_eq!(counts, [10, 10, 10, 5]);
    let name = |n: usize| {
        found[n]["container"]["source_data_identifier"]
            .as_str()
            .unwrap()
    };
    assert!(name(0).ends_with(":0:0-34"), "{}", name(0));
    assert_eq!(name(3), format!("{}/4", name(0)));
}

#[test]
fn what_soar_refuses_is_in_quarantine_with_its_words() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a", "refused b", "c", "refused d"]);
    let asset = asset(&topic, &soar);
    let summary = polled(&asset);
    assert_eq!(
        (&summary["emitted"], &summary["quarantined"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(summary["containers"], 1);
    assert_eq!(messages(&soar).len(), 2);
    let quarantine = lines(&read(&asset.path("kafka-soar-quarantine.ndjson")));
    assert_eq!(quarantine[0]["value"]["text"], "refused b");
    assert_eq!(quarantine[0]["kind"], "unwanted");
    let reason = quarantine[0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("SOAR refused what the parser made of it: "),
        "{reason}"
    );
    assert!(reason.contains("unheard-of"), "{reason}");
}

#[test]
fn a_label_that_soar_does_not_have_stops_the_poll_and_empties_nothing() {
    let (topic, soar) = (shared().topic(1), soar());
    let values: Vec<String> = (0..20).map(|n| format!("m {n}")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    send(&topic, &values);
    let asset = asset(&topic, &soar).set("ingest", json!({"container_label": "firewalls"}));
    let output = poll(&asset);
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("20 of 20 messages can't be handled"),
        "{message}"
    );
    assert!(message.contains("firewalls"), "{message}");
    assert!(!asset.path("kafka-soar-quarantine.ndjson").exists());
    // Corrected, it goes on.
    let asset = asset.set("ingest", json!({"container_label": "events"}));
    assert_eq!(polled(&asset)["emitted"], 20);
    assert_eq!(messages(&soar).len(), 20);
}

#[test]
fn who_can_not_post_is_told_why_and_loses_nothing() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a"]);
    let refused = format!("http://127.0.0.1:{}", closed_port());
    let elsewhere = format!("{}/somewhere", soar.url());
    for (field, value, expected, hint) in [
        (
            "soar_token",
            json!("wrong"),
            "does not accept the token (401)",
            "soar_token",
        ),
        (
            "soar_url",
            json!(refused),
            "did not save containers",
            "SOAR is up",
        ),
        (
            "soar_url",
            json!(elsewhere),
            "is not SOAR's REST API",
            "correct soar_url",
        ),
    ] {
        let asset = asset(&topic, &soar)
            .set("soar_give_up", 1)
            .set(field, value);
        let output = poll(&asset);
        assert_eq!(output.status.code(), Some(74), "{output:?}");
        let error = error(&output);
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        assert!(error["hint"].as_str().unwrap().contains(hint), "{error}");
        assert_eq!(asset.offsets(), json!({"0": 0}));

        // A test of the connection says the same.
        let output = run(asset.command("test-connectivity").arg("--json"));
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if field == "soar_token" {
            assert!(text.contains(expected), "{text}");
        }
    }
    let good = asset(&topic, &soar);
    let output = run(good.command("test-connectivity").arg("--json"));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("answers and takes the token"), "{text}");
    assert_eq!(polled(&good)["emitted"], 1);
}

#[test]
fn a_soar_that_takes_no_lists_gets_one_container_at_a_time() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a", "incident-1 x", "incident-2 y"]);
    let asset = asset(&topic, &soar).set("soar_bulk", 1);
    assert_eq!(polled(&asset)["containers"], 3);
    assert_eq!(soar.counts().unwrap().requests, 3);
    assert_eq!(messages(&soar).len(), 3);
}

#[test]
fn a_poll_that_waits_for_soar_ends_when_it_is_told_to() {
    use rustix::process::{Pid, Signal, kill_process};
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a"]);
    soar.set_faults(Faults {
        rate: 1.0,
        modes: vec![Mode::ErrorBeforeSaving],
        ..Faults::default()
    })
    .unwrap();
    let asset = asset(&topic, &soar);
    let mut poll = asset.command("on-poll");
    let mut child = poll
        .args(["--state", "state.json"])
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    kafka_soar_tests::testbed::eventually("it tries", || {
        (soar.counts().unwrap().requests > 1).then_some(())
    });
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(74));
    soar.set_faults(Faults::default()).unwrap();
    assert_eq!(polled(&asset)["emitted"], 1);
    assert_eq!(messages(&soar).len(), 1);
}

/// A poll that delivers and then dies before it can settle.
fn interrupted(topic: &Topic, soar: &SoarDouble) -> Asset {
    let asset = asset(topic, soar).set("soar_give_up", 0);
    soar.set_faults(Faults::next([Mode::ErrorAfterSaving]))
        .unwrap();
    let output = poll(&asset);
    assert_eq!(output.status.code(), Some(74), "{output:?}");
    assert_eq!(asset.offsets(), json!({"0": 0}));
    let state: Value = read(&asset.path("state.json")).parse().unwrap();
    let intent = &state["kafka-soar/state"]["intents"][topic.as_str()];
    assert_eq!(intent["ranges"], json!({"0": [0, 2]}), "{state}");
    asset.set("soar_give_up", 60)
}

#[test]
fn an_interrupted_batch_goes_on_with_the_parser_it_was_begun_with() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["incident-1 x", "incident-2 y"]);
    let asset = interrupted(&topic, &soar);
    send(&topic, &["z"]);
    // The default parser would make one container of all, with another name.
    let asset = asset.set("message_parser", Value::Null);
    let mut poll = asset.command("on-poll");
    let output = run(poll.args(["--state", "state.json", "--json"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let remarks = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        remarks.contains("goes on with the parser it was begun with"),
        "{remarks}"
    );
    let found = export(&soar);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[2]["artifacts"][0]["cef"]["message"], "z");
    assert_eq!(asset.offsets(), json!({"0": 3}));
}

#[test]
fn a_parser_that_is_gone_is_told_of() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["incident-1 x", "incident-2 y"]);
    let asset = interrupted(&topic, &soar).set("message_parser", Value::Null);
    let mut poll = asset.command("on-poll");
    poll.args(["--state", "state.json", "--json"])
        .env("KAFKA_SOAR_CACHE_DIR", asset.path("another-cache"));
    let output = run(&mut poll);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let remarks = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(remarks.contains("which is no longer there"), "{remarks}");
}

#[test]
fn an_interrupted_batch_keeps_its_boundaries_and_its_clock() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a", "b"]);
    let asset = interrupted(&topic, &soar).set("batch_max_messages", 1);
    send(&topic, &["c"]);
    let summary = polled(&asset);
    assert_eq!(
        (&summary["messages"], &summary["batches"]),
        (&json!(3), &json!(2))
    );
    let found = export(&soar);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["artifacts"].as_array().unwrap().len(), 2);
    let state: Value = read(&asset.path("state.json")).parse().unwrap();
    assert_eq!(state["kafka-soar/state"]["intents"], Value::Null, "{state}");
}

#[test]
fn an_interrupted_batch_that_retention_took_is_told_of() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a", "b"]);
    let asset = interrupted(&topic, &soar);
    send(&topic, &["c"]);
    shared().delete_records(&topic, 0, 1);
    let mut poll = asset.command("on-poll");
    let output = run(poll.args(["--state", "state.json", "--json"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let remarks = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        remarks.contains("an interrupted batch are no longer there"),
        "{remarks}"
    );
    assert_eq!(asset.offsets(), json!({"0": 3}));
}

#[test]
fn the_token_is_in_nothing_that_comes_out() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a", "refused b"]);
    for token in ["a-token", "another-token"] {
        let asset = asset(&topic, &soar).set("soar_token", token);
        let mut all = String::new();
        for words in [
            &["test-connectivity"][..],
            &["on-poll", "--state", "state.json"],
            &["test-connectivity", "--json"],
        ] {
            let mut command = asset.command(words[0]);
            command
                .args(&words[1..])
                .arg("-vv")
                .env("KAFKA_SOAR_LOG", "trace");
            let output = run(&mut command);
            all.push_str(&String::from_utf8_lossy(&output.stdout));
            all.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        for name in ["state.json", "kafka-soar-quarantine.ndjson"] {
            all.push_str(&fs::read_to_string(asset.path(name)).unwrap_or_default());
        }
        assert!(all.contains("DEBUG") || all.contains("TRACE"), "{all}");
        assert!(all.contains("soar"), "it did talk");
        assert!(!all.contains(token), "{all}");
    }
}

#[test]
fn tls_with_an_authority_of_its_own() {
    let (topic, soar) = (shared().topic(1), soar());
    send(&topic, &["a"]);
    let file = |name: &str| secure().file(name);
    let port = soar.address().port();
    let proxy = TlsProxy::start(&file("broker.pem"), &file("broker.key"), port);
    let asset = |ca: Option<&str>| {
        asset(&topic, &soar)
            .set("soar_url", proxy.url())
            .set("soar_give_up", 0)
            .set(
                "soar_ca_cert",
                ca.map(|name| file(name).to_str().unwrap().to_owned()),
            )
    };
    for ca in [None, Some("other-ca.pem")] {
        let output = poll(&asset(ca));
        assert_eq!(output.status.code(), Some(74), "{output:?}");
        let message = error(&output)["message"].as_str().unwrap().to_owned();
        assert!(message.contains("certificate verify failed"), "{message}");
    }
    assert_eq!(soar.counts().unwrap().requests, 0);
    assert_eq!(polled(&asset(Some("ca.pem")))["emitted"], 1);
    assert_eq!(messages(&soar).len(), 1);
}
