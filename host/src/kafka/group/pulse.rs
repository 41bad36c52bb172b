//! Keeps a member in its group while it is busy with a batch.
//!
//! A member that doesn't poll for `max.poll.interval.ms` is thrown out. So while a batch is parsed or
//! SOAR is slow, this thread polls in its stead, with all partitions paused: nothing is fetched, the
//! memory stays as it is, and rebalances are taken part in.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rdkafka::{
    Message as _, Offset,
    consumer::{BaseConsumer, Consumer as _},
};

use super::context::GroupContext;

/// How long a batch may take before partitions are paused for it: most take less.
const PATIENCE: Duration = Duration::from_secs(1);
const POLL: Duration = Duration::from_millis(100);

pub(super) struct Pulse {
    /// Held by whoever polls.
    pub(super) polling: Arc<Mutex<()>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Pulse {
    pub(super) fn start(client: &Arc<BaseConsumer<GroupContext>>) -> Self {
        let polling = Arc::new(Mutex::new(()));
        let over = Arc::new(AtomicBool::new(false));
        let weak = Arc::downgrade(client);
        let thread = thread::Builder::new().name("group-pulse".into()).spawn({
            let (polling, over) = (Arc::clone(&polling), Arc::clone(&over));
            move || beat(&polling, &over, &weak)
        });
        Self {
            polling,
            over,
            thread: Some(thread.expect("a thread can be started")),
        }
    }
}

/// Lets the caller poll, with no partition paused, until the guard is dropped.
pub(super) fn awake<'a>(
    polling: &'a Mutex<()>,
    client: &BaseConsumer<GroupContext>,
) -> MutexGuard<'a, ()> {
    let guard = lock(polling);
    if client.context().resting.swap(false, Ordering::SeqCst)
        && let Ok(assignment) = client.assignment()
    {
        let _ = client.resume(&assignment);
    }
    guard
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

/// Keeps others from polling, and rebalances from happening, until the guard is dropped.
pub(super) fn lock(mutex: &Mutex<()>) -> MutexGuard<'_, ()> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Polls whenever nobody else has for a while.
fn beat(polling: &Mutex<()>, over: &AtomicBool, client: &Weak<BaseConsumer<GroupContext>>) {
    let mut free_for = Duration::ZERO;
    while !over.load(Ordering::SeqCst) {
        let Ok(guard) = polling.try_lock() else {
            free_for = Duration::ZERO;
            thread::park_timeout(POLL);
            continue;
        };
        let Some(client) = client.upgrade() else {
            return;
        };
        if free_for < PATIENCE {
            drop(guard);
            free_for += POLL;
            thread::park_timeout(POLL);
            continue;
        }
        if !client.context().resting.swap(true, Ordering::SeqCst)
            && let Ok(assignment) = client.assignment()
        {
            let _ = client.pause(&assignment);
        }
        if let Some(Ok(message)) = client.poll(POLL) {
            // It slipped through: it is fetched again when its turn comes.
            let at = Offset::Offset(message.offset());
            let _ = client.seek(message.topic(), message.partition(), at, POLL);
        }
        drop(guard);
    }
}
