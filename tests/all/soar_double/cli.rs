//! `kafka-soar soar-double`

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::{Client, container, refused};
use crate::asset::{binary, lines, run};

/// A process that is killed when this is dropped, or when the test dies.
struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Process {
    fn start(options: &[&str]) -> Self {
        // So that nothing outlives a test, however it ends.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL"])
            .arg(binary())
            .arg("soar-double")
            .args(options)
            .env("DOUBLE_TOKEN", "t0ken")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, stdout }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }

    /// Ends it: the exit code, and what else it wrote to its two streams.
    fn end(mut self, signal: Signal) -> (Option<i32>, String, String) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).expect("signalled");
        let (mut out, mut err) = (String::new(), String::new());
        self.stdout.read_to_string(&mut out).expect("text");
        let stderr = self.child.stderr.as_mut().expect("piped");
        stderr.read_to_string(&mut err).expect("text");
        (self.child.wait().expect("a child").code(), out, err)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_tells_its_url_serves_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("soar.db");
    let store = store.to_str().unwrap();
    let mut process = Process::start(&["--store", store, "--token-env", "DOUBLE_TOKEN"]);
    let url = process.line();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let mut soar = Client::new(&url);
    refused(&soar.get("/rest/version"), 401);
    soar.token = Some("t0ken");
    assert_eq!(soar.post("/rest/container", &container("x")).0, 200);
    let next = br#"{"next": ["error_before_saving"]}"#;
    assert_eq!(soar.send("PUT", "/double/faults", next).unwrap().0, 200);
    assert_eq!(soar.post("/rest/container", &container("y")).0, 500);
    let (_, text) = soar.send("GET", "/double/export", b"").unwrap();
    assert_eq!(lines(&text).len(), 1);

    let (code, out, err) = process.end(Signal::TERM);
    assert_eq!((code, out.as_str()), (Some(143), ""), "{err}");
    assert!(err.contains(&format!("\"soar_url\": \"{url}\"")), "{err}");
    let told =
        "ended with 1 container and 2 artifacts after 3 requests; faults: 1 error_before_saving";
    assert!(err.contains(told), "{err}");
    assert!(!err.contains("t0ken"), "{err}");

    // What it kept is there for the next one.
    let mut process = Process::start(&["--store", store, "--json"]);
    let first: Value = process.line().parse().expect("JSON");
    let soar = Client::new(first["url"].as_str().expect("a URL"));
    let answer = soar.post("/rest/container", &container("x"));
    refused(&answer, 400);
    let (code, out, err) = process.end(Signal::INT);
    assert_eq!(code, Some(130), "{err}");
    let counts = json!({"containers": 1, "artifacts": 2, "requests": 1, "faults": {}});
    assert_eq!(lines(&out), [json!({"counts": counts})]);
}

#[test]
fn it_fails_as_its_options_say() {
    let mut process = Process::start(&[
        "--fault",
        "throttle",
        "--fault-rate",
        "1",
        "--retry-after",
        "7",
        "--label",
        "firewall",
        "--severity",
        "urgent",
        "--duplicate-status",
        "409",
    ]);
    let soar = Client::new(&process.line());
    let answer = soar
        .agent
        .get(format!("{}/rest/version", soar.url))
        .call()
        .unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "7");
    soar.send("PUT", "/double/faults", b"{}").unwrap();
    refused(&soar.post("/rest/container", &container("x")), 400);
    let good = json!({
        "name": "n", "label": "firewall", "severity": "urgent", "source_data_identifier": "x",
    });
    assert_eq!(soar.post("/rest/container", &good).0, 200);
    refused(&soar.post("/rest/container", &good), 409);
}

#[test]
fn a_command_line_that_can_not_be_says_why() {
    let said = |options: &[&str]| {
        let output = run(Command::new(binary()).arg("soar-double").args(options));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(64), "{error}");
        error
    };
    assert!(said(&["--listen", "0.0.0.0:0"]).contains("0.0.0.0:0 is not a loopback address"));
    assert!(said(&["--fault", "explode"]).contains("choose one of pass, refuse"));
    assert!(said(&["--fault-rate", "2"]).contains("rate is 2"));
    assert!(said(&["--duplicate-status", "500"]).contains("duplicate_status is 500"));
    assert!(said(&["--token-env", "NO_SUCH_VARIABLE"]).contains("NO_SUCH_VARIABLE"));
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    assert!(said(&["--store", readme.to_str().unwrap()]).contains("a database of something else"));
}
