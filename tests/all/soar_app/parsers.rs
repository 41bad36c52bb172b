//! Each action with each kind of parser, and a cluster that wants a password.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kafka_soar::sandbox::DEFAULT_PARSER;
use kafka_soar_tests::testbed::{secure, shared};
use serde_json::{Value, json};

use super::app::App;
use crate::asset::artifacts;

const SCRIPT: &str = "
def parse_messages(topic, messages):
    artifacts = [{'name': m['message'], 'cef': {'message': m['message']}} for m in messages]
    return [{'container': {'name': 'by a script'}, 'artifacts': artifacts}]
";

/// What SOAR hands over for a file that was uploaded: its name and its contents, as text.
fn parsers() -> [Option<(&'static str, String)>; 4] {
    let characters = DEFAULT_PARSER
        .iter()
        .map(|&byte| char::from(byte))
        .collect();
    [
        None,
        Some(("base64.wasm", STANDARD.encode(DEFAULT_PARSER))),
        Some(("bytes.wasm", characters)),
        Some(("script.py", SCRIPT.to_owned())),
    ]
}

pub(super) fn every_action_with_every_parser(app: impl Fn() -> App) {
    for parser in parsers() {
        let topic = shared().topic(1);
        shared().produce_numbered(&topic, 1, 3);
        let mut config = json!({
            "hosts": shared().bootstrap(),
            "topic": topic.as_str(),
            "timeout": 1000,
            "read_from_beginning": true,
            "ingest": {"container_label": "events"},
        });
        if let Some((name, contents)) = &parser {
            config["message_parser"] = contents.as_str().into();
            config["message_parser__filename"] = (*name).into();
        }
        let name = parser.as_ref().map(|(name, _)| *name);
        let app = app();
        let run = |identifier: &str, parameters: Value| {
            let outcome = app.run(
                &json!({
                    "identifier": identifier, "parameters": [parameters], "config": config,
                    "poll_now": false,
                }),
                &[],
            );
            assert_eq!(
                outcome.status(),
                "success",
                "{name:?}: {}{}",
                outcome.result,
                outcome.stderr
            );
            outcome
        };
        let said = |said: &[String], text: &str| {
            let found = name.is_some_and(|name| said.contains(&format!("{text}{name}")));
            assert_eq!(found, name.is_some(), "{name:?}: {said:?}");
        };
        let tested = run("test_connectivity", json!({}));
        said(&tested.said, "Checking custom message parsing script - ");
        let polled = run("on_poll", json!({"container_count": 4_294_967_295_u64}));
        said(&polled.said, "Using custom message parsing script - ");
        let posted = run(
            "post_data",
            json!({
                "data": "hello", "data_type": "string", "topic": topic.as_str(), "timeout": 5,
            }),
        );
        assert_eq!(posted.rows()[0]["offset"], 3);
        let containers = app.containers();
        let texts: Vec<_> = artifacts(&containers)
            .iter()
            .map(|artifact| artifact["cef"]["message"].as_str().expect("text"))
            .collect();
        assert_eq!(texts, ["0:0", "0:1", "0:2"], "{name:?}");
        let by_script = containers[0]["container"]["name"] == "by a script";
        assert_eq!(by_script, name == Some("script.py"));
    }
}

#[test]
fn every_action_works_with_every_kind_of_parser() {
    every_action_with_every_parser(App::base);
}

/// Fault 11: the original knows Kerberos by a ticket of someone else's, and nothing else.
#[test]
fn a_password_and_a_certificate_do_where_the_original_had_kerberos_only() {
    let topic = secure().broker().topic(1);
    secure().broker().produce_numbered(&topic, 1, 2);
    let app = App::base();
    let mut config = json!({
        "hosts": secure().listener("sasl_ssl"),
        "topic": topic.as_str(),
        "timeout": 5000,
        "read_from_beginning": true,
        "use_ssl": true,
        "ca_cert": secure().file("ca.pem"),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_username": "app",
        "sasl_password": "app-secret",
        "ingest": {"container_label": "events"},
    });
    let request = |config: &Value| {
        json!({
            "identifier": "on_poll", "parameters": [{"container_count": 4_294_967_295_u64}],
            "config": config,
        })
    };
    let outcome = app.run(&request(&config), &[]);
    assert_eq!(
        outcome.status(),
        "success",
        "{}{}",
        outcome.result,
        outcome.stderr
    );
    assert_eq!(artifacts(&app.containers()).len(), 2);
    config["sasl_password"] = "wrong-secret".into();
    let outcome = app.run(&request(&config), &[]);
    assert_eq!(outcome.status(), "failed");
    let told = format!("{}{}{:?}", outcome.result, outcome.stderr, outcome.said);
    assert!(!told.contains("wrong-secret"), "{told}");
}
