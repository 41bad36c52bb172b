//! Bringing messages back into SOAR: the stand-in for it, over real HTTP.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt as _,
    process::{Command, Stdio},
};

use kafka_soar::soar_double::{Options, SoarDouble};
use kafka_soar_tests::testbed::{eventually, shared};
use serde_json::Value;

use super::{FILE, brief, command, listed, mend, polled, succeeded, topic_of};
use crate::asset::{Asset, lines, run, summary};

fn soar() -> SoarDouble {
    SoarDouble::start(Options::default()).expect("it starts")
}

/// Has the asset deliver to SOAR from now on.
fn into(asset: Asset, soar: &SoarDouble) -> Asset {
    asset
        .set("soar_url", soar.url())
        .set("soar_token", "a-token")
        .set("soar_give_up", 5)
}

fn replay(asset: &Asset, what: &[&str]) -> Value {
    let mut replay = command(asset, "replay", what);
    summary(&succeeded(run(replay.arg("--json"))))
}

/// Artifacts of each container, by where the container's message stood.
fn found(soar: &SoarDouble) -> BTreeMap<String, usize> {
    let mut text = Vec::new();
    soar.export(&mut text).expect("it has them");
    let containers = lines(std::str::from_utf8(&text).unwrap());
    let count = containers.len();
    let found: BTreeMap<String, usize> = containers
        .iter()
        .map(|line| {
            let name = line["container"]["source_data_identifier"].as_str();
            let (_, place) = name.expect("text").rsplit_once(':').unwrap();
            let artifacts = line["artifacts"].as_array().expect("a list");
            (place.to_owned(), artifacts.len())
        })
        .collect();
    assert_eq!(found.len(), count, "none twice");
    found
}

#[test]
fn however_often_a_message_is_brought_back_soar_has_it_once() {
    let topic = topic_of(&["panic", "count", "refuse"]);
    let soar = soar();
    let mut asset = into(polled(Asset::new(&topic)), &soar);
    mend(&mut asset);
    fs::copy(asset.path(FILE), asset.path("before")).unwrap();
    let once = BTreeMap::from([("0".to_owned(), 1), ("2".to_owned(), 1)]);
    let first = format!("{topic}/0@2");
    for what in [&[first.as_str()][..], &["--all"], &["--all"]] {
        assert!(replay(&asset, what)["messages"].as_u64() > Some(0));
        fs::copy(asset.path("before"), asset.path(FILE)).unwrap();
    }
    assert_eq!(found(&soar), once);
}

#[test]
fn what_soar_did_not_want_is_there_after_the_asset_was_corrected() {
    let topic = topic_of(&["a", "b"]);
    let soar = soar();
    let asset = into(Asset::new(&topic), &soar).set("container_severity", "catastrophic");
    let mut poll = asset.command("on-poll");
    let output = run(poll.args(["--state", "state.json", "--json"]));
    assert_eq!(summary(&succeeded(output))["quarantined"], 2);
    let entries = listed(&asset, &["--kind", "unwanted"]);
    assert_eq!(entries.len(), 2);
    let reason = entries[0]["reason"].as_str().unwrap();
    assert!(reason.contains("catastrophic"), "{reason}");

    assert_eq!(replay(&asset, &["--all"])["quarantined"], 2);
    assert_eq!(brief(&asset, &[]), [(0, 2, 2), (1, 2, 2)]);
    let asset = asset.set("container_severity", "low");
    assert_eq!(replay(&asset, &["--all"])["emitted"], 2);
    assert_eq!(found(&soar).len(), 2);
    assert_eq!(brief(&asset, &[]), []);
}

#[test]
fn a_replay_that_is_killed_again_and_again_doubles_nothing() {
    const MESSAGES: usize = 300;
    let topic = topic_of(&["panic"; MESSAGES]);
    let letters = shared().topic(1);
    let soar = soar();
    let asset = Asset::new(&topic).set("dead_letter_topic", letters.as_str());
    let mut asset = into(polled(asset), &soar);
    mend(&mut asset);
    let mut kills = 0;
    for round in 0..3 {
        let mut child = started(&mut command(&asset, "replay", &["--all"]));
        let requests = soar.counts().unwrap().requests;
        eventually("the replay posts or ends", || {
            let ended = child.try_wait().expect("a child").is_some();
            let posted = soar.counts().unwrap().requests > requests + 10 + round * 7;
            (ended || posted).then_some(())
        });
        child.kill().expect("signalled");
        kills += usize::from(child.wait().expect("a child").signal() == Some(9));
    }
    assert!(kills > 0, "each replay was too quick to be interrupted");
    replay(&asset, &["--all"]);
    assert_eq!(brief(&asset, &[]), []);
    let found = found(&soar);
    assert_eq!(found.len(), MESSAGES);
    assert!(found.values().all(|&artifacts| artifacts == 1));
}

fn started(command: &mut Command) -> std::process::Child {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null());
    child.spawn().expect("the binary runs")
}
