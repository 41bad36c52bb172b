//! A policy over what is done with an asset: it can't be chosen, loosened or left out.

use std::process::Command;

use kafka_soar_tests::{guests, testbed};
use serde_json::{Value, json};

use super::{Place, Ran, digest, signer};
use crate::asset::{Asset, binary, cache, error, run};

const ASSET: &str = r#"{"hosts": "127.0.0.1:1", "topic": "t", "timeout": 1"#;

/// Runs a poll of an asset with these fields under the policy of the place.
fn poll(place: &Place, fields: &str) -> Ran {
    place.write("asset.json", format!("{ASSET}{fields}}}"));
    place.run(&[
        "on-poll",
        "--config",
        "asset.json",
        "--policy",
        "policy.toml",
    ])
}

#[test]
fn an_asset_that_asks_for_more_is_refused() {
    let place = Place::new();
    place.policy("[limits]\nparser_memory_limit = 67108864");
    let ran = poll(&place, r#", "parser_memory_limit": 67108865"#);
    assert_eq!(ran.code, Some(64));
    let expected = "parser_memory_limit: 67108865 bytes are more than the 67108864 that the \
                    policy policy.toml allows (limits.parser_memory_limit)\n  → give 67108864 or \
                    less";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

#[test]
fn a_policy_that_can_not_be_used_stops_every_command() {
    let place = Place::new();
    place.write("asset.json", format!("{ASSET}}}"));
    place.write("p.wasm", guests::text("pure"));
    let commands: [&[&str]; 5] = [
        &["on-poll", "--config", "asset.json"],
        &["test-connectivity", "--config", "asset.json"],
        &["serve", "--config", "asset.json"],
        &["demo"],
        &["parser", "inspect", "p.wasm"],
    ];
    let stopped = |why: &str| {
        for command in commands {
            let ran = place.run(&[command, &["--policy", "policy.toml"]].concat());
            assert_eq!(ran.code, Some(64), "{command:?}: {}", ran.stderr);
            assert_eq!(ran.stdout, "");
            assert!(
                ran.stderr
                    .starts_with("error: the policy policy.toml can't be used"),
                "{}",
                ran.stderr
            );
            assert!(ran.stderr.contains(why), "{}", ran.stderr);
        }
    };
    stopped("it is not there");
    place.write("policy.toml", "version = 1\ndefault_paser = false");
    stopped("unknown field `default_paser`");
    place.write("policy.toml", "version = 1");
    place.chmod("policy.toml", 0o666);
    stopped("written by others (mode 666)\n  → chmod go-w");
}

#[test]
fn the_variable_names_a_policy_and_the_option_another() {
    let place = Place::new();
    place.write("p.wasm", guests::text("pure"));
    place.write("closed.toml", "version = 1\ndigests = []");
    place.write("open.toml", "version = 1");
    let inspect = |variable: &str, option: &[&str]| {
        let mut command = Command::new(binary());
        command
            .args(["parser", "inspect", "p.wasm", "--json"])
            .args(option)
            .env("KAFKA_SOAR_CACHE_DIR", cache())
            .env("KAFKA_SOAR_POLICY", variable);
        place.output(&mut command)
    };
    assert_eq!(inspect("closed.toml", &[]).code, Some(65));
    assert_eq!(inspect("open.toml", &[]).code, Some(0));
    assert_eq!(
        inspect("closed.toml", &["--policy", "open.toml"]).code,
        Some(0)
    );
    assert_eq!(
        inspect("open.toml", &["--policy", "closed.toml"]).code,
        Some(65)
    );
    assert_eq!(inspect("gone.toml", &[]).code, Some(64));
    // An empty name is not "no policy".
    assert_eq!(inspect("", &[]).code, Some(64));
}

#[test]
fn no_field_of_an_asset_names_a_policy() {
    let place = Place::new();
    place.policy("");
    for field in ["policy", "policy_file", "parser_policy"] {
        let ran = poll(&place, &format!(r#", "{field}": "open.toml""#));
        assert_eq!(ran.code, Some(64));
        assert!(
            ran.stderr.contains("there is no such field"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn a_signature_without_a_component_is_a_fault() {
    let place = Place::new();
    place.policy("");
    let signature = "A".repeat(86) + "==";
    let ran = poll(
        &place,
        &format!(r#", "message_parser_signature": "{signature}""#),
    );
    assert_eq!(ran.code, Some(64));
    assert!(
        ran.stderr
            .contains("message_parser_signature: a signature without the component"),
        "{}",
        ran.stderr
    );
}

/// An asset with the `pure` guest in its field, under the policy of its folder.
fn asset(rules: &str) -> (Asset, Place) {
    let topic = testbed::shared().topic(1);
    let place = Place::new();
    place.policy(rules);
    place.write("p.wasm", guests::text("pure"));
    let asset = Asset::new(&topic);
    (asset, place)
}

fn under(place: &Place, command: &mut Command) -> std::process::Output {
    run(command.arg("--policy").arg(place.path("policy.toml")))
}

/// The check of the parser among those of test connectivity.
fn parser_check(asset: &Asset, place: &Place) -> Value {
    let output = under(place, asset.command("test-connectivity").arg("--json"));
    let found: Value = String::from_utf8_lossy(&output.stdout).parse().unwrap();
    let checks = found["checks"].as_array().unwrap();
    let parser = checks.iter().find(|check| check["name"] == "parser");
    parser.unwrap_or_else(|| panic!("{found}")).clone()
}

#[test]
fn polls_and_tests_of_the_connection_refuse_and_say_why() {
    let (asset, place) = asset("digests = []");
    let asset = asset.set("message_parser", place.path("p.wasm").to_str().unwrap());
    let polled = under(&place, &mut asset.poll());
    assert_eq!(polled.status.code(), Some(65), "{polled:?}");
    let said = error(&polled)["message"].as_str().unwrap().to_owned();
    let expected = digest(&guests::text("pure"));
    assert!(
        said.contains(&expected) && said.contains("policy.toml"),
        "{said}"
    );

    let check = parser_check(&asset, &place);
    assert_eq!(check["ok"], false, "{check}");
    assert!(
        check["detail"].as_str().unwrap().contains(&expected),
        "{check}"
    );

    place.policy(&format!("digests = [\"{expected}\"]"));
    assert_eq!(parser_check(&asset, &place)["ok"], true);
    let polled = under(&place, &mut asset.poll());
    assert_eq!(polled.status.code(), Some(0), "{polled:?}");
}

#[test]
fn the_default_parser_may_be_switched_off() {
    let (asset, place) = asset("default_parser = false");
    let polled = under(&place, &mut asset.poll());
    assert_eq!(polled.status.code(), Some(65), "{polled:?}");
    let said = error(&polled)["message"].to_string();
    assert!(said.contains("default_parser = false"), "{said}");
    let mut demo = Command::new(binary());
    demo.args(["demo", "--json"])
        .env("KAFKA_SOAR_CACHE_DIR", cache());
    assert_eq!(under(&place, &mut demo).status.code(), Some(65));
}

#[test]
fn a_component_in_the_field_comes_with_its_signature_in_another() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let (asset, place) = asset("");
    place.keys("ci");
    place.policy(&signer("ci"));
    place.sign("p.wasm", "ci.pem");
    let signature = std::fs::read_to_string(place.path("p.wasm.sig")).unwrap();
    let asset = asset.set("message_parser", STANDARD.encode(guests::text("pure")));
    let check = parser_check(&asset, &place);
    assert!(
        check["detail"].as_str().unwrap().contains("no signature"),
        "{check}"
    );

    for value in [
        json!(signature.trim_end()),
        json!(signature),
        json!(place.path("p.wasm.sig")),
    ] {
        let asset = Asset {
            folder: tempfile::tempdir().unwrap(),
            config: asset.config.clone(),
        };
        let asset = asset.set("message_parser_signature", value);
        let check = parser_check(&asset, &place);
        assert_eq!(check["ok"], true, "{check}");
    }

    // Another parser on the command line is not judged by the asset's signature.
    place.write("other.wasm", guests::text("result-outside-memory"));
    place.sign("other.wasm", "ci.pem");
    let asset = asset.set("message_parser_signature", signature.trim_end());
    let mut poll = asset.poll();
    poll.arg("--parser").arg(place.path("other.wasm"));
    let polled = under(&place, &mut poll);
    assert_eq!(polled.status.code(), Some(0), "{polled:?}");
}
