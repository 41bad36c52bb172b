//! Every SDK makes the same bytes of the same messages, and passes its own tests.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{Batch, Header, NO_TIMESTAMP, Parsed, Position, Record},
    ports::ParseError,
    sandbox::{Cache, Parser, Sandbox},
};
use kafka_soar_tests::guests;
use serde_json::{Map, Value};

use crate::sandbox::STARTED;

/// A directory of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A file `tests/cases/contract/NAME.ndjson`.
struct Case {
    name: String,
    settings: String,
    batch: Batch,
}

fn cases() -> Vec<Case> {
    let directory = repository("tests/cases/contract");
    let mut cases: Vec<Case> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "ndjson"))
        .map(|path| Case {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            settings: fs::read_to_string(path.with_extension("settings.json"))
                .unwrap_or_else(|_| "{}".to_owned()),
            batch: batch(&fs::read_to_string(&path).unwrap()),
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn batch(text: &str) -> Batch {
    let mut batch = Batch::new("events");
    for (index, line) in (0..).zip(text.lines()) {
        let message: Map<String, Value> = serde_json::from_str(line).unwrap();
        let number = |name: &str| message.get(name).map(|number| number.as_i64().unwrap());
        let bytes = |name: &str| match message.get(&format!("{name}_base64")) {
            Some(encoded) => Some(STANDARD.decode(encoded.as_str().unwrap()).unwrap()),
            None => message
                .get(name)
                .map(|text| text.as_str().unwrap().as_bytes().to_vec()),
        };
        let headers = message
            .get("headers")
            .map_or(&[][..], |headers| headers.as_array().unwrap());
        let headers = headers.iter().map(|header| Header {
            name: header[0].as_str().unwrap(),
            value: header[1].as_str().map(str::as_bytes),
        });
        batch.push(&Record {
            position: Position {
                partition: i32::try_from(number("partition").unwrap_or(0)).unwrap(),
                offset: number("offset").unwrap_or(index),
            },
            timestamp: number("timestamp").unwrap_or(NO_TIMESTAMP),
            key: bytes("key").as_deref(),
            value: bytes("value").as_deref(),
            headers: headers.collect(),
        });
    }
    batch
}

fn load(sandbox: &Sandbox, component: &[u8], settings: &str) -> Parser {
    let source = ParserSource::Component {
        name: "echo".into(),
        bytes: component.to_vec(),
        signature: None,
    };
    let limits = ParserLimits::default();
    sandbox
        .load(&source, &Policy::default(), &limits, settings, STARTED)
        .unwrap_or_else(|error| panic!("{error}"))
}

/// What became of a batch, in a form to compare. A trap says something else in every language.
#[derive(Debug, PartialEq)]
enum Outcome {
    Parsed(Parsed),
    Refused(String),
    Trap,
}

fn outcome(result: Result<Parsed, ParseError>) -> Outcome {
    match result {
        Ok(parsed) => Outcome::Parsed(parsed),
        Err(ParseError::Refused(reason)) => Outcome::Refused(reason),
        Err(ParseError::Trap(_)) => Outcome::Trap,
        Err(other) => panic!("{other}"),
    }
}

/// The texts of an outcome, a line each: where two differ, the line says more than the whole.
fn lines(outcome: &Outcome) -> Vec<String> {
    let Outcome::Parsed(parsed) = outcome else {
        return vec![format!("{outcome:?}")];
    };
    let ingests = parsed.ingests().flat_map(|ingest| {
        let artifacts: Vec<_> = ingest.artifacts().map(str::to_owned).collect();
        [vec![ingest.container().to_owned()], artifacts].concat()
    });
    let rejections = parsed
        .rejections()
        .iter()
        .map(|rejection| format!("{}: {}", rejection.index, rejection.reason));
    ingests
        .chain(rejections)
        .chain([format!("{:?}", parsed.sources())])
        .collect()
}

#[test]
pub(crate) fn every_sdk_makes_the_same_bytes_of_the_contract_cases() {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path().join("cache")).unwrap();
    let sandbox = kafka_soar_tests::sandbox(Some(cache));
    let cases = cases();
    assert!(cases.len() >= 12, "only {} cases", cases.len());
    let mut expected: Vec<Outcome> = Vec::new();
    for (language, component) in guests::echoes() {
        let mut plain = load(&sandbox, &component, "{}");
        for (index, case) in cases.iter().enumerate() {
            let result = if case.settings == "{}" {
                plain.parse(&case.batch)
            } else {
                load(&sandbox, &component, &case.settings).parse(&case.batch)
            };
            let outcome = outcome(result);
            // Rust comes first, and is what the others are compared with.
            let Some(reference) = expected.get(index) else {
                expected.push(outcome);
                continue;
            };
            let (are, should) = (lines(&outcome), lines(reference));
            for (is, should) in are.iter().zip(&should) {
                assert_eq!(is, should, "{language}: {}", case.name);
            }
            assert_eq!(are.len(), should.len(), "{language}: {}", case.name);
            // Spaces between values too.
            assert_eq!(&outcome, reference, "{language}: {}", case.name);
        }
    }
}

/// All could be wrong alike: what a person worked out, for the language that the others follow.
#[test]
pub(crate) fn the_contract_cases_mean_what_their_description_says() {
    let batch = batch(concat!(
        r#"{"value":"!log a\u2028b\u0001\"\\","timestamp":1700000000123,"partition":3,"offset":9223372036854775807,"key_base64":"AP8=","headers":[["n",null],["é",""]]}"#,
        "\n{\"value_base64\":\"//4=\"}\n{}",
    ));
    let (_, rust) = guests::echoes().swap_remove(0);
    let sandbox = crate::sandbox::sandbox();
    let parsed = load(sandbox, &rust, r#"{"note":"ü"}"#).parse(&batch);
    assert_eq!(
        lines(&outcome(parsed)),
        [
            r#"{"name":"events/3/9223372036854775807","description":"ü","start_time":"2023-11-14T22:13:20.123Z"}"#,
            concat!(
                r#"{"name":"echo","cef":{"key":"AP8=","message":"!log a"#,
                "\u{2028}",
                r#"b\u0001\"\\","headers":[["n",null],["é",""]],"poll":1793000000123,"offset_minutes":330}}"#,
            ),
            "1: the value isn't UTF-8 text (byte 0xff at position 0)",
            "2: the message has no value (a tombstone)",
            "[0]",
        ]
    );
}

/// What a command in a directory of the repository says when it succeeds.
fn succeeds(command: &mut Command, directory: &str) -> String {
    let output = command
        .current_dir(repository(directory))
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{}\n{}", said[0], said[1]);
    said.concat()
}

#[test]
pub(crate) fn the_python_sdk_passes_its_tests_and_its_types_hold() {
    let venv = repository("target/testbed/venv/bin").canonicalize();
    let venv = venv.expect("run `.ci/setup test`, which installs what checks Python");
    // Nothing is left beside the sources.
    let caches = tempfile::tempdir().unwrap();
    let python = |module: &str| {
        let mut python = Command::new(venv.join("python"));
        python.args(["-B", "-m", module]);
        python.env("PYTHONDONTWRITEBYTECODE", "1");
        python.env("MYPY_CACHE_DIR", caches.path());
        python
    };
    let said = succeeds(
        python("pytest").args(["-q", "-p", "no:cacheprovider"]),
        "parser-sdk/python",
    );
    assert!(said.contains(" passed"), "{said}");
    let said = succeeds(&mut python("mypy"), "parser-sdk/python");
    assert!(said.contains("Success: no issues found"), "{said}");
}

#[test]
pub(crate) fn the_c_sdk_passes_its_tests_under_the_sanitizers() {
    let said = succeeds(&mut Command::new("./run"), "parser-sdk/c/tests");
    assert!(said.ends_with("18 tests passed\npassed\n"), "{said}");
}

/// A command with the tools that `.ci/setup test` installs before the machine's own.
fn tool(name: &str) -> Command {
    let tools = repository("target/testbed/venv/bin").canonicalize();
    let tools = tools.expect("run `.ci/setup test`, which installs Node.js and Go");
    let mut paths = vec![tools.clone()];
    paths.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let mut command = Command::new(tools.join(name));
    command.env("PATH", std::env::join_paths(paths).unwrap());
    command
}

#[test]
pub(crate) fn the_javascript_sdk_passes_its_tests_and_its_types_hold() {
    // What `guests/echo-js/build` has installed, by the same lock file.
    let modules = repository("target/guests/foreign/js/node_modules").canonicalize();
    let modules = modules.expect("run `.ci/setup test`, which builds the guest in JavaScript");
    let mut node = tool("node");
    node.arg("--test").env("SDK_TEST_MODULES", modules);
    let said = succeeds(&mut node, "parser-sdk/js/tests");
    assert!(said.contains("fail 0\n"), "{said}");
}

#[test]
pub(crate) fn the_go_sdk_passes_its_tests() {
    let cache = repository("target/guests/foreign");
    let go = |arguments: &[&str]| {
        let mut go = tool("go");
        go.args(arguments);
        go.env("GOCACHE", cache.canonicalize().unwrap().join("go"));
        go.envs([
            ("GOTOOLCHAIN", "local"),
            ("GOPROXY", "off"),
            ("GOWORK", "off"),
        ]);
        go
    };
    succeeds(&mut go(&["vet", "./..."]), "parser-sdk/go");
    let said = succeeds(&mut go(&["test", "-count=1", "./tests"]), "parser-sdk/go");
    assert!(said.starts_with("ok "), "{said}");
}
