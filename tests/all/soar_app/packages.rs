//! The packages as `make package` built them: unpacked, installed, run. They want Python 3.13, an
//! index of Python packages and minutes, so `make packagetest` runs these.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use kafka_soar_tests::testbed::shared;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    app::{App, python, source},
    deaths::die_at_every_step,
    parsers::every_action_with_every_parser,
};

const WHY: &str = "run it with make packagetest";

fn run(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Unpacks the package of an app: the folder in it.
fn unpack(kind: &str, folder: &Path) -> PathBuf {
    let packages = source("target/package");
    let found =
        fs::read_dir(&packages).unwrap_or_else(|e| panic!("{}: {e}: {WHY}", packages.display()));
    let package = found
        .map(|entry| entry.expect("an entry").path())
        .find(|path| {
            path.to_string_lossy()
                .contains(&format!("kafka-soar-{kind}-"))
        })
        .unwrap_or_else(|| panic!("no package of {kind}: {WHY}"));
    run(Command::new("tar")
        .arg("-xzf")
        .arg(package)
        .arg("-C")
        .arg(folder));
    let mut inside = fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry").path());
    let (app, more) = (inside.next().expect("a folder in it"), inside.next());
    assert_eq!(more, None, "a package has one folder");
    app
}

struct Installed {
    _folder: TempDir,
    app: PathBuf,
    python: PathBuf,
}

/// Installs the SDK app as SOAR does: its wheels into an environment of their own. What SOAR has
/// by itself, and the package leaves out, comes from the index.
fn sdk() -> Installed {
    let folder = tempfile::tempdir().expect("a folder");
    let app = unpack("sdk", &folder.path().join("."));
    let venv = folder.path().join("venv");
    let python = std::env::var("KAFKA_SOAR_PYTHON313").unwrap_or_else(|_| "python3.13".into());
    run(Command::new(python).arg("-m").arg("venv").arg(&venv));
    let manifest: Value = fs::read_to_string(app.join("manifest.json"))
        .expect("there")
        .parse()
        .unwrap();
    let wheels = manifest["pip313_dependencies"]["wheel"]
        .as_array()
        .expect("a list");
    let wheels = wheels
        .iter()
        .map(|wheel| wheel["input_file"].as_str().expect("a path"));
    run(Command::new(venv.join("bin/pip"))
        .args(["install", "--quiet"])
        .args(wheels)
        .current_dir(&app));
    Installed {
        python: venv.join("bin/python"),
        _folder: folder,
        app,
    }
}

#[test]
#[ignore = "wants packages: make packagetest"]
fn the_package_for_the_base_class_works() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = unpack("base", folder.path());
    for name in [
        "NOTICE",
        "LICENSE",
        "logo.svg",
        "logo_dark.svg",
        "release_notes",
    ] {
        assert!(app.join(name).exists(), "{name}");
    }
    let python = PathBuf::from(python());
    every_action_with_every_parser(|| App::unpacked(&app, &python));
    // Some tools that unpack lose the right to run.
    run(Command::new("chmod").arg("a-x").arg(app.join("kafka-soar")));
    every_action_with_every_parser(|| App::unpacked(&app, &python));
}

#[test]
#[ignore = "wants packages: make packagetest"]
fn the_package_for_the_sdk_works() {
    let installed = sdk();
    let app = || App::unpacked(&installed.app, &installed.python);
    every_action_with_every_parser(app);
    die_at_every_step(app, "app", &[], 18);
    die_at_every_step(app, "host", &[], 18);
}

/// The SDK's way to run an action without SOAR.
fn run_locally(installed: &Installed, action: &str, asset: &Value, parameters: &Value) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, contents: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, contents.to_string()).expect("written");
        path
    };
    let mut command = Command::new(&installed.python);
    command
        .args(["-m", "src.app", "action", action, "-a"])
        .arg(file("asset.json", asset))
        .env("PHANTOM_HOME", folder.path())
        .env("KAFKA_SOAR_CACHE_DIR", crate::asset::cache())
        .current_dir(&installed.app);
    if action != "test_connectivity" {
        command.arg("-p").arg(file("parameters.json", parameters));
    }
    run(&mut command)
}

#[test]
#[ignore = "wants packages: make packagetest"]
fn the_sdks_own_runner_runs_every_action() {
    let installed = sdk();
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 3);
    let asset = json!({
        "hosts": shared().bootstrap(), "topic": topic.as_str(), "timeout": 1000,
        "read_from_beginning": true,
    });
    let tested = run_locally(&installed, "test_connectivity", &asset, &json!({}));
    assert!(tested.contains("Test Connectivity Passed"), "{tested}");
    let polled = run_locally(
        &installed,
        "on_poll",
        &asset,
        &json!({"container_count": 1}),
    );
    assert!(polled.contains("Action success: True"), "{polled}");
    let post = json!({"data": "x", "data_type": "string", "topic": topic.as_str(), "timeout": 5});
    let posted = run_locally(&installed, "post_data", &asset, &post);
    assert!(
        posted.contains("\"offset\": 3") && posted.contains("Successfully sent"),
        "{posted}"
    );
    let refused = json!({"data": "{", "data_type": "JSON", "topic": topic.as_str()});
    let refused = run_locally(&installed, "post_data", &asset, &refused);
    assert!(refused.contains("Action success: False"), "{refused}");
    assert!(
        refused.contains("Supplied data could not be decoded as JSON"),
        "{refused}"
    );
}

/// 100,000 messages, SOAR's saving stubbed out by the SDK: 3 s beyond the broker's time, and memory
/// that doesn't grow with them.
#[test]
#[ignore = "wants packages: make packagetest"]
fn a_hundred_thousand_messages_take_seconds_and_no_memory() {
    const MESSAGES: usize = 100_000;
    const PARTITIONS: i32 = 4;
    let installed = sdk();
    let topic = shared().topic(PARTITIONS);
    shared().produce_numbered(&topic, PARTITIONS, MESSAGES / 4);
    let few = shared().topic(PARTITIONS);
    shared().produce_numbered(&few, PARTITIONS, 25);
    let script = "
import json, resource, sys
from src.app import app
app.handle(sys.argv[1])
(result,) = app.actions_manager.get_action_results()
assert result.get_status(), result.get_message()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
";
    let poll = |topic: &str| {
        let home = tempfile::tempdir().expect("a folder");
        let request = json!({
            "identifier": "on_poll", "asset_id": "7", "parameters": [{}],
            "config": {
                "app_version": "4.0.0", "directory": ".", "main_module": "src.app:app",
                "hosts": shared().bootstrap(), "topic": topic, "timeout": 60_000,
                "read_from_beginning": true, "ingest": {"container_label": "events"},
            },
        });
        let begun = Instant::now();
        let text = run(Command::new(&installed.python)
            .args(["-c", script, &request.to_string()])
            .env("PHANTOM_HOME", home.path())
            .env("KAFKA_SOAR_CACHE_DIR", crate::asset::cache())
            .current_dir(&installed.app));
        let peak: u64 = text.lines().last().expect("a line").parse().expect("KiB");
        (begun.elapsed(), peak)
    };
    let (small, little) = poll(few.as_str());
    let (large, much) = poll(topic.as_str());
    eprintln!("100 messages {small:?}, {little} KiB; {MESSAGES} {large:?}, {much} KiB");
    assert!(
        large < small + Duration::from_secs(6),
        "{large:?} against {small:?}"
    );
    assert!(much < little + 60_000, "{much} KiB against {little} KiB");
}
