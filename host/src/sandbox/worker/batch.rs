//! One batch through one parser.

use std::{sync::Arc, time::Duration};

use rustix::time::{ClockId, clock_gettime};
use wasmtime::{Engine, Store, UpdateDeadline};

use super::{
    engine::TICK,
    failure::classify,
    meter::Passed,
    state::State,
    wit::{Entry, Instance, Returned},
};
use crate::{
    config::ParserLimits,
    model::{Batch, Instant},
    sandbox::wire::{Level, Limit, Outcome, Script},
};

/// Component-model handles that a guest may hold.
const MAX_HANDLES: usize = 64;

/// Runs each batch in a fresh instance; a script's batches of one topic and one poll in the same.
pub(super) struct Runner {
    engine: Engine,
    entry: Entry,
    limits: ParserLimits,
    settings: Arc<str>,
    script: Option<Arc<Script>>,
    kept: Option<Kept>,
}

/// An instance in which a script lives.
struct Kept {
    instance: Instance,
    store: Store<State>,
    topic: String,
    started: Instant,
}

impl Kept {
    fn serves(&self, batch: &Batch, started: Instant) -> bool {
        self.topic == batch.topic() && self.started == started
    }
}

/// What came of a batch.
pub(super) struct Answered {
    pub(super) returned: Result<Returned, Outcome>,
    pub(super) log: Vec<(Level, String)>,
    pub(super) peak_memory: usize,
}

impl Runner {
    pub(super) fn new(
        engine: Engine,
        entry: Entry,
        limits: ParserLimits,
        settings: &str,
        script: Option<Script>,
    ) -> Self {
        Self {
            engine,
            entry,
            limits,
            settings: Arc::from(settings),
            script: script.map(Arc::new),
            kept: None,
        }
    }

    pub(super) fn parse(&mut self, batch: &Batch, started: Instant) -> Answered {
        if let Some(kept) = self.kept.take_if(|kept| kept.serves(batch, started))
            && let Some(answered) = self.go_on(kept, batch)
        {
            return answered;
        }
        self.kept = None;
        self.begin(batch, started)
    }

    /// With an instance that has served before. Memory that earlier batches left behind is no fault
    /// of this one, so that a limit or a trap counts only in a fresh instance: `None`.
    fn go_on(&mut self, mut kept: Kept, batch: &Batch) -> Option<Answered> {
        kept.store.data_mut().next(&self.limits, batch);
        self.bound(&mut kept.store, batch);
        let called = kept.instance.call(&mut kept.store, batch).ok()?;
        let answered = answered(called, kept.store.data_mut());
        if answered.returned.is_ok() {
            self.kept = Some(kept);
        }
        Some(answered)
    }

    fn begin(&mut self, batch: &Batch, started: Instant) -> Answered {
        let mut state = State::new(&self.limits, &self.settings, started, batch);
        state.script.clone_from(&self.script);
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.meter);
        store.set_max_component_handles(MAX_HANDLES);
        // Before instantiation: a start function runs inside the deadline too.
        self.bound(&mut store, batch);
        let called = self.entry.instantiate(&mut store).and_then(|instance| {
            let called = instance.call(&mut store, batch)?;
            Ok((instance, called))
        });
        match called {
            Ok((instance, called)) => {
                let answered = answered(called, store.data_mut());
                if self.entry.keeps_state() && answered.returned.is_ok() {
                    self.kept = Some(Kept {
                        instance,
                        store,
                        topic: batch.topic().to_owned(),
                        started,
                    });
                }
                answered
            }
            Err(error) => answered(Err(classify(&error, &self.limits)), store.data_mut()),
        }
    }

    /// What the guest may use for this batch.
    fn bound(&self, store: &mut Store<State>, batch: &Batch) {
        store.set_hostcall_fuel(self.limits.output);
        store.set_epoch_deadline(1);
        let deadline = Deadline::of(&self.limits, batch.len());
        store.epoch_deadline_callback(move |_| deadline.check());
    }
}

fn answered(returned: Result<Returned, Outcome>, state: &mut State) -> Answered {
    Answered {
        returned,
        peak_memory: state.meter.peak(),
        log: state.take_log(),
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
