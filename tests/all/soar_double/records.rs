//! Saving: what is answered, what is kept, what is refused.

use std::{fs, sync::Barrier, thread};

use kafka_soar::soar_double::{Error, Options};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{Client, container, double, export, held, refused, start};

#[test]
fn a_container_comes_with_its_artifacts() {
    let (double, soar) = double();
    let answer = soar.post("/rest/container", &container("x"));
    let saved = json!({"success": true, "id": 1, "new_artifact_ids": [1, 2]});
    assert_eq!(answer, (200, saved));
    let bare = json!({"name": "no artifacts", "label": "events"});
    let answer = soar.post("/rest/container", &bare);
    let saved = json!({"success": true, "id": 2, "new_artifact_ids": []});
    assert_eq!(answer, (200, saved));
    let late = json!({"container_id": 1, "cef": {"n": 3}, "run_automation": false});
    let answer = soar.post("/rest/artifact", &late);
    assert_eq!(answer, (200, json!({"success": true, "id": 3})));

    let mut sent = container("x");
    let mut artifacts = sent["artifacts"].take().as_array().unwrap().clone();
    artifacts.push(json!({"cef": {"n": 3}, "run_automation": false}));
    sent.as_object_mut().unwrap().remove("artifacts");
    let expected = [
        json!({"container": sent, "id": 1, "artifacts": artifacts}),
        json!({"container": bare, "id": 2, "artifacts": []}),
    ];
    assert_eq!(export(&double), expected);
}

#[test]
fn one_bad_artifact_refuses_its_container_and_all_of_it() {
    let (double, soar) = double();
    let mut body = container("x");
    body["artifacts"][1]["severity"] = json!("worst");
    let answer = soar.post("/rest/container", &body);
    let message = refused(&answer, 400);
    assert_eq!(
        message,
        "artifacts[1]: severity is \"worst\", but must be a severity that exists: high, medium, low"
    );
    assert_eq!(held(&double), (0, 0));
}

#[test]
fn a_duplicate_is_told_by_its_asset_and_saves_nothing() {
    let (double, soar) = double();
    let of_asset = |asset: i64| {
        let mut body = container("x");
        body["asset_id"] = json!(asset);
        body
    };
    assert_eq!(soar.post("/rest/container", &of_asset(7)).1["id"], 1);
    assert_eq!(soar.post("/rest/container", &of_asset(8)).1["id"], 2);
    assert_eq!(soar.post("/rest/container", &container("x")).1["id"], 3);
    for (body, existing) in [(of_asset(7), 1), (of_asset(8), 2), (container("x"), 3)] {
        let answer = soar.post("/rest/container", &body);
        assert!(refused(&answer, 400).starts_with("duplicate with "));
        assert_eq!(answer.1["existing_container_id"], existing);
    }
    assert_eq!(held(&double), (3, 6));
}

#[test]
fn the_status_of_a_duplicate_is_an_option() {
    for duplicate_status in [200, 409] {
        let (_double, soar) = start(Options {
            duplicate_status,
            ..Options::default()
        });
        soar.post("/rest/container", &container("x"));
        let answer = soar.post("/rest/container", &container("x"));
        refused(&answer, duplicate_status);
        assert_eq!(answer.1["existing_container_id"], 1);
    }
}

#[test]
fn of_many_at_once_with_one_identifier_one_is_saved() {
    let (double, _) = double();
    let barrier = Barrier::new(8);
    let ids: Vec<(bool, i64)> = thread::scope(|scope| {
        let post = || {
            let soar = Client::new(&double.url());
            barrier.wait();
            let (_, body) = soar.post("/rest/container", &container("x"));
            match body["id"].as_i64() {
                Some(id) => (true, id),
                None => (false, body["existing_container_id"].as_i64().unwrap()),
            }
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(post)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(ids.iter().filter(|(saved, _)| *saved).count(), 1);
    assert!(ids.iter().all(|(_, id)| *id == 1), "{ids:?}");
    assert_eq!(held(&double), (1, 2));
}

#[test]
fn artifacts_are_never_duplicates_and_need_their_container() {
    let (double, soar) = double();
    soar.post("/rest/container", &container("x"));
    let artifact = json!({"container_id": 1, "source_data_identifier": "x-1"});
    for id in [3, 4] {
        assert_eq!(soar.post("/rest/artifact", &artifact).1["id"], id);
    }
    let answer = soar.post("/rest/artifact", &json!({"container_id": 9}));
    assert_eq!(
        refused(&answer, 400),
        "artifact: container_id is 9, but there is no such container"
    );
    let answer = soar.post("/rest/artifact", &json!({"name": "no container"}));
    assert_eq!(refused(&answer, 400), "artifact: container_id is missing");
    assert_eq!(held(&double), (1, 4));
}

#[test]
fn a_list_saves_what_is_good_and_tells_of_each() {
    let (double, soar) = double();
    let no_name = json!({"label": "events"});
    let list = json!([container("x"), no_name, container("x"), 5, container("y")]);
    let (status, bodies) = soar.post("/rest/container", &list);
    assert_eq!(status, 200);
    let bodies = bodies.as_array().unwrap();
    assert_eq!(bodies.len(), 5);
    let saved =
        |id: i64| json!({"success": true, "id": id, "new_artifact_ids": [2 * id - 1, 2 * id]});
    assert_eq!(bodies[0], saved(1));
    assert_eq!(
        bodies[1],
        json!({"failed": true, "message": "container: name is missing"})
    );
    assert_eq!(bodies[2]["existing_container_id"], 1);
    assert_eq!(bodies[3]["message"], "a record is 5, not a JSON object");
    assert_eq!(bodies[4], saved(2));
    assert_eq!(held(&double), (2, 4));

    let list = json!([{"container_id": 1}, {"container_id": 9}, {"container_id": 2}]);
    let (status, bodies) = soar.post("/rest/artifact", &list);
    assert_eq!(
        (status, &bodies[0]["id"], &bodies[2]["id"]),
        (200, &json!(5), &json!(6))
    );
    assert_eq!(bodies[1]["failed"], true);
}

#[test]
fn a_list_without_a_good_one_is_400() {
    let (double, soar) = double();
    let (status, bodies) = soar.post("/rest/container", &json!([{}, {"name": "x"}]));
    assert_eq!((status, bodies.as_array().map(Vec::len)), (400, Some(2)));
    let answer = soar.post("/rest/container", &json!([]));
    refused(&answer, 400);
    assert_eq!(held(&double), (0, 0));
}

#[test]
fn what_is_no_record_is_refused_by_name() {
    let (double, soar) = double();
    let with = |field: &str, value: Value| {
        let mut body = container("x");
        body[field] = value;
        body
    };
    for (body, named) in [
        (with("label", json!("unknown")), "label is \"unknown\""),
        (with("severity", json!("High")), "severity is \"High\""),
        (
            with("sensitivity", json!("blue")),
            "sensitivity is \"blue\"",
        ),
        (with("status", json!("done")), "status is \"done\""),
        (with("name", json!(" ")), "name is \" \""),
        (with("asset_id", json!("7")), "asset_id is \"7\""),
        (with("description", json!(null)), "description is null"),
        (
            with("run_automation", json!("true")),
            "run_automation is \"true\"",
        ),
        (with("colour", json!("red")), "no field colour"),
        (json!("text"), "a record is \"text\""),
    ] {
        let answer = soar.post("/rest/container", &body);
        let message = refused(&answer, 400);
        assert!(message.contains(named), "{message}");
    }
    let (status, text) = soar
        .send("POST", "/rest/container", b"{\"name\": ")
        .unwrap();
    assert_eq!(status, 400);
    assert!(text.contains("the body is not JSON: EOF"), "{text}");
    assert_eq!(held(&double), (0, 0));
}

#[test]
fn a_token_is_asked_for_everywhere() {
    let (double, mut soar) = start(Options {
        token: Some("secret".into()),
        ..Options::default()
    });
    for path in [
        "/rest/container",
        "/rest/version",
        "/double/export",
        "/nowhere",
    ] {
        for token in [None, Some("Secret"), Some("secret2")] {
            soar.token = token;
            let answer = soar.get(path);
            let message = refused(&answer, 401);
            assert!(message.contains("ph-auth-token"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
    let answer = soar.post("/rest/container", &container("x"));
    refused(&answer, 401);
    assert_eq!(held(&double), (0, 0));
    soar.token = Some("secret");
    assert_eq!(soar.post("/rest/container", &container("x")).0, 200);
}

#[test]
fn what_is_not_there_is_told_in_json() {
    let (_double, soar) = double();
    for path in [
        "/rest/nothing",
        "/rest/container/7",
        "/rest/artifact/x",
        "/",
        "/rest/container/",
    ] {
        assert_eq!(
            refused(&soar.get(path), 404),
            format!("there is nothing at {path}")
        );
    }
    for (method, path) in [
        ("PUT", "/rest/container"),
        ("DELETE", "/rest/container/1"),
        ("POST", "/rest/version"),
        ("POST", "/double/faults"),
    ] {
        let (status, text) = soar.send(method, path, b"{}").unwrap();
        let answer = (status, text.parse().expect("JSON"));
        assert_eq!(
            refused(&answer, 405),
            format!("{path} doesn't take {method}")
        );
    }
}

#[test]
fn a_body_has_a_limit() {
    let (double, soar) = start(Options {
        body_limit: 1000,
        ..Options::default()
    });
    let mut body = container("x");
    let spare = 1000 - body.to_string().len() - ",\"description\":\"\"".len();
    body["description"] = json!("x".repeat(spare));
    assert_eq!(body.to_string().len(), 1000);
    assert_eq!(soar.post("/rest/container", &body).0, 200);
    body["description"] = json!("x".repeat(spare + 1));
    let answer = soar.post("/rest/container", &body);
    let message = refused(&answer, 413);
    assert!(message.contains("larger than 1000 bytes"), "{message}");
    assert_eq!(held(&double), (1, 2));
}

#[test]
fn a_file_keeps_it_for_the_next_double() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("soar.db");
    let options = || Options {
        store: Some(path.clone()),
        ..Options::default()
    };
    let (first, soar) = start(options());
    soar.post("/rest/container", &container("x"));
    let before = export(&first);
    drop(first);
    let (second, soar) = start(options());
    assert_eq!(export(&second), before);
    refused(&soar.post("/rest/container", &container("x")), 400);
    assert_eq!(soar.post("/rest/container", &container("y")).1["id"], 2);
    let reader = Connection::open(&path).unwrap();
    let count: i64 = reader
        .query_row("SELECT count(*) FROM artifact", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 4);
}

type Change = Box<dyn Fn(&mut Options)>;

#[test]
fn options_that_can_not_be_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt");
    fs::write(&notes, "no database, but notes".repeat(100)).unwrap();
    let (double, _) = double();
    let taken = double.address();
    let cases: Vec<(Change, &str)> = vec![
        (
            Box::new(|o| o.address = "0.0.0.0:0".parse().unwrap()),
            "0.0.0.0:0 is not a loopback address",
        ),
        (Box::new(move |o| o.address = taken), "can't be listened on"),
        (Box::new(|o| o.token = Some("a\nb".into())), "visible ASCII"),
        (Box::new(|o| o.token = Some(String::new())), "visible ASCII"),
        (
            Box::new(|o| o.duplicate_status = 201),
            "duplicate_status is 201",
        ),
        (Box::new(|o| o.faults.rate = 2.0), "rate is 2"),
        (
            Box::new(move |o| o.store = Some(notes.clone())),
            "is a database of something else",
        ),
    ];
    for (change, named) in cases {
        let mut options = Options::default();
        change(&mut options);
        let error: Error = kafka_soar::soar_double::SoarDouble::start(options)
            .err()
            .expect("refused");
        assert!(error.to_string().contains(named), "{error}");
    }
}
