//! `kafka-soar` as a user runs it: the built binary, an asset's configuration, files.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use kafka_soar_tests::binary;

/// An asset in a folder of its own, with state, output and quarantine beside it.
pub(crate) struct Asset {
    pub(crate) folder: TempDir,
    pub(crate) config: Value,
}

impl Asset {
    /// Reads `topic` of the shared broker from its beginning, in one pass.
    pub(crate) fn new(topic: &Topic) -> Self {
        Self::at(testbed::shared().bootstrap(), topic)
    }

    pub(crate) fn at(hosts: &str, topic: &Topic) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            config: json!({
                "hosts": hosts,
                "topic": topic.as_str(),
                "timeout": 0,
                "read_from_beginning": true,
            }),
        }
    }

    pub(crate) fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.config[field] = value.into();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command of a scheduled poll into `out.ndjson`.
    pub(crate) fn poll(&self) -> Command {
        let mut command = self.command("on-poll");
        command.args(["--state", "state.json", "--output", "out.ndjson", "--json"]);
        command
    }

    pub(crate) fn command(&self, action: &str) -> Command {
        fs::write(self.path("asset.json"), self.config.to_string()).expect("written");
        let mut command = Command::new(binary());
        command
            .current_dir(self.folder.path())
            .env("KAFKA_SOAR_CACHE_DIR", cache())
            .args(action.split(' '))
            .args(["--config", "asset.json"]);
        command
    }

    /// Runs a scheduled poll that succeeds: its summary.
    pub(crate) fn polled(&self) -> Value {
        self.polled_with_remarks().0
    }

    /// [`Asset::polled`], and what it remarked on standard error.
    pub(crate) fn polled_with_remarks(&self) -> (Value, String) {
        let output = run(&mut self.poll());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let remarks = String::from_utf8_lossy(&output.stderr).into_owned();
        (summary(&output), remarks)
    }

    /// Has the next poll be the first.
    pub(crate) fn forget(&self) {
        for name in ["state.json", "state.json.previous"] {
            fs::remove_file(self.path(name)).expect("a state was kept");
        }
    }

    /// The saved offsets of the topic.
    pub(crate) fn offsets(&self) -> Value {
        let state: Value = read(&self.path("state.json")).parse().expect("JSON");
        let topic = self.config["topic"].as_str().expect("text");
        state[topic].clone()
    }

    /// The containers written so far.
    pub(crate) fn containers(&self) -> Vec<Value> {
        lines(&read(&self.path("out.ndjson")))
    }

    /// The messages in them, where they are text.
    pub(crate) fn messages(&self) -> Vec<String> {
        let containers = self.containers();
        let text = |artifact: &&Value| artifact["cef"]["message"].as_str().map(str::to_owned);
        artifacts(&containers).iter().filter_map(text).collect()
    }
}

/// One cache for all tests: the default parser is compiled once, before the first of them, so that
/// none takes that time.
pub(crate) fn cache() -> PathBuf {
    static CACHE: OnceLock<TempDir> = OnceLock::new();
    // The binary makes it, with the mode that it insists on.
    let parsers = |folder: &TempDir| folder.path().join("parsers");
    let folder = CACHE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut demo = Command::new(binary());
        let demo = demo
            .arg("demo")
            .env("KAFKA_SOAR_CACHE_DIR", parsers(&folder));
        assert!(run(demo).status.success());
        folder
    });
    parsers(folder)
}

pub(crate) fn run(command: &mut Command) -> Output {
    command.output().expect("the binary runs")
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| line.parse().expect("a line of JSON"))
        .collect()
}

/// The last line of `--json` output.
pub(crate) fn summary(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_else(|| panic!("{output:?}"));
    last.parse::<Value>().expect("JSON")["summary"].take()
}

/// All artifacts of all containers.
pub(crate) fn artifacts(containers: &[Value]) -> Vec<&Value> {
    containers
        .iter()
        .flat_map(|line| line["artifacts"].as_array().expect("a list"))
        .collect()
}

/// Where each artifact comes from: `partition:offset`.
pub(crate) fn identifiers(containers: &[Value]) -> Vec<&str> {
    artifacts(containers)
        .into_iter()
        .map(|artifact| artifact["source_data_identifier"].as_str().expect("text"))
        .collect()
}

pub(crate) fn error(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_else(|| panic!("{output:?}"));
    last.parse::<Value>().expect("JSON")["error"].take()
}
