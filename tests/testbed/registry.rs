//! A Schema Registry (the script `schema_registry.py`), and messages that confluent-kafka's own
//! serializers wrote.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// A running registry. It ends when this is dropped, or with this process.
pub struct Registry {
    child: Child,
    url: String,
}

impl Registry {
    /// Starts one, with options of the script.
    #[must_use]
    pub fn start(options: &[&str]) -> Self {
        let mut child = python("schema_registry.py")
            .args(options)
            // It ends with its standard input, which this process holds.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the registry starts");
        let mut port = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut port)
            .expect("its port");
        let scheme = if options.contains(&"--tls") {
            "https"
        } else {
            "http"
        };
        Self {
            child,
            url: format!("{scheme}://localhost:{}", port.trim()),
        }
    }

    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Has the next requests fail with a status; 0 hangs up.
    pub fn fail(&self, count: u32, status: u16) {
        ureq::post(format!("{}/_fail", self.url))
            .send_json(json!({"count": count, "status": status}))
            .expect("told");
    }

    /// How many requests there were.
    #[must_use]
    pub fn asked(&self) -> u64 {
        let mut answer = ureq::get(format!("{}/_asked", self.url))
            .call()
            .expect("told");
        answer.body_mut().read_json().expect("a number")
    }

    /// Registers the serializers' schemas; what they wrote, by case.
    #[must_use]
    pub fn messages(&self) -> BTreeMap<String, Vec<u8>> {
        let output = python("serialize.py")
            .arg(&self.url)
            .output()
            .expect("it starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let text = String::from_utf8(output.stdout).expect("text");
        let message = |line: &str| {
            let line: Value = line.parse().expect("JSON");
            let value = BASE64_STANDARD.decode(line["value"].as_str().expect("text"));
            (
                line["case"].as_str().expect("text").to_owned(),
                value.expect("base64"),
            )
        };
        text.lines().map(message).collect()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A script of the testbed, in the environment that `.ci/setup test` makes.
pub(super) fn python(script: &str) -> Command {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python: PathBuf = tests.join("../target/testbed/venv/bin/python");
    assert!(
        python.exists(),
        "{} is missing: run .ci/setup test",
        python.display()
    );
    let mut command = Command::new(python);
    command.arg(tests.join("testbed").join(script));
    command
}
