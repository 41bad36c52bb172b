//! What a script remembers: from batch to batch of one topic and one poll, and nothing beyond.

use kafka_soar::{
    model::{Batch, Instant, NO_TIMESTAMP, Position, Record},
    ports::ParseError,
};

use super::{names, sandbox, script};
use crate::sandbox::{STARTED, batch};

/// Numbers the messages that it sees.
const COUNTS: &str = "
seen = 0
def parse_messages(topic, messages):
    global seen
    found = []
    for message in messages:
        seen += 1
        if message['message'] == 'raise':
            raise ValueError('as asked')
        found.append({'container': {'name': f\"{seen} {message['message']}\"}, 'artifacts': []})
    return found
";

fn of_topic(topic: &str, value: &str) -> Batch {
    let mut batch = Batch::new(topic);
    batch.push(&Record {
        position: Position {
            partition: 0,
            offset: 0,
        },
        timestamp: NO_TIMESTAMP,
        key: None,
        value: Some(value.as_bytes()),
        headers: vec![],
    });
    batch
}

#[test]
fn state_lasts_a_poll() {
    let mut parser = script(COUNTS);
    assert_eq!(names(&parser.parse(&batch(&["a", "b"]))), ["1 a", "2 b"]);
    assert_eq!(names(&parser.parse(&batch(&["c"]))), ["3 c"]);
    parser.set_clock(Instant {
        unix_ms: STARTED.unix_ms + 60_000,
        ..STARTED
    });
    assert_eq!(
        names(&parser.parse(&batch(&["d"]))),
        ["1 d"],
        "the next poll"
    );
}

#[test]
fn topics_share_nothing() {
    let mut parser = script(COUNTS);
    for topic in ["one", "two"] {
        assert_eq!(names(&parser.parse(&of_topic(topic, "x"))), ["1 x"]);
    }
}

#[test]
fn a_batch_that_failed_leaves_nothing_behind() {
    let mut parser = script(COUNTS);
    assert_eq!(names(&parser.parse(&batch(&["a"]))), ["1 a"]);
    let failed = parser.parse(&batch(&["b", "raise"]));
    assert!(matches!(failed, Err(ParseError::Script(_))), "{failed:?}");
    assert_eq!(names(&parser.parse(&batch(&["c"]))), ["1 c"]);
}

/// A fault of what came before is none of this batch.
#[test]
fn what_earlier_batches_used_up_is_not_held_against_a_later_one() {
    let mut parser = script(
        "
kept = []
def parse_messages(topic, messages):
    kept.append(bytearray(200 << 20))
    return [{'container': {'name': str(len(kept))}, 'artifacts': []}]
",
    );
    // 512 MiB are the limit.
    for expected in ["1", "2", "1", "2"] {
        assert_eq!(names(&parser.parse(&batch(&["x"]))), [expected]);
    }
}

/// A batch that was begun with a script is ended with it, although the asset names another by now.
#[test]
fn a_script_of_before_is_at_hand() {
    let former =
        script("def parse_messages(t, m): return [{'container': {'name': t}, 'artifacts': []}]");
    let digest = former.digest().to_owned();
    drop(former);
    let limits = kafka_soar::config::ParserLimits::default();
    let mut former = sandbox()
        .load_former(&digest, &limits, "{}", STARTED)
        .expect("it is in the cache");
    assert_eq!(names(&former.parse(&batch(&["x"]))), ["topic"]);
    assert_eq!(former.digest(), digest);
    let unknown = "ab".repeat(32);
    assert!(
        sandbox()
            .load_former(&unknown, &limits, "{}", STARTED)
            .is_none()
    );
}
