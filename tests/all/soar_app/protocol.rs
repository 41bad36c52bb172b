//! Conversations between an app and the host, `tests/cases/protocol`: each line is what one of them
//! says, `{"app": …}` or `{"host": …}`; a first line may say what the topic holds. The host is held
//! to its lines here, the apps' relay to its own (`tests/soar_app/converse.py`).

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use kafka_soar_tests::testbed::{Fixture, shared};
use serde_json::Value;

use super::{
    app::{python, source},
    pattern::difference,
};
use crate::asset::{binary, cache, lines, read};

fn transcripts() -> Vec<PathBuf> {
    let folder = fs::read_dir(source("tests/cases/protocol")).expect("a folder");
    let mut found: Vec<_> = folder
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "ndjson"))
        .collect();
    found.sort();
    assert!(found.len() >= 12, "only {} transcripts", found.len());
    found
}

#[test]
fn the_host_keeps_to_its_part() {
    let faults: Vec<_> = transcripts()
        .iter()
        .filter_map(|path| host(path).err())
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn host(path: &Path) -> Result<(), String> {
    let text = read(path);
    let mut topic = None;
    for line in lines(&text) {
        if let Some(messages) = line["topic"].as_array() {
            let made = shared().topic(1);
            let records = messages
                .iter()
                .map(|message| message.as_str().expect("text").as_bytes());
            shared().produce(&made, records.map(|value| Fixture::value(0, value)));
            topic = Some(made);
        }
    }
    let name = topic
        .as_ref()
        .map_or("no-such-topic", |topic| topic.as_str());
    let text = text
        .replace("$TOPIC", name)
        .replace("$HOSTS", shared().bootstrap());
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(binary())
        .arg("action")
        .current_dir(folder.path())
        .env("KAFKA_SOAR_CACHE_DIR", cache())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut stdin = child.stdin.take();
    let mut said = BufReader::new(child.stdout.take().expect("piped")).lines();
    let here = path
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let mut ended = false;
    let mut fault = None;
    'lines: for line in lines(&text) {
        if let Some(app) = line.get("app") {
            match app {
                Value::Null => stdin = None,
                app => {
                    let line = app["text"]
                        .as_str()
                        .map_or_else(|| app.to_string(), str::to_owned);
                    // An end that the host has brought about is in what it said.
                    let _ = writeln!(stdin.as_mut().expect("not closed yet"), "{line}");
                }
            }
        } else if let Some(host) = line.get("host") {
            ended = host["type"] == "result" || host.is_null();
            loop {
                let found: Value = match said.next() {
                    Some(line) => line.expect("UTF-8").parse().expect("JSON"),
                    None => Value::Null,
                };
                // Remarks between the lines are nobody's contract.
                if found["type"] == "progress" && host["type"] != "progress" {
                    continue;
                }
                match difference(host, &found) {
                    Some(_) if found["type"] == "progress" => {}
                    Some(difference) => {
                        fault = Some(format!("{here}: {difference}"));
                        break 'lines;
                    }
                    None => break,
                }
            }
        }
    }
    drop(stdin);
    drop(said);
    let status = child.wait().expect("a child");
    if let Some(fault) = fault {
        return Err(fault);
    }
    if !ended {
        return Err(format!("{here}: has no end"));
    }
    let wanted = lines(&text)
        .iter()
        .find_map(|line| line["exit"].as_i64())
        .unwrap_or(0);
    match status.code().map(i64::from) {
        Some(code) if code == wanted => Ok(()),
        _ => Err(format!("{here}: {status}, not {wanted}")),
    }
}

#[test]
fn the_relay_keeps_to_its_part() {
    let output = Command::new(python())
        .arg("-B")
        .arg(source("tests/soar_app/converse.py"))
        .arg(source("host/soar-app"))
        .args(transcripts())
        .output()
        .expect("python3 runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(text.lines().count() >= 8, "{text}");
}
