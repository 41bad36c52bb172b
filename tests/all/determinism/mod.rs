//! The same component, settings, batch and poll time: the same bytes. Wherever it runs, from
//! whichever native code, and whatever ran before.

mod batches;
mod nan;
mod wasi;

use std::{
    cell::{Cell, RefCell},
    fs,
    path::Path,
};

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    emit::recording::{Identity, Outcome, Recording},
    model::{Batch, Instant, Position, Record},
    sandbox::{Cache, Parser, Sandbox},
};
use kafka_soar_tests::guests;
use proptest::{
    collection::vec,
    prop_assert_eq, prop_assert_ne,
    test_runner::{Config, TestCaseError, TestRunner},
};

use self::batches::{batch, instant, message};
use crate::sandbox::limits;

const SETTINGS: [&str; 4] = [
    "{}",
    r#"{"mode":"test"}"#,
    r#" {"b":[1,2.50,{"\u00e9":null}],"a":"\ud83e\udd80"} "#,
    r#"{"severity":"high","label":"events","fields":{"deep":[[[]]]}}"#,
];

/// What the hostile guest can be told that doesn't end by a limit.
const HOSTILE: &[&str] = &[
    "echo",
    "count",
    "panic",
    "refuse for a reason",
    "reason 2000",
    "artifacts 7",
    "deep-json 50",
    "reject 0,0",
    "ingests [{]",
    "alloc 3000000",
];

/// What the Python guest can be told: all that an interpreter has of chance, time and place.
const PYTHON: &[&str] = &[
    "random-numbers",
    "hash-order",
    "wall-clock",
    "timer",
    "environment",
    "evaluate [id(object()), hash('a'), hash(object())]",
    "evaluate [__import__('gc').get_stats(), float('inf') - float('inf')]",
    "evaluate 1 // 0",
    "leave-at-once",
    "no-such-command",
];

/// A parser that is held to it.
struct Guest {
    name: String,
    component: Vec<u8>,
    /// What its first message is, if it is one that does what it is told.
    commands: &'static [&'static str],
    settings: &'static [&'static str],
    /// A command.
    cases: u32,
}

impl Guest {
    fn new(name: &str, component: &[u8], commands: &'static [&'static str]) -> Self {
        Self {
            name: name.to_owned(),
            component: component.to_vec(),
            commands,
            settings: &SETTINGS,
            cases: if commands.is_empty() { 48 } else { 6 },
        }
    }

    /// Those in Python, which `.ci/setup test` builds.
    fn in_python() -> Vec<Self> {
        let mut all = Vec::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/guests/foreign");
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(name) = name
                && name.starts_with("python")
                && path.extension().is_some_and(|ending| ending == "wasm")
            {
                let component = fs::read(&path).expect("a component");
                all.push(Self {
                    // Compiling takes seconds, once a settings.
                    settings: &SETTINGS[1..2],
                    cases: 2,
                    ..Self::new(name, &component, PYTHON)
                });
            }
        }
        assert!(!all.is_empty(), "there is no Python guest: run make test");
        all
    }
}

/// The same parser twice: freshly compiled in one sandbox, from another one's cache in another.
struct Twins {
    settings: &'static str,
    fresh: Parser,
    cached: Parser,
}

impl Twins {
    fn load(folder: &Path, bytes: &[u8], settings: &'static str) -> Self {
        let source = ParserSource::Component {
            name: "guest".to_owned(),
            bytes: bytes.to_vec(),
            signature: None,
        };
        let load = |sandbox: &Sandbox| {
            let parser = sandbox.load(&source, &Policy::default(), &generous(), settings, START);
            parser.expect("the guest is admitted")
        };
        let cache = || Cache::open(folder.join("cache")).expect("a cache");
        let fresh = load(&kafka_soar_tests::sandbox(None));
        load(&kafka_soar_tests::sandbox(Some(cache())));
        let sandbox = kafka_soar_tests::sandbox(Some(cache()));
        let cached = load(&sandbox);
        let native = sandbox.load_former(cached.digest(), &generous(), settings, START);
        assert!(native.is_some(), "the cache was used");
        Self {
            settings,
            fresh,
            cached,
        }
    }

    /// Parses in either twin, and again after another batch at another time: the outcome.
    fn compare(
        &mut self,
        batch: &Batch,
        at: Instant,
        other: &Batch,
        then: Instant,
    ) -> Result<Outcome, TestCaseError> {
        let first = outcome(&mut self.fresh, batch, at);
        let cached = outcome(&mut self.cached, batch, at);
        prop_assert_eq!(&cached, &first, "from the cache");
        // Whatever this does: parse, refuse (what is no command) or trap.
        drop(outcome(&mut self.fresh, other, then));
        let again = outcome(&mut self.fresh, batch, at);
        prop_assert_eq!(&again, &first, "after another batch");
        Ok(first)
    }

    fn record_and_replay(
        &mut self,
        path: &Path,
        batch: Batch,
        at: Instant,
        then: Outcome,
    ) -> Result<(), TestCaseError> {
        let recording = Recording {
            recorded_at: "2026-03-01T12:00:00Z".to_owned(),
            parser: Identity {
                name: self.fresh.name().to_owned(),
                digest: self.fresh.digest().to_owned(),
                contract: None,
            },
            settings: self.settings.to_owned(),
            limits: generous(),
            started: at,
            batch,
            outcome: then,
        };
        fs::write(path, recording.to_text()).unwrap();
        let read = Recording::read(path).expect("a recording");
        prop_assert_eq!(&read, &recording, "written and read");
        let again = outcome(&mut self.fresh, &read.batch, read.started);
        prop_assert_eq!(again, read.outcome, "of a recording");
        Ok(())
    }
}

const START: Instant = Instant {
    unix_ms: 0,
    utc_offset_minutes: 0,
};

/// So that no limit is met by chance: an interpreter needs some room, and a busy machine time.
fn generous() -> ParserLimits {
    ParserLimits {
        memory: 256 << 20,
        ..limits()
    }
}

fn outcome(parser: &mut Parser, batch: &Batch, at: Instant) -> Outcome {
    parser.set_clock(at);
    Outcome::of(&parser.parse(batch))
}

/// One parser against itself, in every way.
fn same_every_time(guest: &Guest) {
    let name = &guest.name;
    let folder = tempfile::tempdir().unwrap();
    let load = |settings: &&'static str| Twins::load(folder.path(), &guest.component, settings);
    let twins: Vec<RefCell<Twins>> = guest.settings.iter().map(load).map(RefCell::new).collect();
    let path = folder.path().join("r");
    let told = Cell::new(0);
    let given = (
        vec(message(), 1..30),
        vec(message(), 1..10),
        instant(),
        instant(),
        0..guest.settings.len(),
    );
    let commands = guest.commands.iter().map(|&command| Some(command));
    let untold = guest.commands.is_empty().then_some(None);
    for command in commands.chain(untold) {
        let config = Config {
            cases: guest.cases,
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new(config)
            .run(&given, |(mut messages, other, at, then, settings)| {
                if let Some(command) = command {
                    messages[0].value = Some(command.into());
                }
                let mut twins = twins[settings].borrow_mut();
                let outcome = twins.compare(&batch(&messages), at, &batch(&other), then)?;
                told.set(told.get() + u32::from(has_its_say(&outcome)?));
                twins.record_and_replay(&path, batch(&messages), at, outcome)
            })
            .unwrap_or_else(|error| panic!("{name}, {command:?}: {error}"));
    }
    // A parser that only traps is the same every time whatever it sees.
    assert!(told.get() >= guest.cases / 4, "{name}: {}", told.get());
}

fn has_its_say(outcome: &Outcome) -> Result<bool, TestCaseError> {
    match outcome {
        Outcome::Parsed(_) => Ok(true),
        Outcome::Failed(failed) => {
            prop_assert_ne!(&failed.class, "limit");
            Ok(failed.class == "refused")
        }
    }
}

#[test]
fn the_default_parser_gives_the_same_bytes_every_time() {
    same_every_time(&Guest::new("default", guests::DEFAULT_PARSER, &[]));
}

#[test]
fn a_hostile_parser_gives_the_same_bytes_every_time() {
    same_every_time(&Guest::new("hostile", guests::HOSTILE, HOSTILE));
}

#[test]
fn a_picky_parser_gives_the_same_bytes_every_time() {
    same_every_time(&Guest::new("picky", guests::PICKY, &[]));
}

#[test]
fn a_python_parser_gives_the_same_bytes_every_time() {
    for guest in Guest::in_python() {
        same_every_time(&guest);
    }
}

/// A comparison that holds for guests that see nothing would hold for nothing.
#[test]
fn settings_batch_and_clock_are_all_that_make_a_difference() {
    let load = |settings| {
        let source = ParserSource::Component {
            name: "guest".to_owned(),
            bytes: guests::HOSTILE.to_vec(),
            signature: None,
        };
        let sandbox = crate::sandbox::sandbox();
        sandbox
            .load(&source, &Policy::default(), &limits(), settings, START)
            .unwrap()
    };
    let echo = |offset| {
        let mut batch = Batch::new("t");
        batch.push(&Record {
            position: Position {
                partition: 0,
                offset,
            },
            timestamp: 0,
            key: None,
            value: Some(b"echo"),
            headers: vec![],
        });
        batch
    };
    let mut parser = load("{}");
    let first = outcome(&mut parser, &echo(0), START);
    assert_eq!(outcome(&mut load("{}"), &echo(0), START), first);
    assert_ne!(outcome(&mut load(r#"{"a":1}"#), &echo(0), START), first);
    assert_ne!(outcome(&mut parser, &echo(1), START), first);
    let later = Instant {
        unix_ms: 1,
        ..START
    };
    assert_ne!(outcome(&mut parser, &echo(0), later), first);
    assert_eq!(outcome(&mut parser, &echo(0), START), first);
}
