//! What of a quarantine was brought back.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{index::Key, letters::Letter};
use crate::{
    actions::{Failure, state::State},
    config::Topic,
    model::Offsets,
};

/// How much of the work a crash may bring back. Saving after every message would cost more than
/// most messages.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// Keeps account of it.
pub(super) enum Done {
    /// Of a file: which messages can be taken out.
    Messages(HashSet<Key>),
    /// Of a dead-letter topic, whose records can't be taken away.
    Offsets(Box<Mark>),
    /// Of a dead-letter topic when not all of it is brought back: nothing.
    Untold,
}

/// Up to where a dead-letter topic was brought back.
pub(super) struct Mark {
    path: PathBuf,
    state: State,
    topic: Topic,
    next: Offsets,
    /// Whether there is something to save.
    unsaved: bool,
    saved: Instant,
}

impl Mark {
    pub(super) fn new(path: &Path, state: State, topic: &Topic, starts: Offsets) -> Self {
        Self {
            path: path.to_owned(),
            state,
            topic: topic.clone(),
            next: starts,
            unsaved: false,
            saved: Instant::now(),
        }
    }

    fn save(&mut self) -> Result<(), Failure> {
        if self.unsaved {
            self.state.note_replayed(&self.topic, &self.next);
            self.state.save(&self.path)?;
            self.unsaved = false;
            self.saved = Instant::now();
        }
        Ok(())
    }
}

impl Done {
    /// Nothing is to be done about an entry, or it has been done. Everything that was read before
    /// it has been dealt with.
    pub(super) fn pass(&mut self, letter: &Letter) {
        if let Self::Offsets(mark) = self {
            let next = letter.place.offset + 1;
            mark.next.insert(letter.place.partition, next);
            mark.unsaved = true;
        }
    }

    /// A message was brought back.
    pub(super) fn take_out(&mut self, key: Key) {
        if let Self::Messages(messages) = self {
            messages.insert(key);
        }
    }

    /// Whether there is something to take out of a file.
    pub(super) fn has_taken_out(&self) -> bool {
        matches!(self, Self::Messages(messages) if !messages.is_empty())
    }

    /// Makes what was done durable, if that was not done lately.
    pub(super) fn save_sometimes(&mut self) -> Result<(), Failure> {
        match self {
            Self::Offsets(mark) if mark.saved.elapsed() >= SAVE_EVERY => mark.save(),
            _ => Ok(()),
        }
    }

    /// Makes what was done durable. (Messages are taken out of a file at the very end.)
    pub(super) fn save(&mut self) -> Result<(), Failure> {
        match self {
            Self::Offsets(mark) => mark.save(),
            _ => Ok(()),
        }
    }
}
