//! What the requests of one double have in common.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::http::StatusCode;
use serde::Serialize;
use tokio::sync::watch;

use super::{
    Error, Faults, Mode,
    check::Rules,
    door::Keys,
    faults::{Dice, Drawn},
    store::Store,
};

/// What a double has seen so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub containers: u64,
    pub artifacts: u64,
    /// Requests under `/rest/`, those that were made to fail included.
    pub requests: u64,
    /// How often each fault was met since the start; those that never were are left out.
    pub faults: BTreeMap<Mode, u64>,
}

pub(super) struct Shared {
    pub(super) rules: Rules,
    pub(super) token: Option<String>,
    pub(super) duplicate_status: StatusCode,
    pub(super) body_limit: usize,
    pub(super) keys: Keys,
    store: Mutex<Store>,
    dice: Mutex<Dice>,
    /// Told whenever the faults are set.
    changed: watch::Sender<()>,
    requests: AtomicU64,
}

/// A request's fate, and news of the faults being set after it was decided.
pub(super) struct Fate {
    pub(super) drawn: Option<Drawn>,
    pub(super) changed: watch::Receiver<()>,
}

impl Shared {
    pub(super) fn new(
        rules: Rules,
        token: Option<String>,
        duplicate_status: StatusCode,
        body_limit: usize,
        keys: Keys,
        store: Store,
    ) -> Self {
        Self {
            rules,
            token,
            duplicate_status,
            body_limit,
            keys,
            store: Mutex::new(store),
            dice: Mutex::new(Dice::new(Faults::default())),
            changed: watch::Sender::new(()),
            requests: AtomicU64::new(0),
        }
    }

    /// The store, once whoever has it is done. Blocks.
    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        // A transaction that a panic cut short is rolled back.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides what becomes of a request that has just come.
    pub(super) fn fate(&self) -> Fate {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut dice = self.dice();
        // Under the same lock as `set_faults`: no change is missed, none is seen that was before.
        Fate {
            drawn: dice.draw(),
            changed: self.changed.subscribe(),
        }
    }

    /// Blocks until the listener is closed or open, as `faults` say.
    pub(super) fn set_faults(&self, faults: Faults) -> Result<(), Error> {
        faults.check()?;
        let closed = faults.closed;
        {
            let mut dice = self.dice();
            dice.set(faults);
            self.changed.send_replace(());
        }
        self.keys.close_for(closed);
        Ok(())
    }

    pub(super) fn faults(&self) -> Faults {
        self.dice().faults().clone()
    }

    pub(super) fn faults_hit(&self) -> BTreeMap<Mode, u64> {
        self.dice().hits().clone()
    }

    /// Blocks.
    pub(super) fn counts(&self) -> rusqlite::Result<Counts> {
        let (containers, artifacts) = self.store().counts()?;
        Ok(Counts {
            containers,
            artifacts,
            requests: self.requests.load(Ordering::Relaxed),
            faults: self.faults_hit(),
        })
    }
}
