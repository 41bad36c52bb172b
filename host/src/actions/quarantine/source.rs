//! The pipeline's source and quarantine while messages are brought back.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{
    done::Done,
    index::{Index, Key},
    letters::{Letter, Letters},
};
use crate::{
    actions::{Failure, delivery::Refuge, on_poll::unread},
    model::{Batch, Intent, Offsets, Origin, Provenance, Quarantined, Rejection},
    ports::{Quarantine, QuarantineError, Source, SourceError, Taken},
};

/// What source and quarantine have to tell each other about the message at hand.
#[derive(Default)]
pub(super) struct Present {
    cluster_id: String,
    attempt: u32,
    /// Whether it went back into quarantine.
    again: bool,
}

/// Gives every message as a batch of its own, as its topic had it: what is made of it is named by
/// its position, whatever comes before and after.
pub(super) struct ReplaySource {
    letters: Letters,
    index: Index,
    pub(super) done: Done,
    stop: Arc<AtomicBool>,
    present: Rc<RefCell<Present>>,
    /// The next message.
    held: Option<(Letter, Key)>,
    /// The message that is being dealt with.
    taken: Option<(Letter, Key)>,
    /// The cluster whose messages are given out.
    cluster_id: String,
}

impl ReplaySource {
    /// Begins with the first of the letters.
    pub(super) fn new(letters: Letters, index: Index, done: Done, stop: Arc<AtomicBool>) -> Self {
        Self {
            letters,
            index,
            done,
            stop,
            present: Rc::default(),
            held: None,
            taken: None,
            cluster_id: String::new(),
        }
    }

    /// The cluster that the next messages come from; until they come from another one, they are
    /// what the source gives out. `None` when there are no more, or the stop flag was set.
    pub(super) fn next_cluster(&mut self) -> Result<Option<String>, Failure> {
        self.hold()?;
        if self.is_stopped() {
            return Ok(None);
        }
        let next = self.held.as_ref();
        let cluster_id = next.map(|(letter, _)| letter.message.cluster_id.clone());
        self.cluster_id = cluster_id.clone().unwrap_or_default();
        Ok(cluster_id)
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Messages to be brought back in all.
    pub(super) fn all(&self) -> u64 {
        self.index.messages()
    }

    /// Whether an entry is one of a message that was brought back.
    pub(super) fn took_out(&self, message: &Quarantined) -> bool {
        let key = || self.index.find(self.letters.cluster_of(message), message);
        match &self.done {
            Done::Messages(done) => key().is_some_and(|key| done.contains(&key)),
            _ => false,
        }
    }

    /// Where the messages go that fail again.
    pub(super) fn back<'a>(&self, refuge: &'a mut Refuge) -> Back<'a> {
        Back {
            refuge,
            present: Rc::clone(&self.present),
        }
    }

    /// Reads on to the next message.
    fn hold(&mut self) -> Result<(), Failure> {
        while self.held.is_none() && !self.is_stopped() {
            let Some(letter) = self.letters.next()? else {
                return Ok(());
            };
            match self.index.latest(&letter) {
                Some((key, _)) => self.held = Some((letter, key)),
                None => self.done.pass(&letter),
            }
        }
        Ok(())
    }
}

impl Source for ReplaySource {
    fn next(&mut self) -> Result<Option<Taken>, SourceError> {
        if self.is_stopped() {
            return Ok(None);
        }
        self.hold().map_err(unread)?;
        let of_cluster = |held: &mut (Letter, Key)| held.0.message.cluster_id == self.cluster_id;
        let Some((letter, key)) = self.held.take_if(of_cluster) else {
            return Ok(None);
        };
        let message = &letter.message;
        *self.present.borrow_mut() = Present {
            cluster_id: message.cluster_id.clone(),
            attempt: message.attempt,
            again: false,
        };
        let mut batch = Batch::new(message.topic.as_str());
        batch.push(&message.record());
        self.taken = Some((letter, key));
        Ok(Some(Taken {
            batch,
            intent: None,
        }))
    }

    /// There is no intent to keep: of a single message the same comes again, except for what the
    /// parser makes of its clock. What was settled is kept now and then: to bring a message back
    /// twice does no harm.
    fn intend(&mut self, _: &Intent) -> Result<(), SourceError> {
        self.done
            .save_sometimes()
            .map_err(|e| SourceError::Settle(e.to_string()))
    }

    fn settle(&mut self, _: &Offsets) {
        if let Some((letter, key)) = self.taken.take() {
            self.done.pass(&letter);
            if !self.present.borrow().again {
                self.done.take_out(key);
            }
        }
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        self.done
            .save()
            .map_err(|e| SourceError::Settle(e.to_string()))
    }
}

/// Puts what fails again back where it comes from, one attempt further.
pub(super) struct Back<'a> {
    refuge: &'a mut Refuge,
    present: Rc<RefCell<Present>>,
}

impl Quarantine for Back<'_> {
    fn quarantine(
        &mut self,
        batch: &Batch,
        rejections: &[Rejection],
        origin: &Origin,
    ) -> Result<(), QuarantineError> {
        let mut present = self.present.borrow_mut();
        self.refuge.set_provenance(Provenance {
            cluster_id: present.cluster_id.clone(),
            attempt: present.attempt.saturating_add(1),
        });
        self.refuge.quarantine(batch, rejections, origin)?;
        present.again = true;
        Ok(())
    }
}
