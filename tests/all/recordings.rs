//! `--record` and `parser replay`, with a real broker and the built binary.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output},
};

use kafka_soar_tests::{
    guests,
    testbed::{Fixture, eventually, shared},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::asset::{Asset, binary, cache, error, lines, read, run, summary};

const FOLDER: &str = "recordings";

/// An asset of a topic with these messages in one partition, in batches of `size`.
fn asset(values: &[&str], size: usize) -> Asset {
    let topic = shared().topic(1);
    let fixtures = values.iter().map(|text| Fixture::value(0, text.as_bytes()));
    shared().produce(&topic, fixtures);
    Asset::new(&topic).set("batch_max_messages", size)
}

/// Polls and records, with more options: the summary.
#[track_caller]
fn record(asset: &Asset, options: &[&str]) -> Value {
    let output = run(asset.poll().args(["--record", FOLDER]).args(options));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    summary(&output)
}

/// The recordings' paths, in the order in which they were made.
fn recordings(asset: &Asset) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(asset.path(FOLDER))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

fn replay(asset: &Asset, words: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .current_dir(asset.folder.path())
        .env("KAFKA_SOAR_CACHE_DIR", cache())
        .args(["parser", "replay", "--json"])
        .args(words);
    command
}

/// Replays the asset's recordings: exit code and lines of JSON.
fn replayed(asset: &Asset, words: &[&str]) -> (Option<i32>, Vec<Value>) {
    told(&run(&mut replay(asset, words)))
}

fn told(output: &Output) -> (Option<i32>, Vec<Value>) {
    let text = String::from_utf8_lossy(&output.stdout);
    (output.status.code(), lines(&text))
}

fn verdicts(lines: &[Value]) -> Vec<&str> {
    let verdicts = lines.iter().filter_map(|line| line["verdict"].as_str());
    verdicts.collect()
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}

/// The picky guest as the asset's parser.
fn picky(asset: Asset) -> Asset {
    fs::write(asset.path("picky.wasm"), guests::PICKY).unwrap();
    asset.set("message_parser", "picky.wasm")
}

#[test]
fn what_was_recorded_comes_again() {
    let asset = asset(&["one", "two", "three"], 2);
    let polled = record(&asset, &[]);
    assert_eq!(
        polled["recorded"],
        json!({"kept": 2, "removed": 0, "lost": 0})
    );
    assert_eq!(mode(&asset.path(FOLDER)), 0o700);
    assert!(recordings(&asset).iter().all(|path| mode(path) == 0o600));

    let (code, lines) = replayed(&asset, &[FOLDER, "--times", "3"]);
    assert_eq!(code, Some(0), "{lines:?}");
    assert_eq!(verdicts(&lines), ["same", "same"]);
    assert_eq!(lines[0]["messages"], 2);
    assert_eq!(lines[1]["messages"], 1);
    assert_eq!(lines[0]["topic"], asset.config["topic"]);
    assert_eq!(lines[0]["recorded"]["contract"], "1.0.0");
    assert_eq!(lines[0]["recorded"]["digest"], lines[0]["digest"]);
    assert_eq!(
        lines[2],
        json!({"summary": {"same": 2, "different": 0, "unsteady": 0, "failed": 0}})
    );

    // For a person: a table.
    let output = run(Command::new(binary())
        .env("KAFKA_SOAR_CACHE_DIR", cache())
        .args(["parser", "replay"])
        .arg(asset.path(FOLDER)));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(table.matches(" same").count(), 2, "{table}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said, "2 the same, 0 different\n");
}

#[test]
fn a_poll_that_is_not_recorded_says_nothing_of_it() {
    let asset = asset(&["one"], 1);
    assert_eq!(asset.polled()["recorded"], Value::Null);
    assert!(!asset.path(FOLDER).exists());
}

#[test]
fn failures_and_the_parts_of_a_cut_batch_are_recorded_too() {
    let asset = picky(asset(&["a", "b", "panic", "reject", "c"], 10));
    let polled = record(&asset, &[]);
    assert_eq!(polled["quarantined"], 2);
    let texts: Vec<String> = recordings(&asset).iter().map(|path| read(path)).collect();
    assert_eq!(polled["recorded"]["kept"], texts.len());
    let traps = texts
        .iter()
        .filter(|text| text.contains(r#""class":"trap""#));
    // The whole, and the message by itself at the least.
    assert!(traps.count() >= 2, "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("it says so itself")));

    // The component's native code is in the cache.
    let (code, lines) = replayed(&asset, &[FOLDER]);
    assert_eq!(code, Some(0), "{lines:?}");
    assert!(verdicts(&lines).iter().all(|verdict| *verdict == "same"));
    assert_eq!(verdicts(&lines).len(), texts.len());

    // Without a cache somebody must give it.
    let elsewhere = asset.path("elsewhere");
    let mut command = replay(&asset, &[FOLDER]);
    let output = run(command.env("KAFKA_SOAR_CACHE_DIR", &elsewhere));
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    let error = error(&output);
    assert_eq!(error["hint"], "give its file with --parser");
    let mut command = replay(&asset, &[FOLDER, "--parser", "picky.wasm"]);
    let (code, lines) = told(&run(command.env("KAFKA_SOAR_CACHE_DIR", &elsewhere)));
    assert_eq!(code, Some(0), "{lines:?}");
}

#[test]
fn another_parser_is_compared_with_the_recorded_one() {
    let asset = asset(&["a message of its own"], 1);
    record(&asset, &[]);
    fs::write(asset.path("picky.wasm"), guests::PICKY).unwrap();
    let (code, lines) = replayed(&asset, &[FOLDER, "--parser", "picky.wasm"]);
    assert_eq!(code, Some(1));
    assert_eq!(verdicts(&lines), ["different"]);
    assert_ne!(lines[0]["recorded"]["digest"], lines[0]["digest"]);
    let difference = &lines[0]["difference"];
    assert!(
        difference["place"]
            .as_str()
            .unwrap()
            .starts_with("container 0, "),
        "{difference}"
    );
    let one = difference["one"].as_str().unwrap();
    assert!(one.starts_with("a text of "), "{difference}");
    let (_, lines) = replayed(&asset, &[FOLDER, "--parser", "picky.wasm", "--show-values"]);
    let shown = lines[0]["difference"].to_string();
    assert_ne!(shown, difference.to_string());

    fs::write(asset.path("bad.wasm"), "\0asm\u{1}\0\0\0").unwrap();
    let output = run(&mut replay(&asset, &[FOLDER, "--parser", "bad.wasm"]));
    assert_eq!(output.status.code(), Some(65), "{output:?}");
}

#[test]
fn a_damaged_recording_stops_none_of_the_others() {
    let asset = asset(&["one", "two", "three"], 1);
    record(&asset, &[]);
    let second = &recordings(&asset)[1];
    fs::write(second, read(second).replace("\"two\"", "\"2wo\"")).unwrap();
    let output = run(&mut replay(&asset, &[FOLDER]));
    let (code, lines) = told(&output);
    assert_eq!(code, Some(74));
    assert_eq!(verdicts(&lines), ["same", "failed", "same"]);
    let words = lines[1]["error"].as_str().unwrap();
    assert!(words.contains("is damaged: "), "{words}");
    assert_eq!(lines[3]["summary"]["failed"], 1);
    assert_eq!(error(&output)["class"], "output");

    let (code, lines) = replayed(&asset, &["no-such-file"]);
    assert_eq!(code, Some(74), "{lines:?}");
    fs::create_dir(asset.path("empty")).unwrap();
    let output = run(&mut replay(&asset, &["empty"]));
    assert_eq!(output.status.code(), Some(74));
    let words = error(&output)["message"].to_string();
    assert!(words.contains("has no recordings"), "{words}");
}

#[test]
fn a_folder_that_others_can_look_into_is_refused_before_anything_is_read() {
    let asset = asset(&["one"], 1);
    let folder = asset.path(FOLDER);
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o750)).unwrap();
    let output = run(asset.poll().args(["--record", FOLDER]));
    assert_eq!(output.status.code(), Some(74), "{output:?}");
    let words = error(&output)["message"].to_string();
    assert!(words.contains("chmod 700"), "{words}");
    assert!(!asset.path("state.json").exists());
    assert!(recordings(&asset).is_empty());
}

#[test]
fn the_oldest_recordings_make_room() {
    let value = "x".repeat(200_000);
    let asset = asset(&[&value, &value, &value, &value], 1);
    let polled = record(&asset, &["--record-limit", "1"]);
    let recorded = &polled["recorded"];
    let kept = recordings(&asset);
    let removed = recorded["removed"].as_u64().unwrap();
    assert_eq!(recorded["kept"], 4);
    // A recording has the message and what was made of it.
    assert!(removed > 0, "{recorded}");
    assert_eq!(kept.len() as u64, 4 - removed);
    let bytes: u64 = kept.iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(bytes <= 1 << 20, "{bytes}");
    assert!(read(kept.last().unwrap()).contains("\"offset\":3"));
}

#[test]
fn what_can_not_be_recorded_is_told_of_once_and_delivered_all_the_same() {
    let value = "x".repeat(600_000);
    let asset = asset(&[&value, &value, "small"], 1);
    let output = run(asset
        .poll()
        .args(["--record", FOLDER, "--record-limit", "1"]));
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let polled = summary(&output);
    assert_eq!(polled["emitted"], 3);
    assert_eq!(
        polled["recorded"],
        json!({"kept": 1, "removed": 0, "lost": 2})
    );
    let remarks = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        remarks.matches("a parse could not be recorded: ").count(),
        1,
        "{remarks}"
    );
    assert_eq!(asset.offsets(), json!({"0": 3}));
}

/// Ends with the test, however that ends.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_service_records() {
    let asset = asset(&["one", "two"], 10);
    let group = format!("{}-group", asset.config["topic"].as_str().unwrap());
    let asset = asset.set("group_id", group).set("timeout", 100);
    let mut command = asset.command("serve");
    command.args(["--output", "out.ndjson", "--record", FOLDER]);
    let mut service = Service(command.spawn().expect("the binary runs"));
    eventually("both messages are delivered", || {
        let text = fs::read_to_string(asset.path("out.ndjson")).ok()?;
        let there = text.ends_with('\n') && text.contains("\"two\"");
        there.then_some(())
    });
    // For this process alone.
    let second = run(asset.poll().args(["--record", FOLDER]));
    assert_eq!(second.status.code(), Some(74), "{second:?}");
    let pid = Pid::from_raw(i32::try_from(service.0.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(service.0.wait().unwrap().code(), Some(143));
    let (code, lines) = replayed(&asset, &[FOLDER]);
    assert_eq!(code, Some(0), "{lines:?}");
    let messages = lines.iter().filter_map(|line| line["messages"].as_u64());
    assert_eq!(messages.sum::<u64>(), 2);
}
