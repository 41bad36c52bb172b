//! Where a state document is kept: in a file, or by whoever runs the action.

use std::{
    fmt,
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{Lock, State};
use crate::actions::Failure;

/// How messages call a document that another program keeps.
const LENT: &str = "of the asset";

#[derive(Debug, Clone)]
pub enum Home {
    File(PathBuf),
    Lent(Lent),
}

/// Has another program make a document's text durable.
pub type Save = Rc<dyn Fn(&str) -> Result<(), Failure>>;

/// A document that another program keeps. It sees to it that no two polls have it at a time.
#[derive(Clone)]
pub struct Lent {
    /// As it was handed over; `None` before a first poll.
    pub text: Option<String>,
    /// Returns once the other program has made the new document durable.
    pub save: Save,
}

impl Home {
    /// Keeps the document from other polls, where that is this program's business.
    pub(in crate::actions) fn lock(&self) -> Result<Option<Lock>, Failure> {
        match self {
            Self::File(path) => Lock::take(path).map(Some),
            Self::Lent(_) => Ok(None),
        }
    }

    /// The document; an empty one before a first poll.
    pub(in crate::actions) fn load(&self) -> Result<State, Failure> {
        match self {
            Self::File(path) => State::load(path),
            Self::Lent(Lent { text: None, .. }) => Ok(State::default()),
            Self::Lent(Lent {
                text: Some(text), ..
            }) => State::from_json(text, LENT).map_err(|failure| {
                failure.hint(
                    "nothing was changed. Correct what SOAR keeps for the asset (local_data/\
                     app_states/<app id>/<asset id>_state.json), or, to begin anew by \
                     read_from_beginning, remove it",
                )
            }),
        }
    }

    /// [`State::adopt_cluster`], with the remedy that there is for this home.
    pub(in crate::actions) fn adopt_cluster(
        &self,
        state: &mut State,
        cluster_id: &str,
    ) -> Result<(), Failure> {
        let adopted = state.adopt_cluster(cluster_id);
        match self {
            Self::File(_) => adopted,
            Self::Lent(_) => adopted.map_err(|failure| {
                failure.hint(
                    "point hosts back at the first cluster, or give this one an asset of its own",
                )
            }),
        }
    }

    /// Returns once the document is durable.
    pub(in crate::actions) fn save(&self, state: &State) -> Result<(), Failure> {
        match self {
            Self::File(path) => state.save(path),
            Self::Lent(lent) => (lent.save)(&state.to_json()),
        }
    }
}

impl From<&Path> for Home {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lent")
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}
