//! The loop, with ports in memory.

mod crashes;
mod world;

use self::world::{Event, Fails, World, go, reset};
use super::*;
use crate::{
    model::{Offsets, RejectionKind},
    ports::{ParseError, SourceError},
};

fn settled(offset: i64) -> Event {
    Event::Settled(Offsets::from([(0, offset)]))
}

fn intended(first: i64, next: i64) -> Event {
    Event::Intended(vec![(0, first, next)])
}

/// Two batches of partition 0: offsets 10 to 12, and 13 and 14.
fn two_batches() -> World {
    World::new(&[(0, 10, &["a", "b", "c", "d", "e"])]).batches_of(&[3, 2])
}

#[test]
fn nothing_is_delivered_before_the_intent_and_settled_before_the_delivery() {
    let (result, world) = go(two_batches());
    assert_eq!(
        world.events,
        [
            intended(10, 13),
            Event::Delivered(10),
            settled(13),
            intended(13, 15),
            Event::Delivered(13),
            settled(15),
            Event::Flushed
        ]
    );
    let summary = result.unwrap();
    assert_eq!((summary.messages, summary.emitted), (5, 5));
    assert_eq!((summary.batches, summary.bytes), (2, 5));
    assert_eq!((summary.containers, summary.artifacts), (2, 5));
}

#[test]
fn a_failed_delivery_settles_nothing_of_its_batch() {
    let mut world = two_batches();
    world.fails = Some(Fails::Delivery(13));
    let (result, world) = go(world);
    assert_eq!(
        world.events,
        [
            intended(10, 13),
            Event::Delivered(10),
            settled(13),
            intended(13, 15),
            Event::Flushed
        ]
    );
    let halt = result.unwrap_err();
    assert!(matches!(halt.cause, Cause::Deliver(_)));
    assert_eq!(halt.summary.messages, 3);
    assert_eq!(
        halt.span.unwrap().to_string(),
        "2 message(s) of topic t: partition 0 offsets 13–14"
    );
}

#[test]
fn rejected_records_are_safe_before_anything_is_delivered() {
    let world = World::new(&[(0, 10, &["a", "reject", "c", "d", "reject"])]).batches_of(&[3, 2]);
    let (result, world) = go(world);
    assert_eq!(
        world.events[..4],
        [
            intended(10, 13),
            Event::Quarantined(vec![11]),
            Event::Delivered(10),
            settled(13)
        ]
    );
    let summary = result.unwrap();
    assert_eq!((summary.emitted, summary.quarantined), (3, 2));
}

#[test]
fn a_record_that_crashes_the_parser_costs_itself_only() {
    let world = World::new(&[(0, 0, &["a", "b", "poison", "d", "e", "f", "g"])]).batches_of(&[7]);
    let (result, world) = go(world);
    let summary = result.unwrap();
    assert_eq!((summary.emitted, summary.quarantined), (6, 1));
    assert_eq!(summary.batches, 1);
    let quarantined = Event::Quarantined(vec![2]);
    assert_eq!(world.events[..2], [intended(0, 7), quarantined]);
    assert_eq!(world.events.last(), Some(&Event::Flushed));
    assert_eq!(world.quarantine[0].1, RejectionKind::Trap);
    world.expect_all_there();
}

#[test]
fn what_soar_refuses_goes_into_quarantine_after_the_rest_is_delivered() {
    let world = World::new(&[(0, 0, &["a", "unwanted", "c"])]).batches_of(&[3]);
    let (result, world) = go(world);
    assert_eq!(
        world.events,
        [
            intended(0, 3),
            Event::Delivered(0),
            Event::Quarantined(vec![1]),
            settled(3),
            Event::Flushed
        ]
    );
    let summary = result.unwrap();
    assert_eq!((summary.emitted, summary.quarantined), (2, 1));
    assert_eq!(world.quarantine[0].1, RejectionKind::Unwanted);
}

#[test]
fn a_broken_parser_halts_and_empties_nothing() {
    let values = vec!["poison"; 40];
    let (result, world) = go(World::new(&[(0, 0, &values)]).batches_of(&[40]));
    let halt = result.unwrap_err();
    let Cause::Broken {
        found, messages, ..
    } = halt.cause
    else {
        panic!("{:?}", halt.cause);
    };
    assert_eq!((found, messages), (21, 40));
    assert_eq!(world.events, [Event::Flushed]);
    assert!(world.quarantine.is_empty());
}

#[test]
fn a_soar_that_wants_nothing_halts_and_empties_nothing() {
    let values = vec!["unwanted"; 40];
    let (result, world) = go(World::new(&[(0, 0, &values)]).batches_of(&[40]));
    assert!(matches!(result.unwrap_err().cause, Cause::Broken { .. }));
    assert!(world.quarantine.is_empty());
    assert_eq!(world.events.last(), Some(&Event::Flushed));
}

#[test]
fn small_batches_do_not_hide_a_broken_parser() {
    let values = vec!["reject"; 40];
    let (result, world) = go(World::new(&[(0, 0, &values)]).batches_of(&[1; 40]));
    assert!(matches!(result.unwrap_err().cause, Cause::Broken { .. }));
    assert_eq!(world.quarantine.len(), 9, "one more would be too many");
}

#[test]
fn a_quarantine_that_fails_stops_the_poll_before_delivery() {
    let mut world = World::new(&[(0, 10, &["reject", "b"])]).batches_of(&[2]);
    world.fails = Some(Fails::Quarantine);
    let (result, world) = go(world);
    assert!(matches!(result.unwrap_err().cause, Cause::Quarantine(_)));
    assert_eq!(world.events, [intended(10, 12), Event::Flushed]);
}

#[test]
fn an_intent_that_can_not_be_kept_stops_the_poll_before_delivery() {
    let mut world = two_batches();
    world.fails = Some(Fails::Save);
    let (result, world) = go(world);
    assert_eq!(world.events, []);
    let halt = result.unwrap_err();
    assert!(matches!(halt.cause, Cause::Source(SourceError::Settle(_))));
    assert_eq!(halt.summary, Summary::default());
}

#[test]
fn a_broker_that_goes_away_leaves_what_was_settled() {
    let mut world = two_batches();
    world.fails = Some(Fails::Read);
    let (result, world) = go(world);
    let halt = result.unwrap_err();
    assert!(matches!(
        halt.cause,
        Cause::Source(SourceError::Read { .. })
    ));
    assert_eq!((halt.summary.messages, halt.span), (5, None));
    assert_eq!(world.events.last(), Some(&Event::Flushed));
}

#[test]
fn schemas_that_are_not_to_be_had_stop_the_poll() {
    let (result, world) = go(World::new(&[(0, 0, &["a", "no-schema"])]).batches_of(&[1, 1]));
    let halt = result.unwrap_err();
    assert!(matches!(
        halt.cause,
        Cause::Parse(ParseError::Unavailable { .. })
    ));
    assert!(world.quarantine.is_empty());
}

#[test]
fn records_without_output_are_counted_as_filtered() {
    let world = World::new(&[(0, 0, &["a", "filter", "reject", "filter"])]).batches_of(&[4]);
    let summary = go(world).0.unwrap();
    assert_eq!(
        (summary.emitted, summary.quarantined, summary.filtered),
        (1, 1, 2)
    );
    let world = World::new(&[(0, 0, &["filter", "filter"])]).batches_of(&[2]);
    let summary = go(world).0.unwrap();
    assert_eq!((summary.filtered, summary.containers), (2, 0));
}

#[test]
fn the_books_are_closed_only_if_they_balance() {
    let mut ledger = Ledger::default();
    ledger.open(&two_batches().all());
    let halt = ledger.close().unwrap_err();
    assert!(matches!(halt.cause, Cause::Unbalanced { taken: 5 }));
}

#[test]
fn a_batch_is_in_the_same_order_however_it_was_read() {
    let values: &[&str] = &["a", "b", "c"];
    let world = World::new(&[(0, 0, values), (1, 0, values)]).batches_of(&[6]);
    let (_, one) = go(world.clone().interleaved());
    let (_, other) = go(world);
    assert_eq!(one.soar, other.soar);
    assert_eq!(one.soar.len(), 1);
    let container = one.soar.values().next().unwrap();
    assert_eq!(
        container.json["source_data_identifier"],
        "kafka:cluster:t:0:0-2,1:0-2"
    );
}

#[test]
fn a_container_without_a_name_has_that_of_its_records() {
    let (_, world) = go(World::new(&[(3, 7, &["a"])]).batches_of(&[1]));
    let (name, container) = world.soar.first_key_value().unwrap();
    assert_eq!(name, "kafka:cluster:t:3:7");
    assert_eq!(container.artifacts.keys().next().unwrap(), name);
    let names: Vec<String> = world.soar.keys().cloned().collect();
    let (_, again) = go(reset(world));
    assert!(again.soar.keys().eq(&names), "the same whenever it is read");
}

#[test]
fn bad_records_in_a_heap_are_judged_by_their_batch() {
    // A quarter of a batch, all in its end, and a clean batch after it.
    let values: Vec<&str> = (0..4010)
        .map(|n| {
            if (3000..4000).contains(&n) {
                "reject"
            } else {
                "a"
            }
        })
        .collect();
    let (result, world) = go(World::new(&[(0, 0, &values)]).batches_of(&[4000, 10]));
    assert_eq!(result.unwrap().quarantined, 1000);
    world.expect_all_there();
}

#[test]
fn what_was_judged_before_a_death_does_not_halt_after_it() {
    // So many poisonous records in a row that a portion has hardly anything else.
    let values: Vec<&str> = (0..1000)
        .map(|n| {
            if (400..600).contains(&n) {
                "poison"
            } else {
                "a"
            }
        })
        .collect();
    let world = World::new(&[(0, 0, &values)]).batches_of(&[1000]);
    let alone = go(world.clone()).1;
    alone.expect_all_there();
    // Portions follow one another: each is interrupted once its intent is there.
    for step in 0..alone.made {
        let mut dying = world.clone();
        dying.steps = Some(step);
        let dead = go(dying).1;
        if !dead.is_begun() {
            continue;
        }
        let (result, end) = go(crashes::restarted(dead, None).batches_of(&[1000]));
        result.expect("it goes on");
        end.expect_all_there();
    }
}
