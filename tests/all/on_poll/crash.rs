//! Polls that are interrupted, gently and not.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt as _,
    process::{ExitStatus, Stdio},
};

use kafka_soar_tests::testbed::{eventually, shared};
use rustix::process::{Pid, Signal, kill_process};

use crate::asset::{Asset, identifiers, lines};

const PARTITIONS: i32 = 2;
const EACH: usize = 20_000;
const BATCH: usize = 500;

/// An asset whose poll has many small batches, each with several syncs to the disk.
fn asset() -> Asset {
    let topic = shared().topic(PARTITIONS);
    shared().produce_numbered(&topic, PARTITIONS, EACH);
    Asset::new(&topic).set("batch_max_messages", BATCH)
}

/// Runs a poll, and signals it once its output has more than `length` bytes. How it ended: by
/// itself, if it was quicker.
fn interrupt(asset: &Asset, length: u64, signal: Signal) -> ExitStatus {
    let mut child = asset
        .poll()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let out = asset.path("out.ndjson");
    eventually("the poll writes or ends", || {
        let ended = child.try_wait().expect("a child").is_some();
        let written = fs::metadata(&out).map_or(0, |file| file.len());
        (ended || written > length).then_some(())
    });
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    if child.try_wait().expect("a child").is_none() {
        kill_process(pid, signal).expect("signalled");
    }
    child.wait().expect("a child")
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
        let status = interrupt(&asset, written + 200_000 + round * 37_001, Signal::KILL);
        if status.success() {
            break;
        }
        assert_eq!(status.signal(), Some(9), "{status}");
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

#[test]
fn a_poll_that_is_terminated_ends_its_batch_and_says_so() {
    let asset = asset();
    let status = interrupt(&asset, 100_000, Signal::TERM);
    assert_eq!(status.code(), Some(143), "{status}");
    // In order: nothing torn, nothing again.
    let text = fs::read_to_string(asset.path("out.ndjson")).unwrap();
    assert!(text.ends_with('\n'));
    asset.polled();
    let seen = seen(&asset);
    assert_eq!(seen.len(), EACH * usize::try_from(PARTITIONS).unwrap());
    assert!(seen.values().all(|&times| times == 1));
}
