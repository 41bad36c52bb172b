//! One batch through one parser.

use std::{sync::Arc, time::Duration};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{Engine, Store, UpdateDeadline};

use super::{
    engine::TICK,
    failure::classify,
    meter::Passed,
    state::State,
    wit::{Entry, Returned},
};
use crate::{
    config::ParserLimits,
    model::{Batch, Instant, text},
    sandbox::wire::{Level, Limit, Outcome},
};

/// Component-model handles that a guest may hold.
const MAX_HANDLES: usize = 64;

/// What a parser says when it refuses a batch is cut to this many bytes.
const REFUSAL_BYTES: usize = 4 << 10;

/// Runs each batch in a fresh instance.
pub(super) struct Runner {
    engine: Engine,
    entry: Entry,
    limits: ParserLimits,
    settings: Arc<str>,
}

/// What came of a batch.
pub(super) struct Answered {
    pub(super) returned: Result<Returned, Outcome>,
    pub(super) log: Vec<(Level, String)>,
    pub(super) peak_memory: usize,
}

impl Runner {
    pub(super) fn new(engine: Engine, entry: Entry, limits: ParserLimits, settings: &str) -> Self {
        Self {
            engine,
            entry,
            limits,
            settings: Arc::from(settings),
        }
    }

    pub(super) fn parse(&self, batch: &Batch, started: Instant) -> Answered {
        let mut store = self.store(batch, started);
        let returned = match self.entry.call(&mut store, batch) {
            Ok(Ok(returned)) => Ok(returned),
            Ok(Err(reason)) => Err(Outcome::Refused(
                text::cut(&reason, REFUSAL_BYTES).to_owned(),
            )),
            Err(error) => Err(classify(&error, &self.limits)),
        };
        let state = store.into_data();
        Answered {
            returned,
            peak_memory: state.meter.peak(),
            log: state.into_log(),
        }
    }

    fn store(&self, batch: &Batch, started: Instant) -> Store<State> {
        let state = State::new(&self.limits, &self.settings, started, batch);
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(self.limits.output);
        store.set_max_component_handles(MAX_HANDLES);
        // Before instantiation: a start function runs inside the deadline too.
        store.set_epoch_deadline(1);
        let deadline = Deadline::of(&self.limits, batch.len());
        store.epoch_deadline_callback(move |_| deadline.check());
        store
    }
}

/// How much processor time a batch may take. Time that the machine gives to others is not the
/// guest's, so that the same batch passes on a busy machine and on an idle one; a guest can't
/// wait for anything, so there is no other time.
struct Deadline {
    begun: Duration,
    allowed: Duration,
    limit: Limit,
    value: String,
}

impl Deadline {
    fn of(limits: &ParserLimits, messages: usize) -> Self {
        let whole = (
            limits.time,
            Limit::Time,
            format!("{} ms", limits.time.as_millis()),
        );
        let (allowed, limit, value) = match limits.time_by_messages(messages) {
            Some((by_messages, each)) if by_messages < limits.time => (
                by_messages,
                Limit::MessageTime,
                format!("{} ms for {messages} message(s)", each.as_millis()),
            ),
            _ => whole,
        };
        Self {
            begun: processor_time(),
            allowed,
            limit,
            value,
        }
    }

    fn check(&self) -> wasmtime::Result<UpdateDeadline> {
        let used = processor_time().saturating_sub(self.begun);
        match self.allowed.checked_sub(used) {
            None | Some(Duration::ZERO) => Err(wasmtime::Error::new(Passed {
                limit: self.limit,
                value: self.value.clone(),
                what: "it ran too long on one batch".into(),
            })),
            Some(left) => Ok(UpdateDeadline::Continue(ticks(left))),
        }
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Ticks until `time` can have passed at the earliest; bounded, since the engine adds them to the
/// current epoch without a check.
fn ticks(time: Duration) -> u64 {
    let ticks = time.as_millis().div_ceil(TICK.as_millis());
    u64::try_from(ticks).unwrap_or(u64::MAX).clamp(1, 1 << 40)
}
