//! A topic, a state, a quarantine and a SOAR in memory, which outlive a process that dies.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::Rc,
};

use serde_json::Value;

use super::super::*;
use crate::{
    model::{
        IngestSpan, Instant, Offsets, Origin, Parsed, Position, Record, Rejection, RejectionKind,
    },
    ports::{DeliverError, ParseError, QuarantineError, SourceError},
};

/// What happened, in order: the point of most tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// Partition, first offset and the one after the last.
    Intended(Vec<(i32, i64, i64)>),
    Quarantined(Vec<i64>),
    Delivered(i64),
    Settled(Offsets),
    Flushed,
}

/// What is out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fails {
    Read,
    Save,
    Quarantine,
    /// Of the batch that begins at this offset.
    Delivery(i64),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) json: Value,
    /// By identifier: how many.
    pub(super) artifacts: BTreeMap<String, usize>,
}

/// What is on the disk.
#[derive(Debug, Clone, Default)]
struct Saved {
    offsets: Offsets,
    intent: Option<Intent>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// By partition: first offset and values.
    topic: BTreeMap<i32, (i64, Vec<String>)>,
    /// Sizes of batches, of which the last goes on for ever.
    sizes: Vec<usize>,
    interleaved: bool,
    saved: Saved,
    pub(super) soar: BTreeMap<String, Container>,
    pub(super) quarantine: Vec<(Position, RejectionKind)>,
    pub(super) events: Vec<Event>,
    pub(super) fails: Option<Fails>,
    /// Which process this is: its clock and its parser.
    pub(super) run: u64,
    /// Steps that may still be made; the process dies at the one after.
    pub(super) steps: Option<usize>,
    pub(super) made: usize,
    pub(super) dead: bool,
}

/// The process is no more.
struct Died;

impl World {
    pub(super) fn new(partitions: &[(i32, i64, &[&str])]) -> Self {
        let topic = partitions.iter().map(|(id, first, values)| {
            let values = values.iter().map(ToString::to_string).collect();
            (*id, (*first, values))
        });
        Self {
            topic: topic.collect(),
            ..Self::default()
        }
    }

    pub(super) fn batches_of(mut self, sizes: &[usize]) -> Self {
        self.sizes = sizes.to_vec();
        self
    }

    pub(super) fn interleaved(mut self) -> Self {
        self.interleaved = true;
        self
    }

    /// A point at which the process may die.
    fn step(&mut self) -> Result<(), Died> {
        if self.dead {
            return Err(Died);
        }
        self.made += 1;
        match &mut self.steps {
            Some(0) => {
                self.dead = true;
                Err(Died)
            }
            Some(steps) => {
                *steps -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn value(&self, at: Position) -> &str {
        let (first, values) = &self.topic[&at.partition];
        &values[usize::try_from(at.offset - first).unwrap()]
    }

    fn batch(&self, positions: &[Position]) -> Batch {
        let mut batch = Batch::new("t");
        for &position in positions {
            batch.push(&Record {
                position,
                timestamp: 0,
                key: None,
                value: Some(self.value(position).as_bytes()),
                headers: vec![],
            });
        }
        batch
    }

    /// All records from `offsets` on, as the broker happens to interleave the partitions.
    fn rest(&self, offsets: &Offsets) -> VecDeque<Position> {
        let mut all: Vec<Position> = Vec::new();
        for (&partition, (first, values)) in &self.topic {
            let end = first + i64::try_from(values.len()).unwrap();
            let from = offsets.get(&partition).copied().unwrap_or(*first);
            all.extend((from..end).map(|offset| Position { partition, offset }));
        }
        if self.interleaved {
            all.sort_by_key(|at| (at.offset, std::cmp::Reverse(at.partition)));
        }
        all.into()
    }

    pub(super) fn without_intent(mut self) -> Self {
        self.saved.intent = None;
        self
    }

    pub(super) fn is_begun(&self) -> bool {
        self.saved.intent.is_some()
    }

    pub(super) fn all(&self) -> Batch {
        let all: Vec<Position> = self.rest(&Offsets::new()).into();
        self.batch(&all)
    }

    /// Each record is where it belongs, once; containers are as their first delivery made them.
    pub(super) fn expect_all_there(&self) {
        let mut artifacts: BTreeMap<&str, usize> = BTreeMap::new();
        for container in self.soar.values() {
            for (name, count) in &container.artifacts {
                *artifacts.entry(name).or_default() += count;
            }
        }
        let quarantined: BTreeSet<Position> = self.quarantine.iter().map(|(at, _)| *at).collect();
        for at in self.rest(&Offsets::new()) {
            let name = format!("kafka:cluster:t:{}:{}", at.partition, at.offset);
            let times = artifacts.remove(name.as_str()).unwrap_or(0);
            let expected = match self.value(at) {
                "poison" | "reject" | "unwanted" => (0, true),
                "filter" => (0, false),
                _ => (1, false),
            };
            let found = (times, quarantined.contains(&at));
            assert_eq!(found, expected, "{name}: {self:#?}");
        }
        assert!(artifacts.is_empty(), "made up: {artifacts:?}");
        assert!(self.saved.intent.is_none(), "{:?}", self.saved);
    }
}

type Shared = Rc<RefCell<World>>;

struct Topic {
    world: Shared,
    positions: VecDeque<Position>,
    sizes: VecDeque<usize>,
    begun: Option<Intent>,
    pending: Saved,
}

impl Topic {
    fn save(&mut self) -> Result<(), SourceError> {
        let mut world = self.world.borrow_mut();
        let died = |Died| SourceError::Settle("died".into());
        if world.fails == Some(Fails::Save) {
            return Err(SourceError::Settle("disk full".into()));
        }
        world.step().map_err(died)?;
        world.saved = self.pending.clone();
        world.step().map_err(died)
    }
}

impl Source for Topic {
    fn next(&mut self) -> Result<Option<Taken>, SourceError> {
        let world = self.world.borrow();
        if let Some(intent) = self.begun.take() {
            let mut positions = Vec::new();
            for (&partition, &(first, next)) in &intent.ranges {
                positions.extend((first..next).map(|offset| Position { partition, offset }));
            }
            self.positions.retain(|at| !positions.contains(at));
            return Ok(Some(Taken {
                batch: world.batch(&positions),
                intent: Some(intent),
            }));
        }
        if self.positions.is_empty() {
            if world.fails != Some(Fails::Read) {
                return Ok(None);
            }
            return Err(SourceError::Read {
                message: "the broker went away".into(),
                hint: "start it".into(),
            });
        }
        let size = match self.sizes.len() {
            0 | 1 => self.sizes[0],
            _ => self.sizes.pop_front().unwrap(),
        };
        let count = size.min(self.positions.len());
        let positions: Vec<Position> = self.positions.drain(..count).collect();
        Ok(Some(Taken {
            batch: world.batch(&positions),
            intent: None,
        }))
    }

    fn intend(&mut self, intent: &Intent) -> Result<(), SourceError> {
        assert_eq!(intent.fault(), None);
        // As through the state document.
        let text = serde_json::to_string(intent).unwrap();
        self.pending.intent = Some(serde_json::from_str(&text).unwrap());
        self.save()?;
        let ranges = intent.ranges.iter();
        let ranges = ranges.map(|(&id, &(first, next))| (id, first, next));
        let event = Event::Intended(ranges.collect());
        self.world.borrow_mut().events.push(event);
        Ok(())
    }

    fn settle(&mut self, next: &Offsets) {
        self.pending.offsets.extend(next);
        self.pending.intent = None;
        let event = Event::Settled(next.clone());
        self.world.borrow_mut().events.push(event);
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        self.save()?;
        self.world.borrow_mut().events.push(Event::Flushed);
        Ok(())
    }
}

/// One container a batch, without a name, that tells the clock and the parser.
struct Parser(Shared, String);

impl Parse for Parser {
    fn digest(&self) -> &str {
        &self.1
    }

    fn parse(&mut self, batch: &Batch, origin: &Origin) -> Result<Parsed, ParseError> {
        if self.0.borrow_mut().step().is_err() {
            return Err(ParseError::Unavailable {
                message: "died".into(),
                hint: "",
            });
        }
        let mut parsed = Parsed::default();
        let add = |parsed: &mut Parsed, json: &str| {
            let start = parsed.text.len();
            parsed.text.push_str(json);
            start..parsed.text.len()
        };
        for index in 0..batch.len() {
            match batch.values().get(index).unwrap() {
                b"poison" => return Err(ParseError::Trap("unreachable".into())),
                b"no-schema" => {
                    return Err(ParseError::Unavailable {
                        message: "no answer".into(),
                        hint: "",
                    });
                }
                b"reject" => parsed.rejections.push(Rejection {
                    index,
                    kind: RejectionKind::Rejected,
                    reason: "no".into(),
                }),
                b"filter" => {}
                _ => {
                    let span = add(&mut parsed, "{}");
                    parsed.artifacts.push(span);
                    parsed.sources.push(index);
                }
            }
        }
        if !parsed.artifacts.is_empty() {
            let name = format!("{} at {}", origin.parser, origin.started.unix_ms);
            let container = add(&mut parsed, &format!("{{\"name\":\"{name}\"}}"));
            parsed.ingests.push(IngestSpan {
                container,
                artifacts: 0..parsed.artifacts.len(),
            });
        }
        Ok(parsed)
    }
}

/// Recognises containers by their names and adds what they lack, as the real one does.
struct Soar(Shared);

impl Deliver for Soar {
    fn deliver(
        &mut self,
        batch: &Batch,
        parsed: &Parsed,
        begun: bool,
    ) -> Result<Vec<Rejection>, DeliverError> {
        let mut world = self.0.borrow_mut();
        let failed = |message: &str| DeliverError {
            message: message.into(),
            hint: String::new(),
        };
        let died = |Died| failed("died");
        let first = batch.offsets()[0];
        if world.fails == Some(Fails::Delivery(first)) {
            return Err(failed("broken pipe"));
        }
        let mut unwanted = Vec::new();
        for ingest in parsed.ingests() {
            world.step().map_err(died)?;
            let json: Value = serde_json::from_str(ingest.container()).unwrap();
            let name = json["source_data_identifier"].as_str().unwrap().to_owned();
            let artifacts: Vec<String> = ingest
                .artifacts()
                .map(|artifact| {
                    let artifact: Value = serde_json::from_str(artifact).unwrap();
                    artifact["source_data_identifier"].as_str().unwrap().into()
                })
                .collect();
            let there = world.soar.contains_key(&name);
            assert!(begun || !there, "what was begun is told to be");
            let known = world.soar.entry(name).or_insert_with(|| Container {
                json: json.clone(),
                ..Container::default()
            });
            assert_eq!(known.json, json, "delivered again, it is the same");
            let lacking: Vec<String> = artifacts
                .iter()
                .filter(|name| !known.artifacts.contains_key(*name))
                .cloned()
                .collect();
            let key = known.json["source_data_identifier"]
                .as_str()
                .unwrap()
                .to_owned();
            for (number, artifact) in lacking.into_iter().enumerate() {
                let mut words = artifact.rsplit(':');
                let offset = words.next().unwrap().parse().unwrap();
                let partition = words.next().unwrap().parse().unwrap();
                let at = Position { partition, offset };
                let index = (0..batch.len())
                    .position(|i| batch.position(i) == at)
                    .unwrap();
                if world.value(batch.position(index)) == "unwanted" {
                    unwanted.push(Rejection {
                        index,
                        kind: RejectionKind::Unwanted,
                        reason: "no such label".into(),
                    });
                    continue;
                }
                *world
                    .soar
                    .get_mut(&key)
                    .unwrap()
                    .artifacts
                    .entry(artifact)
                    .or_default() += 1;
                // Some of its artifacts are there, and the process dies.
                if number == 0 {
                    world.step().map_err(died)?;
                }
            }
        }
        world.step().map_err(died)?;
        world.events.push(Event::Delivered(first));
        Ok(unwanted)
    }
}

struct Dead(Shared);

impl Quarantine for Dead {
    fn quarantine(
        &mut self,
        batch: &Batch,
        rejections: &[Rejection],
        _: &Origin,
    ) -> Result<(), QuarantineError> {
        let mut world = self.0.borrow_mut();
        let died = |Died| QuarantineError("died".into());
        if world.fails == Some(Fails::Quarantine) {
            return Err(QuarantineError("no room".into()));
        }
        world.step().map_err(died)?;
        let records = rejections.iter().map(|r| (batch.position(r.index), r.kind));
        world.quarantine.extend(records);
        world.step().map_err(died)?;
        let offsets = rejections.iter().map(|r| batch.offsets()[r.index]);
        world.events.push(Event::Quarantined(offsets.collect()));
        Ok(())
    }
}

/// One process, from its start to its end or its death.
pub(super) fn go(world: World) -> (Result<Summary, Box<Halt>>, World) {
    let started = Instant {
        unix_ms: 1000 + world.run,
        utc_offset_minutes: 0,
    };
    let digest = format!("parser {}", world.run);
    let saved = world.saved.clone();
    let mut source = Topic {
        positions: world.rest(&saved.offsets),
        sizes: world.sizes.clone().into(),
        begun: saved.intent.clone(),
        pending: saved,
        world: Rc::new(RefCell::new(world)),
    };
    let world = Rc::clone(&source.world);
    let clock = || started;
    let policy = Policy {
        cluster_id: "cluster",
        defaults: Defaults::default(),
        max_artifacts: None,
        threshold: Threshold { percent: 50 },
        clock: &clock,
    };
    let ports = Ports {
        source: &mut source,
        parser: &mut Parser(Rc::clone(&world), digest),
        deliver: &mut Soar(Rc::clone(&world)),
        quarantine: &mut Dead(Rc::clone(&world)),
    };
    let result = run(ports, &policy, &mut |_| {});
    (result, world.take())
}

/// The same topic for another process, with nothing saved and nothing delivered.
pub(super) fn reset(mut world: World) -> World {
    world.saved = Saved::default();
    world.soar.clear();
    world
}
