//! SIGINT and SIGTERM end a poll in order: the batch at hand is delivered and settled first. A
//! second signal ends the process at once.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use super::end::End;
use crate::actions::{Class, Failure};

/// Catches the signals from its creation to the end of the process.
#[derive(Debug)]
pub(super) struct Signals {
    stop: Arc<AtomicBool>,
    /// The last signal's number; zero before the first.
    signal: Arc<AtomicUsize>,
}

impl Signals {
    pub(super) fn catch() -> Result<Self, Failure> {
        let signals = Self {
            stop: Arc::default(),
            signal: Arc::default(),
        };
        for signal in [SIGINT, SIGTERM] {
            signals.register(signal).map_err(|e| {
                Failure::new(
                    Class::Internal,
                    format!("signal {signal} can't be caught: {e}"),
                )
            })?;
        }
        Ok(signals)
    }

    fn register(&self, signal: i32) -> io::Result<()> {
        // In this order, so that the first signal doesn't find the flag it sets itself.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&self.stop))?;
        let number = usize::try_from(signal).unwrap_or_default();
        flag::register_usize(signal, Arc::clone(&self.signal), number)?;
        flag::register(signal, Arc::clone(&self.stop))?;
        Ok(())
    }

    /// Set by the first signal.
    pub(super) fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    /// How the command ended, if a signal ended it.
    pub(super) fn end(&self) -> Option<End> {
        match self.signal.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(End::Interrupted(u8::try_from(signal).unwrap_or_default())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The only test that raises a signal: a second one would end the process, as it should.
    #[test]
    fn a_signal_asks_for_the_end_and_is_remembered() {
        let signals = Signals::catch().unwrap();
        assert!(!signals.stop().load(Ordering::Relaxed) && signals.end().is_none());
        signal_hook::low_level::raise(SIGTERM).unwrap();
        assert!(signals.stop().load(Ordering::Relaxed));
        assert_eq!(signals.end().unwrap().exit_code(), 143);
    }
}
