//! The saved offsets of one poll.

use crate::{
    actions::{
        Failure,
        state::{Home, Lock, State},
    },
    config::{Topic, Topics},
    model::{Intent, Offsets},
};

/// Keeps the next offsets of topics in a state document, or nowhere.
pub(super) struct Keeper(Option<Kept>);

struct Kept {
    home: Home,
    state: State,
    /// Whether the present pattern was polled before.
    again: bool,
    _lock: Option<Lock>,
}

impl Keeper {
    /// Reads the state and locks it for the length of this poll of `topics`.
    pub(super) fn open(home: &Home, topics: &Topics) -> Result<Self, Failure> {
        let lock = home.lock()?;
        let mut state = home.load()?;
        let pattern = match topics {
            Topics::Matching(pattern) => Some(pattern),
            Topics::Named(_) => None,
        };
        let again = pattern.is_some_and(|pattern| state.knows_pattern(pattern));
        state.note_pattern(pattern);
        Ok(Self(Some(Kept {
            home: home.clone(),
            state,
            again,
            _lock: lock,
        })))
    }

    /// Keeps nothing.
    pub(super) fn forgetful() -> Self {
        Self(None)
    }

    pub(super) fn adopt_cluster(&mut self, cluster_id: &str) -> Result<(), Failure> {
        match &mut self.0 {
            Some(kept) => kept.home.adopt_cluster(&mut kept.state, cluster_id),
            None => Ok(()),
        }
    }

    /// Whether a topic without saved offsets was made since the last poll by this pattern, so
    /// that nothing of it has been read.
    pub(super) fn expects_new_topics(&self) -> bool {
        self.0.as_ref().is_some_and(|kept| kept.again)
    }

    pub(super) fn offsets(&self, topic: &Topic) -> Result<Option<Offsets>, Failure> {
        match &self.0 {
            Some(kept) => Ok(kept.state.offsets(topic)?.cloned()),
            None => Ok(None),
        }
    }

    /// Notes the topic's id, which is asked for only if it matters, and tells whether it is another
    /// than that of the last poll: then the saved offsets are those of a topic that no longer is.
    pub(super) fn meets_anew(
        &mut self,
        topic: &Topic,
        id: impl FnOnce() -> Option<String>,
    ) -> bool {
        let Some(kept) = &mut self.0 else {
            return false;
        };
        let Some(id) = id() else {
            return false;
        };
        let anew = kept.state.topic_id(topic).is_some_and(|known| known != id);
        kept.state.note_topic_id(topic, &id);
        anew
    }

    /// Notes where a topic is read from; durable once saved.
    pub(super) fn begin(&mut self, topic: &Topic, from: &Offsets) {
        if let Some(kept) = &mut self.0 {
            kept.state.begin(topic, from);
        }
    }

    /// The batch of the topic that an earlier poll began and did not settle.
    pub(super) fn intent(&self, topic: &Topic) -> Option<Intent> {
        self.0.as_ref()?.state.intent(topic).cloned()
    }

    /// Notes what is about to be made of a batch; durable once saved.
    pub(super) fn intend(&mut self, intent: &Intent) {
        if let Some(kept) = &mut self.0 {
            kept.state.intend(intent);
        }
    }

    /// Forgets the batch of the topic that was begun; durable once saved.
    pub(super) fn drop_intent(&mut self, topic: &Topic) {
        if let Some(kept) = &mut self.0 {
            kept.state.drop_intent(topic);
        }
    }

    /// Notes that everything before `next` has been dealt with; durable once saved.
    pub(super) fn advance(&mut self, topic: &Topic, next: &Offsets) {
        if let Some(kept) = &mut self.0 {
            kept.state.advance(topic, next);
        }
    }

    pub(super) fn save(&self) -> Result<(), Failure> {
        match &self.0 {
            Some(kept) => kept.home.save(&kept.state),
            None => Ok(()),
        }
    }
}
