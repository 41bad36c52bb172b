//! The built binary as a person at a shell meets it, as far as that needs no Kafka cluster.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

const FIVE_FAULTS: &str = include_str!("../../tests/cases/config/reject/five-faults.json");
const FIVE_FAULTS_TEXT: &str = include_str!("../../tests/cases/config/reject/five-faults.txt");

/// The binary in a folder of its own.
struct Shell {
    folder: TempDir,
}

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Shell {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kafka-soar"));
        command
            .args(words)
            .current_dir(&self.folder)
            .env_remove("RUST_BACKTRACE")
            .env_remove("NO_COLOR")
            .env_remove("KAFKA_SOAR_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        self.command(words).output().unwrap().into()
    }

    fn run_with_stdin(&self, words: &[&str], stdin: &str) -> Ran {
        let mut child = self.command(words).stdin(Stdio::piped()).spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(stdin.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap().into()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Failed with this code, nothing on standard output; what was said.
    #[track_caller]
    fn failed(self, code: i32) -> String {
        assert_eq!(
            (self.code, self.stdout.as_str()),
            (Some(code), ""),
            "{}",
            self.stderr
        );
        self.stderr
    }
}

fn run(words: &[&str]) -> Ran {
    Shell::new().run(words)
}

#[test]
fn help_lists_commands_examples_and_exit_codes() {
    let ran = run(&["--help"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    for part in [
        "Kafka to Splunk SOAR",
        "demo",
        "test-connectivity",
        "on-poll",
        "post-data",
        "soar-double",
        "parser",
        "Examples:",
        "Exit codes:",
        "\n  64   the configuration",
        "--json",
        "--quiet",
        "--verbose",
        "--color",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    assert!(run(&["-h"]).stdout.contains("Exit codes:"));
}

#[test]
fn every_command_has_examples() {
    for command in [
        &["demo"][..],
        &["parser", "replay"],
        &["test-connectivity"],
        &["on-poll"],
        &["post-data"],
        &["soar-double"],
        &["parser", "inspect"],
        &["parser", "sign"],
    ] {
        let ran = run(&[command, &["--help"]].concat());
        assert_eq!(ran.code, Some(0));
        let example = format!("kafka-soar {}", command.join(" "));
        let (_, examples) = ran.stdout.split_once("Examples:").unwrap();
        assert!(examples.contains(&example), "{}", ran.stdout);
    }
}

#[test]
fn the_version_is_told() {
    let ran = run(&["--version"]);
    assert_eq!(
        ran.stdout,
        format!("kafka-soar {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_wrong_command_line_is_a_wrong_configuration() {
    assert!(run(&[]).failed(64).contains("Usage: kafka-soar"));
    assert!(run(&["on-pol"]).failed(64).contains("'on-poll'"));
    assert!(run(&["on-poll"]).failed(64).contains("--config <FILE>"));
    assert!(
        run(&["on-poll", "--config", "a", "--sate", "s"])
            .failed(64)
            .contains("'--state'")
    );
    for bad in ["0", "-3", "many"] {
        let said = run(&["on-poll", "--config", "a.json", "--poll-now", bad]).failed(64);
        assert!(
            said.contains("Artifact count should be a positive integer"),
            "{said}"
        );
    }
}

#[test]
fn every_fault_of_a_configuration_is_told_at_once() {
    let shell = Shell::new();
    shell.write("asset.json", FIVE_FAULTS);
    for command in ["on-poll", "test-connectivity"] {
        let said = shell.run(&[command, "--config", "asset.json"]).failed(64);
        let faults = FIVE_FAULTS_TEXT.trim_end();
        let count = faults.lines().filter(|line| line.contains('→')).count();
        assert_eq!(
            said,
            format!(
                "error: the configuration asset.json has {count} faults\n\n{faults}\n\n\
                 hint: an example of a configuration is in kafka-soar on-poll --help\n"
            )
        );
    }
}

#[test]
fn errors_are_one_json_object_when_asked() {
    let shell = Shell::new();
    shell.write("asset.json", FIVE_FAULTS);
    let ran = shell.run(&["on-poll", "--config", "asset.json", "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(64), ""));
    assert_eq!(ran.stdout.lines().count(), 1);
    let error = &serde_json::from_str::<Value>(&ran.stdout).unwrap()["error"];
    assert_eq!(error["class"], "config");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .ends_with(FIVE_FAULTS_TEXT.trim_end())
    );
    assert!(error["hint"].is_string());

    let ran = shell.run(&[
        "--json",
        "on-poll",
        "--poll-now",
        "0",
        "--config",
        "asset.json",
    ]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(64), ""));
    let error = &serde_json::from_str::<Value>(&ran.stdout).unwrap()["error"];
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("Artifact count should be a positive integer"),
        "{message}"
    );
}

#[test]
fn a_configuration_that_can_not_be_read_is_named() {
    let shell = Shell::new();
    let said = shell.run(&["on-poll", "--config", "no.json"]).failed(64);
    assert!(
        said.starts_with("error: the configuration no.json is not there"),
        "{said}"
    );
    let said = shell.run(&["on-poll", "--config", "."]).failed(64);
    assert!(said.contains("the configuration . can't be read"), "{said}");
    shell.write("latin1.json", b"{\"hosts\": \"\xe9\"}");
    let said = shell
        .run(&["on-poll", "--config", "latin1.json"])
        .failed(64);
    assert!(said.contains("is not UTF-8: byte 11"), "{said}");
}

#[test]
fn a_syntax_error_is_told_by_line_and_column() {
    let words = ["test-connectivity", "--config", "-"];
    let said = Shell::new()
        .run_with_stdin(&words, "{\n  \"hosts\": \"a\",\n}\n")
        .failed(64);
    assert!(
        said.starts_with(
            "error: the configuration from standard input has a fault\n\n\
             not valid JSON: trailing comma at line 3 column 1\n"
        ),
        "{said}"
    );
}

#[test]
fn options_take_the_place_of_fields() {
    let shell = Shell::new();
    shell.write(
        "asset.json",
        r#"{"hosts": "kafka1:9092", "topic": "good", "timeout": 5}"#,
    );
    let with = |words: &[&str]| {
        shell
            .run(&[&["on-poll", "--config", "asset.json"], words].concat())
            .failed(64)
    };
    assert!(
        with(&["--timeout", "-5"]).contains("timeout: Timeout should not be negative. Found -5")
    );
    assert!(with(&["--topic", "b d"]).contains("Found \"b d\""));
    assert!(with(&["--hosts", "h:0"]).contains("Invalid port number: 0"));
    assert!(with(&["--parser", "x.wasm"]).contains("message_parser: x.wasm: no such file"));
}

#[test]
fn colours_are_for_those_who_want_them() {
    let words = ["on-poll", "--config", "no.json"];
    let shell = Shell::new();
    assert!(!shell.run(&words).stderr.contains('\x1b'), "not a terminal");
    let always = [&words[..], &["--color", "always"]].concat();
    assert!(shell.run(&always).stderr.contains("\x1b["));
    let never = [&words[..], &["--color", "never"]].concat();
    assert!(!shell.run(&never).stderr.contains('\x1b'));
    assert!(
        run(&["--color", "pink", "demo"])
            .failed(64)
            .contains("auto")
    );
}

#[test]
fn what_a_configuration_says_can_not_act_on_the_terminal() {
    let shell = Shell::new();
    shell.write(
        "asset.json",
        include_str!("../../tests/cases/config/reject/control-characters.json"),
    );
    let said = shell.run(&["on-poll", "--config", "asset.json"]).failed(64);
    let active = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!said.contains(active), "{said:?}");
}

#[test]
fn a_reader_that_went_away_is_no_defect() {
    for words in [
        &["--help"][..],
        &["--json", "on-poll", "--config", "no.json"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Shell::new().command(words).stdout(writer).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "");
        assert!(
            matches!(output.status.code(), Some(0 | 64)),
            "{:?}",
            output.status
        );
    }
}

#[test]
fn nothing_is_left_behind_by_a_failed_command() {
    let shell = Shell::new();
    shell.run(&[
        "on-poll", "--config", "no.json", "--state", "s", "--output", "o",
    ]);
    let left: Vec<_> = fs::read_dir(Path::new(shell.folder.path()))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
