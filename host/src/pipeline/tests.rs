//! The loop, with ports in memory.

use super::*;
use crate::{
    model::{Batch, IngestSpan, Offsets, Parsed, Position, Record, Rejection},
    ports::{DeliverError, ParseError, QuarantineError, SourceError},
};

fn batch(partition: i32, offsets: std::ops::Range<i64>) -> Batch {
    let mut batch = Batch::new("t");
    for offset in offsets {
        batch.push(&Record {
            position: Position { partition, offset },
            timestamp: 0,
            key: None,
            value: Some(b"12345"),
            headers: vec![],
        });
    }
    batch
}

/// What happened, in order: the point of most tests.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Quarantined(Vec<i64>),
    Delivered(i64),
    Settled(Offsets),
}

#[derive(Default)]
struct World {
    batches: std::collections::VecDeque<Batch>,
    read_fails: bool,
    settle_fails: bool,
    deliver_fails_at: Option<i64>,
    quarantine_fails: bool,
    events: Vec<Event>,
}

type Shared = std::rc::Rc<std::cell::RefCell<World>>;

struct Topic(Shared);
struct Sink(Shared);
struct Dead(Shared);
/// Gives what `of` makes of a batch.
struct Made<F>(F);

impl Source for Topic {
    fn next(&mut self) -> Result<Option<Batch>, SourceError> {
        let mut world = self.0.borrow_mut();
        match world.batches.pop_front() {
            None if world.read_fails => Err(SourceError::Read {
                message: "the broker went away".into(),
                hint: "start it".into(),
            }),
            next => Ok(next),
        }
    }

    fn settle(&mut self, next: &Offsets) -> Result<(), SourceError> {
        let mut world = self.0.borrow_mut();
        if world.settle_fails {
            return Err(SourceError::Settle("disk full".into()));
        }
        world.events.push(Event::Settled(next.clone()));
        Ok(())
    }
}

impl Deliver for Sink {
    fn deliver(&mut self, batch: &Batch, _parsed: &Parsed) -> Result<(), DeliverError> {
        let mut world = self.0.borrow_mut();
        let first = batch.offsets()[0];
        if world.deliver_fails_at == Some(first) {
            return Err(DeliverError("broken pipe".into()));
        }
        world.events.push(Event::Delivered(first));
        Ok(())
    }
}

impl Quarantine for Dead {
    fn quarantine(
        &mut self,
        batch: &Batch,
        rejections: &[Rejection],
    ) -> Result<(), QuarantineError> {
        let mut world = self.0.borrow_mut();
        if world.quarantine_fails {
            return Err(QuarantineError("no room".into()));
        }
        let offsets = rejections
            .iter()
            .map(|r| batch.offsets()[r.index])
            .collect();
        world.events.push(Event::Quarantined(offsets));
        Ok(())
    }
}

impl<F: FnMut(&Batch) -> Result<Parsed, ParseError>> Parse for Made<F> {
    fn parse(&mut self, batch: &Batch) -> Result<Parsed, ParseError> {
        (self.0)(batch)
    }
}

/// One container with an artifact a record that isn't rejected.
fn parsed(records: usize, rejected: &[usize]) -> Parsed {
    let sources: Vec<usize> = (0..records).filter(|i| !rejected.contains(i)).collect();
    Parsed {
        text: "{}".into(),
        ingests: vec![IngestSpan {
            container: 0..2,
            artifacts: 0..sources.len(),
        }],
        artifacts: vec![0..2; sources.len()],
        sources,
        rejections: rejected
            .iter()
            .map(|&index| Rejection {
                index,
                reason: "bad".into(),
            })
            .collect(),
    }
}

fn go(
    world: World,
    parse: impl FnMut(&Batch) -> Result<Parsed, ParseError>,
) -> (Result<Summary, Box<Halt>>, Vec<Event>) {
    let world = Shared::new(world.into());
    let result = run(
        &mut Topic(world.clone()),
        &mut Made(parse),
        &mut Sink(world.clone()),
        &mut Dead(world.clone()),
        &mut |_| {},
    );
    let events = std::mem::take(&mut world.borrow_mut().events);
    (result, events)
}

fn two_batches() -> World {
    World {
        batches: [batch(0, 10..13), batch(0, 13..15)].into(),
        ..World::default()
    }
}

fn settled(offset: i64) -> Event {
    Event::Settled(Offsets::from([(0, offset)]))
}

#[test]
fn offsets_pass_only_after_delivery() {
    let (result, events) = go(two_batches(), |b| Ok(parsed(b.len(), &[])));
    assert_eq!(
        events,
        [
            Event::Delivered(10),
            settled(13),
            Event::Delivered(13),
            settled(15)
        ]
    );
    let summary = result.unwrap();
    assert_eq!((summary.messages, summary.emitted), (5, 5));
    assert_eq!((summary.batches, summary.bytes), (2, 25));
}

#[test]
fn a_failed_delivery_settles_nothing_of_its_batch() {
    let world = World {
        deliver_fails_at: Some(13),
        ..two_batches()
    };
    let (result, events) = go(world, |b| Ok(parsed(b.len(), &[])));
    assert_eq!(events, [Event::Delivered(10), settled(13)]);
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
    let (result, events) = go(two_batches(), |b| Ok(parsed(b.len(), &[1])));
    assert_eq!(
        events[..3],
        [
            Event::Quarantined(vec![11]),
            Event::Delivered(10),
            settled(13)
        ]
    );
    let summary = result.unwrap();
    assert_eq!((summary.emitted, summary.quarantined), (3, 2));
}

#[test]
fn a_quarantine_that_fails_stops_the_poll_before_delivery() {
    let world = World {
        quarantine_fails: true,
        ..two_batches()
    };
    let (result, events) = go(world, |b| Ok(parsed(b.len(), &[0])));
    assert!(matches!(result.unwrap_err().cause, Cause::Quarantine(_)));
    assert_eq!(events, []);
}

#[test]
fn a_parser_that_fails_loses_nothing() {
    let (result, events) = go(two_batches(), |b| {
        if b.offsets()[0] == 10 {
            Ok(parsed(b.len(), &[]))
        } else {
            Err(ParseError::Trap("unreachable".into()))
        }
    });
    assert_eq!(events, [Event::Delivered(10), settled(13)]);
    let halt = result.unwrap_err();
    assert!(matches!(halt.cause, Cause::Parse(ParseError::Trap(_))));
}

#[test]
fn offsets_that_can_not_be_kept_stop_the_poll() {
    let world = World {
        settle_fails: true,
        ..two_batches()
    };
    let (result, events) = go(world, |b| Ok(parsed(b.len(), &[])));
    assert_eq!(events, [Event::Delivered(10)]);
    let halt = result.unwrap_err();
    assert!(matches!(halt.cause, Cause::Source(SourceError::Settle(_))));
    assert_eq!(halt.summary, Summary::default());
}

#[test]
fn a_broker_that_goes_away_leaves_what_was_settled() {
    let world = World {
        read_fails: true,
        ..two_batches()
    };
    let (result, _) = go(world, |b| Ok(parsed(b.len(), &[])));
    let halt = result.unwrap_err();
    assert!(matches!(
        halt.cause,
        Cause::Source(SourceError::Read { .. })
    ));
    assert_eq!((halt.summary.messages, halt.span), (5, None));
}

#[test]
fn records_without_output_are_counted_as_filtered() {
    let (result, _) = go(two_batches(), |b| {
        let mut parsed = parsed(b.len(), &[0]);
        parsed.sources.pop();
        parsed.artifacts.pop();
        parsed.ingests[0].artifacts.end -= 1;
        Ok(parsed)
    });
    let summary = result.unwrap();
    // 3 records: one rejected, one dropped; 2 records: one rejected, one dropped (and then no
    // source is left to tell by, so the container counts for it).
    assert_eq!(summary.messages, 5);
    assert_eq!(
        summary.messages,
        summary.emitted + summary.quarantined + summary.filtered
    );
    assert_eq!((summary.quarantined, summary.filtered), (2, 1));
}

#[test]
fn a_batch_without_a_container_is_filtered_whole() {
    let (result, events) = go(two_batches(), |_| Ok(Parsed::default()));
    let summary = result.unwrap();
    assert_eq!((summary.filtered, summary.emitted), (5, 0));
    assert_eq!(events.last(), Some(&settled(15)));
}
