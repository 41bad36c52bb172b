//! The saved offsets of one poll.

use std::path::{Path, PathBuf};

use crate::{
    actions::{
        Failure,
        state::{Lock, State},
    },
    config::Topic,
    model::Offsets,
};

/// Keeps the next offsets of a topic in a state file, or nowhere.
pub(super) struct Keeper(Option<Kept>);

struct Kept {
    path: PathBuf,
    topic: Topic,
    state: State,
    _lock: Lock,
}

impl Keeper {
    /// Reads the state and locks it for the length of this poll.
    pub(super) fn open(path: &Path, topic: &Topic) -> Result<Self, Failure> {
        let lock = Lock::take(path)?;
        let state = State::load(path)?;
        Ok(Self(Some(Kept {
            path: path.to_owned(),
            topic: topic.clone(),
            state,
            _lock: lock,
        })))
    }

    /// Keeps nothing.
    pub(super) fn forgetful() -> Self {
        Self(None)
    }

    pub(super) fn adopt_cluster(&mut self, cluster_id: &str) -> Result<(), Failure> {
        match &mut self.0 {
            Some(kept) => kept.state.adopt_cluster(cluster_id),
            None => Ok(()),
        }
    }

    pub(super) fn offsets(&self) -> Result<Option<Offsets>, Failure> {
        match &self.0 {
            Some(kept) => Ok(kept.state.offsets(&kept.topic)?.cloned()),
            None => Ok(None),
        }
    }

    /// Makes it durable that everything before `next` has been dealt with.
    pub(super) fn settle(&mut self, next: &Offsets) -> Result<(), Failure> {
        match &mut self.0 {
            Some(kept) => {
                kept.state.advance(&kept.topic, next);
                kept.state.save(&kept.path)
            }
            None => Ok(()),
        }
    }
}
