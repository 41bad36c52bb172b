//! `kafka-soar serve`: a member of a consumer group (see `chaos` for what it survives).

use std::{
    collections::BTreeMap,
    process::{Child, Stdio},
};

use kafka_soar::config::Topic;
use kafka_soar_tests::testbed::{eventually, shared};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    topic_partition_list::TopicPartitionListElem,
};
use rustix::process::{Pid, Signal, kill_process};

use crate::asset::{Asset, error, identifiers, lines, read, run};

const PARTITIONS: i32 = 4;

fn asset(topic: &Topic) -> Asset {
    Asset::new(topic)
        .set("group_id", format!("{topic}-group"))
        .set("group_session_timeout", 6000)
        .set("timeout", 100)
}

/// Starts a member that writes into a file.
fn member(asset: &Asset, output: &str) -> Child {
    asset
        .command("serve")
        .args(["--output", output])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs")
}

/// Ends a member in order.
fn end(mut member: Child) {
    let pid = Pid::from_raw(i32::try_from(member.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(member.wait().unwrap().code(), Some(143));
}

/// How often each message is in the files.
fn seen(asset: &Asset, files: &[&str]) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for file in files {
        if asset.path(file).exists() {
            let text = read(&asset.path(file));
            let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
            for identifier in identifiers(&lines(whole)) {
                *seen.entry(identifier.to_owned()).or_default() += 1;
            }
        }
    }
    seen
}

fn committed(topic: &Topic) -> Vec<Offset> {
    let mut client = shared().client();
    let client: BaseConsumer = client
        .set("group.id", format!("{topic}-group"))
        .create()
        .expect("a client");
    let mut list = TopicPartitionList::new();
    list.add_partition_range(topic.as_str(), 0, PARTITIONS - 1);
    let found = client.committed_offsets(list, kafka_soar_tests::testbed::PATIENCE);
    let found = found.expect("an answer");
    found
        .elements()
        .iter()
        .map(TopicPartitionListElem::offset)
        .collect()
}

#[test]
fn members_share_the_partitions_and_go_on_where_they_stopped() {
    let topic = shared().topic(PARTITIONS);
    shared().produce_numbered(&topic, PARTITIONS, 500);
    let asset = asset(&topic);
    let (one, other) = (member(&asset, "one"), member(&asset, "other"));
    let files = ["one", "other", "third"];
    eventually("all is there", || {
        (seen(&asset, &files).len() == 2000).then_some(())
    });
    // Both have work once the group has settled: whoever began took all of it at first.
    let mut total = 2000;
    eventually("both have a share", || {
        shared().produce_numbered(&topic, PARTITIONS, 25);
        total += 100;
        let shares = [seen(&asset, &["one"]), seen(&asset, &["other"])];
        let partitions = |seen: &BTreeMap<String, usize>| {
            let parts = seen
                .keys()
                .map(|id| id.split(':').next().unwrap().to_owned());
            parts.collect::<std::collections::BTreeSet<_>>().len()
        };
        let both = shares.iter().all(|share| partitions(share) >= 2);
        (both && seen(&asset, &files).len() >= total - 100).then_some(())
    });
    end(one);
    end(other);
    let third = member(&asset, "third");
    shared().produce_numbered(&topic, PARTITIONS, 10);
    total += 40;
    eventually("the rest is there", || {
        (seen(&asset, &files).len() == total).then_some(())
    });
    end(third);
    let seen = seen(&asset, &files);
    assert!(
        seen.values().all(|&times| times == 1),
        "ended in order, nothing comes again"
    );
    let each = i64::try_from(total).unwrap() / i64::from(PARTITIONS);
    assert_eq!(committed(&topic), vec![Offset::Offset(each); 4]);
}

#[test]
fn a_new_group_begins_at_the_end_and_remembers_that() {
    let topic = shared().topic(PARTITIONS);
    shared().produce_numbered(&topic, PARTITIONS, 5);
    let asset = asset(&topic).set("read_from_beginning", false);
    let first = member(&asset, "out");
    eventually("it has begun", || {
        (committed(&topic) == vec![Offset::Offset(5); 4]).then_some(())
    });
    end(first);
    // What comes while nobody is there is not the past.
    shared().produce_numbered(&topic, PARTITIONS, 1);
    let second = member(&asset, "out");
    eventually("it goes on", || {
        (seen(&asset, &["out"]).len() == 4).then_some(())
    });
    end(second);
    assert!(seen(&asset, &["out"]).keys().all(|id| id.ends_with(":5")));
}

#[test]
fn metadata_of_another_program_is_passed_over() {
    let topic = shared().topic(PARTITIONS);
    shared().produce_numbered(&topic, PARTITIONS, 5);
    let mut client = shared().client();
    let client: BaseConsumer = client
        .set("group.id", format!("{topic}-group"))
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic.as_str(), 1, Offset::Offset(3))
        .unwrap();
    list.find_partition(topic.as_str(), 1)
        .unwrap()
        .set_metadata("{\"mine\": true}");
    client.commit(&list, CommitMode::Sync).unwrap();
    let asset = asset(&topic);
    let member = member(&asset, "out");
    // The others are new to a group that has committed something, and read whole.
    eventually("all but what was committed", || {
        (seen(&asset, &["out"]).len() == 17).then_some(())
    });
    end(member);
}

#[test]
fn what_is_missing_is_said() {
    let topic = shared().topic(1);
    let output = run(Asset::new(&topic).command("serve").arg("--json"));
    assert_eq!(output.status.code(), Some(64), "{output:?}");
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("group_id: this field is required"),
        "{message}"
    );

    let absent = "no-such-topic".parse().unwrap();
    let output = run(asset(&absent).command("serve").arg("--json"));
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let message = error(&output)["message"].as_str().unwrap().to_owned();
    assert!(message.contains("could not be found"), "{message}");
}
