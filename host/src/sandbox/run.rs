//! One batch through one parser.

use std::{
    sync::Arc,
    time::{Duration, Instant as Clock},
};

use wasmtime::{Engine, Store};

use super::{engine::TICK, failure::classify, outline, state::State, wit::Entry};
use crate::{
    config::ParserLimits,
    model::{Batch, Instant, Parsed, text},
    ports::ParseError,
};

/// Component-model handles that a guest may hold.
const MAX_HANDLES: usize = 64;

/// What a parser says when it refuses a batch is cut to this many bytes.
const REFUSAL_BYTES: usize = 4 << 10;

/// A parser, loaded: runs each batch in a fresh instance.
pub struct Parser {
    engine: Engine,
    entry: Entry,
    digest: String,
    name: Arc<str>,
    limits: ParserLimits,
    settings: Arc<str>,
    started: Instant,
    stats: Stats,
}

/// What a parser has used so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Instantiating, running and validating.
    pub time: Duration,
    /// The most bytes of memories and tables that one batch took.
    pub peak_memory: usize,
}

impl Parser {
    pub(super) fn new(
        engine: Engine,
        entry: Entry,
        digest: String,
        name: Arc<str>,
        limits: ParserLimits,
        settings: Arc<str>,
        started: Instant,
    ) -> Self {
        Self {
            engine,
            entry,
            digest,
            name,
            limits,
            settings,
            started,
            stats: Stats::default(),
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the component, in lower-case hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats
    }

    fn store(&self, batch: &Batch) -> Store<State> {
        let state = State::new(
            &self.name,
            &self.limits,
            &self.settings,
            self.started,
            batch,
        );
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(self.limits.output);
        store.set_max_component_handles(MAX_HANDLES);
        // Before instantiation: a start function runs inside the deadline too.
        store.set_epoch_deadline(ticks(self.limits.time));
        store.epoch_deadline_trap();
        store
    }

    fn run(&self, store: &mut Store<State>, batch: &Batch) -> Result<Parsed, ParseError> {
        match self.entry.call(store, batch) {
            Ok(Ok(returned)) => outline::validate(returned, batch.len(), &self.limits),
            Ok(Err(reason)) => Err(ParseError::Refused(
                text::escape(text::cut(&reason, REFUSAL_BYTES)).into_owned(),
            )),
            Err(error) => Err(classify(&error, &self.limits)),
        }
    }
}

impl Parser {
    /// Has the guest see another time from now on.
    pub fn set_clock(&mut self, started: Instant) {
        self.started = started;
    }

    /// Runs a batch through a fresh instance.
    ///
    /// # Errors
    ///
    /// See [`ParseError`]; nothing of the batch is kept.
    pub fn parse(&mut self, batch: &Batch) -> Result<Parsed, ParseError> {
        let begun = Clock::now();
        let mut store = self.store(batch);
        let parsed = self.run(&mut store, batch);
        self.stats.peak_memory = self.stats.peak_memory.max(store.data().meter.peak());
        drop(store);
        self.stats.time += begun.elapsed();
        parsed
    }
}

/// The time limit in ticks. One more, since the tick in progress is not a whole one; bounded,
/// since the engine adds it to the current epoch without a check.
fn ticks(time: Duration) -> u64 {
    let ticks = time.as_millis().div_ceil(TICK.as_millis()) + 1;
    u64::try_from(ticks).unwrap_or(u64::MAX).min(1 << 40)
}
