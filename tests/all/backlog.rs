//! A large backlog, and a SOAR that does not answer: memory stays bounded, partitions are kept.

use std::{
    fs,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use kafka_soar::{
    config::Topic,
    soar_double::{Faults, Mode, Options, SoarDouble},
};
use kafka_soar_tests::testbed::{Fixture, Sender, eventually, shared};
use rustix::process::{Pid, Signal, kill_process};

use crate::asset::Asset;

const PARTITIONS: i32 = 4;
const MESSAGES: usize = 1_000_000;
const BYTES: usize = 1000;
/// How long SOAR is silent.
const STALL: Duration = Duration::from_mins(1);
const MOST: u64 = 150_000_000;

/// 1 GB of text that doesn't compress away.
fn backlog() -> Topic {
    let topic = shared().topic(PARTITIONS);
    let sender = Sender::new(shared(), &[("linger.ms", "20")]);
    let mut text: Vec<u8> = (b'a'..=b'z').cycle().take(BYTES + 97).collect();
    for n in 0..MESSAGES {
        let start = n % 97;
        text[start..start + 8].copy_from_slice(format!("{n:08}").as_bytes());
        let partition = i32::try_from(n % 4).unwrap();
        sender.send(
            &topic,
            [Fixture::value(partition, &text[start..start + BYTES])],
        );
    }
    sender.settle_within(Duration::from_mins(2));
    topic
}

/// The most memory that the process has had so far, in bytes.
fn peak(child: &Child) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kib << 10
}

fn start(asset: &Asset, words: &[&str]) -> Child {
    let log = fs::File::create(asset.path("log")).unwrap();
    let mut command = asset.command(words[0]);
    command
        .args(&words[1..])
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the binary runs")
}

/// Has SOAR fall silent under a process, and wake up again.
fn stall(topic: &Topic, words: &[&str]) {
    let soar = SoarDouble::start(Options::default()).expect("it starts");
    let asset = Asset::new(topic)
        .set("soar_url", soar.url())
        .set("soar_token", "t")
        .set("soar_timeout", 120)
        .set("group_id", format!("{topic}-group"));
    let mut child = start(&asset, words);
    eventually("some of it is in SOAR", || {
        (soar.counts().unwrap().artifacts > 0).then_some(())
    });
    soar.set_faults(Faults {
        rate: 1.0,
        modes: vec![Mode::Stall],
        ..Faults::default()
    })
    .unwrap();
    let begun = Instant::now();
    while begun.elapsed() < STALL {
        let peak = peak(&child);
        assert!(peak < MOST, "{words:?}: {} MB", peak / 1_000_000);
        assert!(child.try_wait().unwrap().is_none(), "it waits");
        thread::sleep(Duration::from_millis(500));
    }
    let waiting = soar.counts().unwrap().artifacts;
    soar.set_faults(Faults::default()).unwrap();
    eventually("it goes on", || {
        (soar.counts().unwrap().artifacts > waiting).then_some(())
    });
    println!(
        "{words:?}: {} MB behind a silent SOAR",
        peak(&child) / 1_000_000
    );
    assert!(peak(&child) < MOST);
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let log = fs::read_to_string(asset.path("log")).unwrap();
    assert!(!log.contains("another member"), "{log}");
}

#[test]
fn memory_is_bounded_while_soar_is_silent_behind_a_gigabyte() {
    let topic = backlog();
    thread::scope(|scope| {
        scope.spawn(|| stall(&topic, &["on-poll", "--state", "state.json"]));
        scope.spawn(|| stall(&topic, &["serve"]));
    });
}
