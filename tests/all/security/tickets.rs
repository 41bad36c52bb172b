//! Tickets that end while a poll goes on. The listener has clients authenticate anew every four
//! seconds, and the tickets of principal `short` live six.

use std::process::Stdio;

use kafka_soar_tests::testbed::{Fixture, eventually, secure};
use serde_json::json;

use super::{asset, in_realm, keytab, kinit};
use crate::asset::{error, identifiers, lines, read};

/// A poll that waits for its first message, long enough for two tickets to end.
const WAIT: &str = "25000";

#[test]
fn a_keytab_renews_them_during_a_poll() {
    let topic = secure().broker().topic(1);
    let asset = asset("sasl", &topic, &[keytab("short")]);
    let before = secure().tickets("short");
    let mut poll = asset.poll();
    in_realm(&asset, &mut poll)
        .args(["--timeout", WAIT])
        .stdout(Stdio::piped());
    let poll = poll.spawn().expect("the binary runs");
    // The first for the connection, then one each time that the last has ended.
    eventually("the third ticket", || {
        (secure().tickets("short") >= before + 3).then_some(())
    });
    secure()
        .broker()
        .produce(&topic, [Fixture::value(0, b"late")]);
    let output = poll.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(
        identifiers(&lines(&read(&asset.path("out.ndjson")))),
        ["0:0"]
    );
}

#[test]
fn a_credential_cache_does_not() {
    let topic = secure().broker().topic(1);
    let asset = asset("sasl", &topic, &[json!({"use_kerberos": true})]);
    kinit(&asset, "short");
    let mut poll = asset.poll();
    in_realm(&asset, &mut poll)
        .args(["--timeout", WAIT])
        .stdout(Stdio::piped());
    let poll = poll.spawn().expect("the binary runs");
    let output = poll.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let error = error(&output);
    // librdkafka tells the cause of a host or of all, as it was connected at that moment or not.
    let message = error["message"].as_str().unwrap();
    let cause = message.strip_prefix("authentication with Kafka failed:\n  ");
    assert!(
        cause.is_some_and(|cause| cause.ends_with("the Kerberos ticket has expired")),
        "{message}"
    );
    assert_eq!(
        error["hint"],
        "run kinit again, or give sasl_kerberos_keytab: its tickets renew themselves"
    );
    // Nothing was lost: with a fresh ticket the next poll goes on.
    secure()
        .broker()
        .produce(&topic, [Fixture::value(0, b"later")]);
    kinit(&asset, "app");
    let polled = in_realm(&asset, &mut asset.poll())
        .output()
        .expect("the binary runs");
    assert_eq!(polled.status.code(), Some(0), "{polled:?}");
    assert_eq!(identifiers(&asset.containers()), ["0:0"]);
}
