//! Brokers that die while a poll goes on: three of them, real ones.

use std::{
    collections::BTreeSet,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::{Broker, Fixture, Sender, eventually};

use crate::asset::{Asset, identifiers, lines, read, run};

const PARTITIONS: i32 = 3;
const EACH: usize = 30_000;
/// Together far more than a consumer fetches ahead: what is read last is fetched after the deaths.
const BYTES: usize = 1000;

fn filled(cluster: &Broker) -> (Topic, Asset) {
    let topic = cluster.topic(PARTITIONS);
    let value = [b'x'; BYTES];
    let sender = Sender::new(cluster, &[("linger.ms", "5")]);
    for _ in 0..EACH {
        sender.send(&topic, (0..PARTITIONS).map(|p| Fixture::value(p, &value)));
    }
    sender.settle();
    // Small batches: the poll takes long enough for something to happen in its midst.
    let asset = Asset::at(cluster.bootstrap(), &topic).set("batch_max_messages", 500);
    (topic, asset)
}

/// Polls, has `meanwhile` happen once the poll has delivered something, and polls on until a
/// poll succeeds.
fn poll_through(asset: &Asset, meanwhile: impl FnOnce()) {
    let poll = asset
        .poll()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut poll = poll.expect("the binary runs");
    eventually("the first containers", || {
        let written = std::fs::metadata(asset.path("out.ndjson")).ok()?;
        (written.len() > 0).then_some(())
    });
    let whole = (BYTES * EACH) as u64;
    let written = std::fs::metadata(asset.path("out.ndjson"))
        .expect("a file")
        .len();
    let ended = poll.try_wait().expect("a child");
    assert!(ended.is_none() && written < whole, "{ended:?} {written}");
    meanwhile();
    let output = poll.wait_with_output().expect("it ends");
    if output.status.success() {
        return;
    }
    // It gave up, which it may: nothing is lost, and the next one goes on.
    let again = run(&mut asset.poll());
    assert_eq!(again.status.code(), Some(0), "{output:?}\n{again:?}");
}

/// Every record is in the output, and none twice.
fn all_once(asset: &Asset) {
    let containers = lines(&read(&asset.path("out.ndjson")));
    let found = identifiers(&containers);
    let distinct: BTreeSet<&str> = found.iter().copied().collect();
    let expected = usize::try_from(PARTITIONS).unwrap() * EACH;
    assert_eq!((found.len(), distinct.len()), (expected, expected));
}

#[test]
fn the_leader_dies_during_a_poll() {
    let cluster = Broker::start(&["--nodes", "3"]);
    let (topic, asset) = filled(&cluster);
    let leader = cluster.leader(&topic, 0);
    poll_through(&asset, || cluster.kill_node(leader));
    all_once(&asset);
}

#[test]
fn two_of_three_brokers_are_gone_for_twenty_seconds() {
    let cluster = Broker::start(&["--nodes", "3"]);
    let (topic, asset) = filled(&cluster);
    let leader = cluster.leader(&topic, 0);
    poll_through(&asset, || {
        let dead = [leader, leader % 3 + 1];
        let begun = Instant::now();
        for node in dead {
            cluster.kill_node(node);
        }
        // How long they are gone is what is tested.
        thread::sleep(Duration::from_secs(20).saturating_sub(begun.elapsed()));
        for node in dead {
            cluster.up_node(node);
        }
    });
    all_once(&asset);
}
