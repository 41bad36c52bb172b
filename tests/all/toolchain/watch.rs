//! `parser watch`: builds and tests on each save, until it is told to end.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use super::{building, parser};
use crate::policy::Place;

/// A first build takes a while on a machine that does much else.
const PATIENCE: Duration = Duration::from_mins(5);

/// Lines of standard output as they come.
fn lines(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    let stdout = BufReader::new(child.stdout.take().expect("piped"));
    thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    lines
}

fn wait_for(lines: &Receiver<String>, wanted: &str) {
    loop {
        let line = lines.recv_timeout(PATIENCE);
        if line.unwrap_or_else(|e| panic!("{wanted}: {e}")) == wanted {
            return;
        }
    }
}

#[test]
fn a_save_is_built_and_tested_until_sigint() {
    let place = Place::new();
    parser(&place, &["new", "mine", "--lang", "rust"]);
    let mut child = building(&["watch", "mine"])
        .current_dir(place.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("it runs");
    let told = lines(&mut child);
    wait_for(&told, "1 passed, 0 failed");
    let source = place.path("mine/src/lib.rs");
    let text = fs::read_to_string(&source).unwrap();
    fs::write(&source, text.replace(".take(100)", ".take(3)")).unwrap();
    wait_for(&told, "0 passed, 1 failed");
    // One that doesn't compile is told, and the next is built.
    fs::write(&source, "fn").unwrap();
    thread::sleep(Duration::from_secs(2));
    fs::write(&source, &text).unwrap();
    wait_for(&told, "1 passed, 0 failed");
    // A case counts too.
    let expected = place.path("mine/tests/cases/hello/expected.json");
    fs::write(&expected, "{}").unwrap();
    wait_for(&told, "0 passed, 1 failed");
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn what_is_no_project_is_not_watched() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    let ran = parser(&place, &["watch", "empty"]);
    assert_eq!(ran.code, Some(64));
    assert!(
        ran.stderr.contains("empty holds no parser"),
        "{}",
        ran.stderr
    );
}
