//! Topics that change between two polls.

use kafka_soar_tests::testbed::{Fixture, shared};
use serde_json::json;

use crate::asset::{Asset, identifiers};

#[test]
fn partitions_added_between_polls_are_read_from_their_beginning() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 4);
    // Even by an asset that left out what the topic had: of these nothing has been read.
    let asset = Asset::new(&topic).set("read_from_beginning", false);
    assert_eq!(asset.polled()["messages"], 0);
    shared().grow(&topic, 3);
    shared().produce(
        &topic,
        [(0, "old"), (1, "new"), (2, "new"), (2, "newer")]
            .map(|(partition, text)| Fixture::value(partition, text.as_bytes())),
    );
    let summary = asset.polled();
    assert_eq!(summary["messages"], 4, "{summary}");
    let containers = asset.containers();
    let mut found = identifiers(&containers);
    found.sort_unstable();
    assert_eq!(found, ["0:4", "1:0", "2:0", "2:1"]);
    assert_eq!(asset.offsets(), json!({"0": 5, "1": 1, "2": 2}));
    assert_eq!(asset.polled()["messages"], 0);
}

#[test]
fn a_topic_made_again_is_read_from_its_beginning() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 10);
    let asset = Asset::new(&topic);
    asset.polled();
    shared().delete_topic(&topic);
    shared().topic_named(topic.as_str(), 1);

    // Still without a record.
    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 0);
    assert_eq!(summary["lost_to_retention"], 0);
    let remark = format!(
        "topic {topic} was deleted and made anew since the last poll: it is read from its beginning"
    );
    assert!(remarks.contains(&remark), "{remarks}");
    assert_eq!(asset.offsets(), json!({"0": 0}));

    shared().produce(
        &topic,
        [Fixture::value(0, b"anew"), Fixture::value(0, b"again")],
    );
    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 2);
    assert!(!remarks.contains("anew"), "said once: {remarks}");
    assert_eq!(asset.messages()[10..], ["anew", "again"]);
    assert_eq!(asset.offsets(), json!({"0": 2}));
}

#[test]
fn a_topic_made_again_with_fewer_partitions_is_read_whole() {
    let topic = shared().topic(2);
    shared().produce_numbered(&topic, 2, 3);
    let asset = Asset::new(&topic);
    assert_eq!(asset.polled()["messages"], 6);
    shared().delete_topic(&topic);
    shared().topic_named(topic.as_str(), 1);
    // More than was read of the partition's namesake: its offset alone gives nothing away.
    shared().produce_numbered(&topic, 1, 5);

    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 5, "{remarks}");
    let remark = format!(
        "topic {topic} was deleted and made anew since the last poll: it is read from its beginning"
    );
    assert!(remarks.contains(&remark), "{remarks}");
    assert_eq!(asset.offsets(), json!({"0": 5}));

    // A partition that comes back is new too.
    shared().grow(&topic, 2);
    shared().produce(&topic, vec![Fixture::value(1, b"new"); 4]);
    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 4);
    assert!(!remarks.contains("anew"), "said once: {remarks}");
    assert_eq!(asset.offsets(), json!({"0": 5, "1": 4}));
}

#[test]
fn a_topic_made_again_that_has_grown_beyond_the_saved_offset_is_read_whole() {
    let topic = shared().topic(1);
    shared().produce_numbered(&topic, 1, 3);
    let asset = Asset::new(&topic);
    assert_eq!(asset.polled()["messages"], 3);
    shared().delete_topic(&topic);
    shared().topic_named(topic.as_str(), 1);
    // Only the topic's id tells.
    shared().produce_numbered(&topic, 1, 8);
    assert_eq!(asset.polled()["messages"], 8);
    assert_eq!(asset.polled()["messages"], 0);
    assert_eq!(asset.offsets(), json!({"0": 8}));
}

#[test]
fn what_retention_deleted_is_counted_by_partition_and_said_once() {
    let topic = shared().topic(2);
    shared().produce_numbered(&topic, 2, 3);
    let asset = Asset::new(&topic);
    asset.polled();
    shared().produce_numbered(&topic, 2, 7);
    shared().delete_records(&topic, 0, 5);
    // Everything, up to the end.
    shared().delete_records(&topic, 1, 10);

    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["messages"], 5);
    assert_eq!(summary["lost_to_retention"], 2 + 7);
    assert_eq!(summary["behind"], 0);
    for remark in [
        "partition 0: offsets 3 to 4 were deleted by the topic's retention before they were read \
         (2 messages at most); going on at 5",
        "partition 1: offsets 3 to 9 were deleted by the topic's retention before they were read \
         (7 messages at most); going on at 10",
    ] {
        assert!(
            remarks.contains(&format!("topic {topic} {remark}")),
            "{remarks}"
        );
    }
    assert_eq!(asset.offsets(), json!({"0": 10, "1": 10}));

    let (summary, remarks) = asset.polled_with_remarks();
    assert_eq!(summary["lost_to_retention"], 0);
    assert!(!remarks.contains("retention"), "{remarks}");
}
