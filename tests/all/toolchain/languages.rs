//! The parser that every language's project begins with: made, built, checked, tested and run on a
//! topic. Their tools are those that `.ci/setup test` puts into target.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use kafka_soar_tests::testbed::{Fixture, shared};
use serde_json::json;

use super::{building, lines, parser};
use crate::{asset::Asset, policy::Place};

fn target() -> PathBuf {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    target.canonicalize().expect("the tests lie in it")
}

/// Where tools are looked for first.
fn path() -> std::ffi::OsString {
    let tools = ["python/bin", "testbed/venv/bin"].map(|folder| target().join(folder));
    let rest = env::var_os("PATH").unwrap_or_default();
    env::join_paths(tools.into_iter().chain(env::split_paths(&rest))).expect("no colons")
}

fn project(language: &str, tools: impl FnOnce(&Path)) {
    let place = Place::new();
    let ran = parser(&place, &["new", "mine", "--lang", language]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    tools(&place.path("mine"));
    let ran = place.output(building(&["build", "mine", "--json"]).env("PATH", path()));
    assert_eq!(
        ran.code,
        Some(0),
        "{language}: {}{}",
        ran.stdout,
        ran.stderr
    );
    let built = ran.json();
    assert_eq!(built["check"]["passed"], true, "{language}: {built:#}");

    let ran = parser(&place, &["test", "mine"]);
    assert_eq!(
        ran.code,
        Some(0),
        "{language}: {}{}",
        ran.stdout,
        ran.stderr
    );
    assert_eq!(ran.stdout, "ok   hello\n1 passed, 0 failed\n");

    let broker = shared();
    let topic = broker.topic(1);
    let long = "é".repeat(200);
    let records = ["hello", "two\nlines", &long].map(|text| Fixture::value(0, text.as_bytes()));
    broker.produce(&topic, records);
    let asset = Asset::new(&topic);
    place.write("asset.json", asset.config.to_string());
    let ran = parser(&place, &["run", "mine/mine.wasm", "--asset", "asset.json"]);
    assert_eq!(ran.code, Some(0), "{language}: {}", ran.stderr);
    let expected = [
        ("hello", "hello"),
        ("two", "two\nlines"),
        (&"é".repeat(100), &long),
    ];
    let expected = expected.map(|(name, text)| {
        json!({"container": {"name": name}, "artifacts": [{"cef": {"message": text}}]})
    });
    assert_eq!(lines(&ran), expected, "{language}");
}

#[test]
fn rust() {
    project("rust", |_| {});
}

#[test]
fn python() {
    project("python", |_| {});
}

/// What pip has put into a project's own place is found there.
#[test]
fn c() {
    project("c", |folder| {
        fs::create_dir(folder.join(".kafka-soar")).unwrap();
        symlink(
            target().join("testbed/venv"),
            folder.join(".kafka-soar/venv"),
        )
        .unwrap();
    });
}

/// As `npm install` leaves it.
fn node_modules(folder: &Path) {
    let modules = target().join("guests/foreign/js/node_modules");
    symlink(modules, folder.join("node_modules")).unwrap();
}

#[test]
fn javascript() {
    project("javascript", node_modules);
}

#[test]
fn typescript() {
    project("typescript", node_modules);
}

/// A script of the original connector needs no project.
#[test]
fn a_script_is_built_as_it_is() {
    let place = Place::new();
    place.write(
        "old-script.py",
        "import json\n\n\
         def parse_messages(topic, messages):\n    \
         return [{\"container\": {\"name\": topic}, \"artifacts\": [\n        \
         {\"name\": str(m[\"offset\"]), \"cef\": json.loads(m[\"message\"])} for m in messages]}]\n",
    );
    let build = |words: &[&str]| {
        let words = [&["build", "old-script.py"], words].concat();
        place.output(building(&words).env("PATH", path()))
    };
    let ran = build(&[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    // The made-up messages of the check are no JSON, which is what this script wants.
    let ran = parser(&place, &["check", "old-script.wasm"]);
    assert_eq!(ran.code, Some(65), "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("give it such with --input"),
        "{}",
        ran.stdout
    );
    place.write("in.ndjson", "{\"value\":\"{\\\"a\\\":1}\",\"offset\":7}\n");
    let ran = parser(&place, &["run", "old-script.wasm", "--input", "in.ndjson"]);
    assert_eq!(
        lines(&ran),
        [json!({"container": {"name": "topic"}, "artifacts": [{"name": "7", "cef": {"a": 1}}]})]
    );

    // A package with code of its own kind is refused by its name.
    let ran = build(&["--requirement", "numpy"]);
    assert_eq!(ran.code, Some(64), "{}", ran.stderr);
    let said = "numpy is not to be had as a wheel of Python alone";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);

    place.write(
        "old-script.py",
        "def parse_messages(topic):\n    return []\n",
    );
    let ran = build(&[]);
    assert_eq!(ran.code, Some(65));
    let said = "old-script.py: parse_messages() should take exactly 2 arguments, takes 1 instead";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(!ran.stderr.contains("backtrace"), "{}", ran.stderr);
}
