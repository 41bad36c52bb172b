//! Polls that are interrupted, gently and not.

use std::{
    collections::BTreeMap,
    fs,
    process::{Child, Stdio},
};

use kafka_soar_tests::testbed::{eventually, shared};
use rustix::process::{Pid, Signal, kill_process};

use super::{Asset, identifiers, lines};

const PARTITIONS: i32 = 2;
const EACH: usize = 20_000;
const BATCH: usize = 500;

/// An asset whose poll has many small batches, each with several syncs to the disk.
fn asset() -> Asset {
    let topic = shared().topic(PARTITIONS);
    shared().produce_numbered(&topic, PARTITIONS, EACH);
    Asset::new(&topic).set("batch_max_messages", BATCH)
}

/// Starts a poll, and signals it once it has written more than `length` bytes of output.
fn poll_until(asset: &Asset, length: u64, signal: Signal) -> Child {
    let child = asset
        .poll()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let out = asset.path("out.ndjson");
    eventually("the poll writes", || {
        let written = fs::metadata(&out).ok()?.len();
        (written > length).then_some(())
    });
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    // A poll that was quicker than its signal has ended by itself, which the caller sees.
    let _ = kill_process(pid, signal);
    child
}

/// How often each message is in the output. A last line without its end, torn by a kill, is
/// none: the next poll cuts it off.
fn seen(asset: &Asset) -> BTreeMap<String, usize> {
    let text = fs::read_to_string(asset.path("out.ndjson")).unwrap();
    let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
    let mut seen = BTreeMap::new();
    for identifier in identifiers(&lines(whole)) {
        *seen.entry(identifier.to_owned()).or_default() += 1;
    }
    seen
}

#[test]
fn a_poll_that_is_killed_again_and_again_loses_nothing() {
    let asset = asset();
    let mut kills = 0;
    for round in 1.. {
        let written = fs::metadata(asset.path("out.ndjson")).map_or(0, |file| file.len());
        // A different place in each round, so that kills hit different steps of a batch.
        let child = poll_until_or_end(&asset, written + 200_000 + round * 37_001);
        if !child {
            break;
        }
        kills += 1;
    }
    assert!(
        kills >= 2,
        "only {kills} kills: the poll was too quick to be interrupted"
    );

    // One more, undisturbed.
    asset.polled();
    let seen = seen(&asset);
    assert_eq!(seen.len(), EACH * usize::try_from(PARTITIONS).unwrap());
    // What a kill caught between writing and saving the offsets comes again: one batch at most.
    let again: usize = seen.values().map(|times| times - 1).sum();
    assert!(again <= kills * BATCH, "{again} again after {kills} kills");
    for partition in 0..PARTITIONS {
        for offset in 0..EACH {
            assert!(seen.contains_key(&format!("{partition}:{offset}")));
        }
    }
}

/// Kills a poll with SIGKILL when its output has that length; false when it ended before.
fn poll_until_or_end(asset: &Asset, length: u64) -> bool {
    let mut child = asset
        .poll()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let out = asset.path("out.ndjson");
    let killed = eventually("the poll writes or ends", || {
        if child.try_wait().expect("a child").is_some() {
            return Some(false);
        }
        let written = fs::metadata(&out).ok()?.len();
        (written > length).then_some(true)
    });
    if killed {
        child.kill().expect("a child");
    }
    let status = child.wait().expect("a child");
    assert!(killed || status.success(), "{status}");
    killed && !status.success()
}

#[test]
fn a_poll_that_is_terminated_ends_its_batch_and_says_so() {
    let asset = asset();
    let mut child = poll_until(&asset, 100_000, Signal::TERM);
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(143), "{status}");
    // In order: nothing torn, nothing again.
    let text = fs::read_to_string(asset.path("out.ndjson")).unwrap();
    assert!(text.ends_with('\n'));
    asset.polled();
    let seen = seen(&asset);
    assert_eq!(seen.len(), EACH * usize::try_from(PARTITIONS).unwrap());
    assert!(seen.values().all(|&times| times == 1));
}
