//! A large backlog in one run.

use std::{fs, process::Stdio, thread, time::Duration};

use kafka_soar_tests::testbed::{Fixture, Sender, shared};
use serde_json::json;

use crate::asset::Asset;

const PARTITIONS: i32 = 4;
const BYTES: usize = 300;

/// The most memory (MiB, resident) that a poll of `topic` took, while it read all of it.
fn drain(asset: &Asset, messages: usize) -> u64 {
    let mut child = asset
        .poll()
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        // The kernel keeps the high-water mark: how often it is looked at hardly matters.
        if let Ok(text) = fs::read_to_string(&status) {
            let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = mark.and_then(|mark| mark.trim().strip_suffix(" kB")?.trim().parse().ok());
            peak = peak.max(kib.unwrap_or(0) / 1024);
        }
        thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().expect("a child");
    assert!(output.status.success(), "{output:?}");
    let summary = crate::asset::summary(&output);
    assert_eq!(summary["messages"], messages, "{summary}");
    assert_eq!(summary["emitted"], messages, "{summary}");
    eprintln!("{messages} messages, peak {peak} MiB: {summary}");
    peak
}

#[test]
fn a_million_messages_are_drained_in_one_run_with_flat_memory() {
    let fill = |messages: usize| {
        let topic = shared().topic(PARTITIONS);
        let sender = Sender::new(shared(), &[("linger.ms", "20")]);
        for (n, partition) in (0..messages).zip((0..PARTITIONS).cycle()) {
            let value = format!("{n:0>BYTES$}");
            sender.send(&topic, [Fixture::value(partition, value.as_bytes())]);
        }
        sender.settle();
        topic
    };
    let tenth = Asset::new(&fill(100_000)).set("timeout", 0);
    let of_tenth = drain(&tenth, 100_000);
    let whole = Asset::new(&fill(1_000_000)).set("timeout", 0);
    let of_whole = drain(&whole, 1_000_000);
    let next = json!({"0": 250_000, "1": 250_000, "2": 250_000, "3": 250_000});
    assert_eq!(whole.offsets(), next);
    // Ten times the backlog, the same memory: bounded by batch and queue.
    assert!(
        of_whole < of_tenth + of_tenth / 2,
        "{of_whole} MiB for a million, {of_tenth} MiB for a tenth"
    );
    assert!(of_whole < 512, "{of_whole} MiB");
}
