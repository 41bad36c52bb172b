//! Failing as told, with answers; see `resets` for connections that break.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use kafka_soar::soar_double::{Faults, Mode};
use kafka_soar_tests::testbed::eventually;
use serde_json::{Value, json};

use super::{Client, container, double, failing, held, refused};

/// What a client has time for that hangs up on purpose, and a wait that is far longer.
const IMPATIENT: Duration = Duration::from_millis(100);
const AGES: Duration = Duration::from_hours(1);

#[test]
fn errors_before_saving_take_turns_and_save_nothing() {
    let (double, soar) = failing(Faults::next([Mode::ErrorBeforeSaving; 4]));
    for expected in [500, 502, 503, 500] {
        let (status, body) = soar.post("/rest/container", &container("x"));
        assert_eq!(status, expected);
        assert!(body.as_str().unwrap().contains("<html>"), "{body}");
    }
    assert_eq!(held(&double), (0, 0));
    assert_eq!(soar.post("/rest/container", &container("x")).0, 200);
    assert_eq!(
        double.faults_hit(),
        BTreeMap::from([(Mode::ErrorBeforeSaving, 4)])
    );
}

#[test]
fn an_error_after_saving_has_saved() {
    let (double, soar) = failing(Faults::next([Mode::ErrorAfterSaving]));
    assert_eq!(soar.post("/rest/container", &container("x")).0, 500);
    assert_eq!(held(&double), (1, 2));
    let again = soar.post("/rest/container", &container("x"));
    refused(&again, 400);
    assert_eq!(again.1["existing_container_id"], 1);
}

#[test]
fn a_throttled_client_is_told_how_long_to_wait() {
    let (double, soar) = failing(Faults {
        retry_after: 90,
        ..Faults::next([Mode::Throttle, Mode::ThrottleUntil])
    });
    let ask = || {
        let url = format!("{}/rest/container", double.url());
        let answer = soar.agent.post(url).send(container("x").to_string());
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 429);
        let after = answer.headers().get("retry-after").expect("a wait");
        after.to_str().expect("text").to_owned()
    };
    assert_eq!(ask(), "90");
    let date = ask();
    assert!(
        date.ends_with(" GMT") && date.len() == "Tue, 24 Nov 2026 10:30:00 GMT".len(),
        "{date}"
    );
    assert_eq!(held(&double), (0, 0));
}

#[test]
fn slow_saves_late_and_even_for_a_client_that_hung_up() {
    let slow = Duration::from_millis(500);
    let (double, soar) = failing(Faults {
        slow,
        ..Faults::next([Mode::Slow, Mode::Slow])
    });
    let begun = Instant::now();
    assert_eq!(soar.post("/rest/container", &container("x")).0, 200);
    assert!(begun.elapsed() >= slow);
    let impatient = Client::patient(&double.url(), IMPATIENT);
    assert!(
        impatient
            .try_post("/rest/container", &container("y"))
            .is_err()
    );
    assert_eq!(held(&double), (1, 2));
    eventually("the second is saved", || {
        (held(&double) == (2, 4)).then_some(())
    });
}

#[test]
fn a_slow_answer_has_saved_before() {
    let (double, _) = failing(Faults {
        slow: AGES,
        ..Faults::next([Mode::SlowAnswer])
    });
    let impatient = Client::patient(&double.url(), Duration::from_secs(1));
    assert!(
        impatient
            .try_post("/rest/container", &container("x"))
            .is_err()
    );
    assert_eq!(held(&double), (1, 2));
}

#[test]
fn garbage_is_no_answer_and_has_saved() {
    let (double, soar) = failing(Faults::next([Mode::Garbage; 3]));
    let mut bodies = Vec::new();
    for identifier in ["x", "y", "z"] {
        let url = format!("{}/rest/container", double.url());
        let answer = soar.agent.post(url).send(container(identifier).to_string());
        let mut answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200);
        let body = answer.body_mut().read_to_vec().expect("whole");
        assert!(serde_json::from_slice::<Value>(&body).is_err());
        bodies.push(body);
    }
    assert!(std::str::from_utf8(&bodies[0]).is_err());
    assert!(bodies[1].starts_with(b"{\""));
    assert!(bodies[2].starts_with(b"<!DOCTYPE html>"));
    assert_eq!(held(&double), (3, 6));
}

#[test]
fn a_stall_lasts_until_the_faults_are_set() {
    let always = |mode| Faults {
        rate: 1.0,
        modes: vec![mode],
        ..Faults::default()
    };
    let (double, _) = failing(always(Mode::Stall));
    thread::scope(|scope| {
        let patient = scope.spawn(|| {
            let soar = Client::new(&double.url());
            soar.post("/rest/container", &container("patient"))
        });
        let impatient = Client::patient(&double.url(), IMPATIENT);
        assert!(
            impatient
                .try_post("/rest/container", &container("impatient"))
                .is_err()
        );
        let stalls = BTreeMap::from([(Mode::Stall, 2)]);
        eventually("both are stalled", || {
            (double.faults_hit() == stalls).then_some(())
        });
        assert!(!patient.is_finished());
        assert_eq!(held(&double), (0, 0));
        double.set_faults(Faults::default()).unwrap();
        assert_eq!(patient.join().unwrap().0, 200);
    });
    assert_eq!(held(&double), (1, 2));
}

#[test]
fn a_double_stops_though_requests_are_stalled() {
    let (double, _) = failing(Faults::next([Mode::Stall]));
    let soar = Client::new(&double.url());
    let address = double.address();
    thread::scope(|scope| {
        let stalled = scope.spawn(|| soar.try_post("/rest/container", &container("x")));
        eventually("it is stalled", || {
            (!double.faults_hit().is_empty()).then_some(())
        });
        let begun = Instant::now();
        drop(double);
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?}",
            begun.elapsed()
        );
        assert!(stalled.join().unwrap().is_err());
    });
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn one_seed_fails_the_same_requests_in_the_same_ways() {
    let run = |seed| {
        let (_double, soar) = failing(Faults {
            seed,
            rate: 0.5,
            modes: vec![Mode::ErrorBeforeSaving, Mode::Throttle, Mode::Refuse],
            ..Faults::default()
        });
        let status = |_| {
            let answer = soar.try_post("/rest/container", &json!({}));
            answer.map_or(0, |(status, _)| status)
        };
        (0..60).map(status).collect::<Vec<u16>>()
    };
    let first = run(1);
    assert_eq!(first, run(1));
    assert_ne!(first, run(2));
    for status in [0, 400, 429, 500, 502] {
        assert!(first.contains(&status), "{status}: {first:?}");
    }
}

#[test]
fn faults_are_set_over_http_and_spare_the_control_plane() {
    let (double, soar) = double();
    let put = |body: &Value| {
        let (status, text) = soar
            .send("PUT", "/double/faults", body.to_string().as_bytes())
            .unwrap();
        (status, text.parse::<Value>().unwrap())
    };
    let all = json!({
        "seed": 3, "rate": 1.0, "modes": ["throttle"], "next": ["pass", "error_after_saving"],
        "slow_ms": 20, "retry_after_s": 5, "closed_ms": 0,
    });
    assert_eq!(put(&all), (200, all.clone()));
    assert_eq!(soar.get("/double/faults"), (200, all));
    for expected in [200, 500, 429, 429] {
        let body = container(&expected.to_string());
        assert_eq!(soar.post("/rest/container", &body).0, expected);
    }
    for (wrong, named) in [
        (json!({"modes": ["explode"]}), "unknown variant `explode`"),
        (json!({"rate": 1.5}), "rate is 1.5"),
        (json!({"rates": 1}), "unknown field `rates`"),
        (json!([]), "no faults"),
    ] {
        let answer = put(&wrong);
        let message = refused(&answer, 400);
        assert!(message.contains(named), "{message}");
    }
    // What was refused changed nothing.
    assert_eq!(soar.post("/rest/container", &container("x")).0, 429);
    let (_, counts) = soar.get("/double/counts");
    let expected = json!({
        "containers": 2, "artifacts": 4, "requests": 5,
        "faults": {"error_after_saving": 1, "throttle": 3},
    });
    assert_eq!(counts, expected);
    assert_eq!(put(&json!({})).0, 200);
    assert_eq!(double.counts().unwrap().requests, 5);
    assert_eq!(soar.post("/rest/container", &container("x")).0, 200);
}
