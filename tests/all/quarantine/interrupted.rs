//! Replays that are interrupted, gently and not.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader},
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
};

use kafka_soar_tests::testbed::{Fixture, Sender, eventually, shared};
use rustix::process::{Pid, Signal, kill_process};

use super::{FILE, brief, command, hostile, replayed};
use crate::asset::{Asset, lines, read};

const MESSAGES: usize = 3000;

/// An asset with many messages in quarantine that its parser can handle by now.
fn filled(dead_letters: bool) -> Asset {
    let topic = shared().topic(1);
    let sender = Sender::new(shared(), &[("linger.ms", "5")]);
    // No UTF-8, which the default parser rejects, and a command for the other one.
    let values = (0..MESSAGES).map(|_| Fixture::value(0, b"echo \xff"));
    sender.send(&topic, values);
    sender.settle();
    let mut asset = Asset::new(&topic).set("quarantine_threshold", 100);
    if dead_letters {
        let letters = shared().topic(2);
        asset = asset.set("dead_letter_topic", letters.as_str());
    }
    assert_eq!(asset.polled()["quarantined"], MESSAGES);
    let asset = hostile(asset);
    assert_eq!(brief(&asset, &[]).len(), MESSAGES);
    asset
}

/// Runs a replay of everything, and signals it once its output has more than `length` bytes. How
/// it ended: by itself, if it was quicker.
fn interrupt(asset: &Asset, length: u64, signal: Signal) -> ExitStatus {
    let mut child = command(asset, "replay", &["--all", "--output", "replayed.ndjson"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    eventually("the replay writes or ends", || {
        let ended = child.try_wait().expect("a child").is_some();
        (ended || written(asset) > length).then_some(())
    });
    if child.try_wait().expect("a child").is_none() {
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, signal).expect("signalled");
    }
    child.wait().expect("a child")
}

fn written(asset: &Asset) -> u64 {
    fs::metadata(asset.path("replayed.ndjson")).map_or(0, |file| file.len())
}

/// How often each message is in the output, a torn last line left out.
fn seen(asset: &Asset) -> BTreeMap<i64, usize> {
    let text = read(&asset.path("replayed.ndjson"));
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let mut seen = BTreeMap::new();
    for line in lines(whole) {
        let offset = line["container"]["data"]["offsets"][0].as_i64();
        *seen.entry(offset.expect("an offset")).or_default() += 1;
    }
    seen
}

fn offsets(asset: &Asset) -> BTreeSet<i64> {
    let left = brief(asset, &[]);
    left.into_iter().map(|(offset, _, _)| offset).collect()
}

/// What was delivered or is still in quarantine is everything.
fn nothing_is_lost(asset: &Asset) {
    let seen = seen(asset);
    let left = offsets(asset);
    for offset in 0..i64::try_from(MESSAGES).unwrap() {
        let there = seen.contains_key(&offset) || left.contains(&offset);
        assert!(there, "offset {offset} is lost");
    }
}

fn killed(asset: &Asset) {
    for step in [20_000, 150_000] {
        let status = interrupt(asset, written(asset) + step, Signal::KILL);
        assert_eq!(status.signal(), Some(9), "{status}");
        nothing_is_lost(asset);
    }
    replayed(asset, &["--all"]);
    assert_eq!(brief(asset, &[]), []);
    assert_eq!(seen(asset).len(), MESSAGES);
}

#[test]
fn a_replay_of_a_file_that_is_killed_loses_nothing() {
    killed(&filled(false));
}

#[test]
fn a_replay_of_a_dead_letter_topic_that_is_killed_loses_nothing() {
    killed(&filled(true));
}

fn terminated(asset: &Asset) {
    let status = interrupt(asset, 100_000, Signal::TERM);
    assert_eq!(status.code(), Some(143), "{status}");
    let (seen, left) = (seen(asset), offsets(asset));
    assert!(
        !left.is_empty(),
        "the replay was too quick to be interrupted"
    );
    assert_eq!(seen.len() + left.len(), MESSAGES, "each in one place");
    nothing_is_lost(asset);
    replayed(asset, &["--all"]);
    let seen = self::seen(asset);
    assert_eq!(seen.len(), MESSAGES);
    assert!(seen.values().all(|&times| times == 1));
}

#[test]
fn a_replay_of_a_file_that_is_terminated_keeps_what_is_left() {
    let asset = filled(false);
    terminated(&asset);
    assert_eq!(read(&asset.path(FILE)), "");
}

#[test]
fn a_replay_of_a_dead_letter_topic_that_is_terminated_keeps_what_is_left() {
    terminated(&filled(true));
}

#[test]
fn what_was_brought_back_before_a_failure_is_taken_out() {
    let asset = filled(false);
    let mut child = command(&asset, "replay", &["--all", "--output", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    // A reader that goes away. There is more than fits into the pipe.
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut first)
        .expect("a line");
    let status = child.wait().expect("a child");
    assert_eq!(status.code(), Some(141), "{status}");
    let left = offsets(&asset);
    assert!(!left.is_empty() && left.len() < MESSAGES, "{}", left.len());
    assert!(!left.contains(&0) && left.contains(&2999), "in their order");
}
