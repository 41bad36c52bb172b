//! An app as SOAR has it: unpacked in a folder, with a state folder, and SOAR around it.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use kafka_soar::soar_double::{Options, SoarDouble};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::asset::{binary, cache, lines};

pub(super) const ASSET: &str = "7";

pub(super) struct App {
    folder: TempDir,
    soar: SoarDouble,
    python: PathBuf,
}

/// What became of an action.
pub(super) struct Outcome {
    /// SOAR's record of it; null when the app died.
    pub(super) result: Value,
    pub(super) said: Vec<String>,
    pub(super) stderr: String,
}

impl Outcome {
    pub(super) fn status(&self) -> &str {
        self.result["result_data"][0]["status"]
            .as_str()
            .unwrap_or_default()
    }

    pub(super) fn message(&self) -> &str {
        self.result["result_data"][0]["message"]
            .as_str()
            .unwrap_or_default()
    }

    pub(super) fn rows(&self) -> &Value {
        &self.result["result_data"][0]["data"]
    }
}

/// A folder of this repository.
pub(super) fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The Python that runs the apps. SOAR has 3.9 or 3.13.
pub(super) fn python() -> String {
    std::env::var("KAFKA_SOAR_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

impl App {
    /// The app for SOAR's base class, laid out as its package is.
    pub(super) fn base() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let app = folder.path().join("app");
        fs::create_dir(&app).expect("made");
        for name in ["base/kafka.json", "base/connector.py", "relay.py"] {
            let from = source("host/soar-app").join(name);
            let to = app.join(from.file_name().expect("a name"));
            fs::copy(&from, to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
        }
        symlink(binary(), app.join("kafka-soar")).expect("linked");
        Self::new(folder, python().into())
    }

    /// An app that is unpacked at `app`, run by a Python that has what it needs.
    pub(super) fn unpacked(app: &Path, python: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        symlink(app, folder.path().join("app")).expect("linked");
        Self::new(folder, python.to_owned())
    }

    fn new(folder: TempDir, python: PathBuf) -> Self {
        Self {
            folder,
            soar: SoarDouble::start(Options::default()).expect("it starts"),
            python,
        }
    }

    /// Runs an action as SOAR does. `also` are variables for the stand-in.
    pub(super) fn run(&self, request: &Value, also: &[(&str, &str)]) -> Outcome {
        let mut request = request.clone();
        request["asset_id"] = json!(ASSET);
        // What SOAR itself puts into every configuration.
        for (field, value) in [
            ("app_version", "4.0.0"),
            ("appname", "-"),
            ("directory", "kafka"),
            ("main_module", "connector.py"),
        ] {
            request["config"][field] = value.into();
        }
        let progress = self.folder.path().join("progress");
        let _ = fs::remove_file(&progress);
        let mut child = Command::new(&self.python)
            .arg(source("tests/soar_app/spawn.py"))
            .arg(self.folder.path().join("app"))
            .env("PYTHONPATH", source("tests/soar_app"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PHANTOM_BASE_URL", self.soar.url())
            .env("PHANTOM_HOME", self.folder.path())
            .env("STANDIN_PROGRESS", &progress)
            .env("KAFKA_SOAR_CACHE_DIR", cache())
            .envs(also.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut stdin = child.stdin.take().expect("piped");
        stdin
            .write_all(request.to_string().as_bytes())
            .expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("a child");
        let said = fs::read_to_string(&progress).unwrap_or_default();
        let said = lines(&said)
            .into_iter()
            .map(|text| text.as_str().expect("text").to_owned());
        let text = String::from_utf8_lossy(&output.stdout);
        Outcome {
            // The SDK writes remarks before it.
            result: text
                .lines()
                .last()
                .unwrap_or_default()
                .parse()
                .unwrap_or_default(),
            said: said.collect(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn state_file(&self) -> PathBuf {
        let manifest = ["kafka.json", "manifest.json"]
            .iter()
            .find_map(|name| fs::read(self.folder.path().join("app").join(name)).ok());
        let manifest: Value = serde_json::from_slice(&manifest.expect("a manifest")).expect("JSON");
        let id = manifest["appid"].as_str().expect("an id");
        let folder = self.folder.path().join("local_data/app_states").join(id);
        folder.join(format!("{ASSET}_state.json"))
    }

    /// What SOAR keeps for the asset; null before there is anything.
    pub(super) fn state(&self) -> Value {
        let text = fs::read_to_string(self.state_file()).unwrap_or_default();
        text.parse().unwrap_or_default()
    }

    pub(super) fn set_state(&self, state: &Value) {
        let file = self.state_file();
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, state.to_string()).expect("written");
    }

    /// What is in SOAR.
    pub(super) fn containers(&self) -> Vec<Value> {
        let mut text = Vec::new();
        self.soar.export(&mut text).expect("it has them");
        lines(std::str::from_utf8(&text).expect("UTF-8"))
    }
}
