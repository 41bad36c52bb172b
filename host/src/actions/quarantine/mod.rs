//! Messages that can't be handled: looking at them, and bringing them back.
//!
//! They are in the asset's dead-letter topic, or in a file without one. A message may be there
//! several times, after a crash between its quarantine and its settlement or when it was brought
//! back in vain; its latest entry stands for it.

mod address;
mod done;
mod index;
mod letters;
mod replay;
mod source;
mod topic;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use serde::Serialize;

pub use address::{Address, AddressError};
pub use replay::{Replay, replay};

use self::{index::Age, index::Index, letters::Letters, topic::Reach};
use super::{Class, Failure, delivery::Place, state::State};
use crate::{config::Config, model::Quarantined};

/// Where a quarantine is.
#[derive(Debug, Clone)]
pub struct Where {
    /// The asset's state: which messages of a dead-letter topic were brought back.
    pub state: Option<PathBuf>,
    /// The file, if the asset names no dead-letter topic.
    pub file: PathBuf,
}

impl Where {
    fn load(&self) -> Result<Option<State>, Failure> {
        self.state.as_deref().map(State::load).transpose()
    }
}

/// A message in quarantine.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// As it came into quarantine the last time.
    #[serde(flatten)]
    pub message: Quarantined,
    /// How often it is there.
    pub count: u32,
}

/// Which messages are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those that were read from this topic.
    pub topic: Option<String>,
    /// Those that are there for this reason, see [`RejectionKind`](crate::model::RejectionKind).
    pub kind: Option<String>,
    /// Also those of a dead-letter topic that were brought back.
    pub replayed: bool,
}

impl Filter {
    fn takes(&self, message: &Quarantined) -> bool {
        self.topic.as_ref().is_none_or(|t| *t == message.topic)
            && self.kind.as_ref().is_none_or(|k| *k == message.kind)
    }
}

/// What a quarantine holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// The dead-letter topic or the file.
    pub place: String,
    /// Whether that is there at all.
    pub exists: bool,
    pub messages: u64,
    /// Lines or records: a message may have several.
    pub entries: u64,
    /// Messages that the filter took, by their kind.
    pub listed: BTreeMap<String, u64>,
}

/// Lists messages, in the order of their latest entries. `row` also gets the number of characters
/// of the longest position, and says whether it wants more. The messages are read twice and not
/// held.
///
/// # Errors
///
/// When the quarantine can't be read, or something in it is not understood.
pub fn list(
    config: &Config,
    place: &Where,
    filter: &Filter,
    row: &mut dyn FnMut(&Entry, usize) -> bool,
) -> Result<Totals, Failure> {
    let state = place.load()?;
    let place = Place::of(config, &place.file);
    let reach = if filter.replayed {
        Reach::All
    } else {
        Reach::Left
    };
    let mut letters = Letters::open(&place, config, state.as_ref(), reach, Arc::default())?;
    let index = look_around(&mut letters, |_| true)?;
    let mut totals = Totals {
        place: place.to_string(),
        exists: letters.are_there(),
        messages: index.messages(),
        entries: index.entries(),
        listed: BTreeMap::new(),
    };
    if index.messages() == 0 {
        return Ok(totals);
    }
    letters.rewind()?;
    while let Some(letter) = letters.next()? {
        let Some((_, count)) = index.latest(&letter) else {
            continue;
        };
        if !filter.takes(&letter.message) {
            continue;
        }
        let message = letter.message;
        *totals.listed.entry(message.kind.clone()).or_default() += 1;
        if !row(&Entry { message, count }, index.width()) {
            break;
        }
    }
    Ok(totals)
}

/// Reads all entries, and takes note of those that are `meant`.
fn look_around(
    letters: &mut Letters,
    meant: impl Fn(&Quarantined) -> bool,
) -> Result<Index, Failure> {
    let mut index = Index::default();
    let mut all = 0;
    while let Some(letter) = letters.next()? {
        all += 1;
        if meant(&letter.message) {
            index.add(&letter);
        }
    }
    if let Some(topic) = letters.topic() {
        topic.judge(all)?;
    }
    Ok(index)
}

/// The message at a position; several if different clusters have one there.
///
/// # Errors
///
/// As [`list`], and when there is none.
pub fn show(config: &Config, place: &Where, address: &Address) -> Result<Vec<Entry>, Failure> {
    let state = place.load()?;
    let place = Place::of(config, &place.file);
    let (state, stop) = (state.as_ref(), Arc::<AtomicBool>::default());
    let mut letters = Letters::open(&place, config, state, Reach::All, stop)?;
    let mut found: BTreeMap<String, (Age, Entry)> = BTreeMap::new();
    while let Some(letter) = letters.next()? {
        if !address.is_of(&letter.message) {
            continue;
        }
        let age = Age::of(&letter);
        let message = letter.message;
        let cluster = message.cluster_id.clone();
        let count = found.get(&cluster).map_or(1, |(_, entry)| entry.count + 1);
        let latest = match found.remove(&cluster) {
            Some((later, entry)) if later > age => (later, Entry { count, ..entry }),
            _ => (age, Entry { message, count }),
        };
        found.insert(cluster, latest);
    }
    if found.is_empty() {
        return Err(absent(&[address], &place));
    }
    Ok(found.into_values().map(|(_, entry)| entry).collect())
}

fn absent(addresses: &[&Address], place: &Place) -> Failure {
    let names: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let verb = if names.len() == 1 { "is" } else { "are" };
    Failure::new(
        Class::Config,
        format!("{} {verb} not in {place}", names.join(", ")),
    )
    .hint("kafka-soar quarantine list shows what is there")
}
