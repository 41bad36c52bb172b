//! The state document: where the next scheduled poll goes on.
//!
//! The original connector's form is read, `{"<topic>": {"<partition>": next_offset}, …}`, and a
//! superset of it is written that the original reads as its own, so that an asset can move here
//! and back. What this product adds stands under one key that can't name a topic:
//!
//! ```json
//! {
//!   "fw": {"0": 42},
//!   "app_version": "2.0.7",
//!   "kafka-soar/state": {
//!     "version": 2,
//!     "cluster_id": "x",
//!     "intents": {"fw": {"topic": "fw", "ranges": {"0": [42, 90]}, "messages": 48, …}},
//!     "replayed": {"fw-dead-letters": {"0": 7}},
//!     "checksum": "sha256:…"
//!   }
//! }
//! ```
//!
//! `intents` are batches that were begun and not settled (docs/delivery.md); `replayed` are the
//! next offsets of dead-letter topics, before which all was brought back. The checksum is over
//! the objects in the document without it, as compact JSON with sorted keys, so that whoever keeps
//! the document may write it as they like, and put a version beside them; version 1 had neither.
//!
//! Whatever else is in the document is kept as it was found. A document that can't be understood
//! is an error and is never overwritten: the offsets in it may be all that stands between a
//! person and a gap or a flood.

mod checksum;
mod file;
mod home;
mod lock;
mod offsets;
mod ours;

use std::{collections::BTreeMap, fs, io, path::Path};

use serde_json::{Map, Value, json};

pub use home::{Home, Lent, Save};
pub use lock::Lock;

use self::{file::previous, ours::Ours};
use super::{Class, Failure};
use crate::{
    config::{
        Pattern, Topic,
        json::{self, ObjectError, type_name},
    },
    model::{Intent, Offsets, text::shorten},
};

/// Our key. The slash keeps it out of the names that a topic can have.
const OURS: &str = "kafka-soar/state";
const VERSION: u64 = 2;
const PATTERN: &str = "pattern";
const IDS: &str = "topic_ids";
const INTENTS: &str = "intents";
const REPLAYED: &str = "replayed";
const CHECKSUM: &str = "checksum";
/// The mode of a new state file: offsets and topic names are nobody else's business.
const MODE: u32 = 0o600;

/// Next offsets by topic, and the cluster they belong to.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Everything that was found, in its order.
    document: Map<String, Value>,
    topics: BTreeMap<String, Offsets>,
    cluster_id: Option<String>,
    /// The pattern of the last poll by one: topics that match it and aren't here are new since.
    pattern: Option<String>,
    /// The topics' ids when they were last polled.
    ids: BTreeMap<String, String>,
    /// By topic: the batch that was begun and not settled.
    intents: BTreeMap<String, Intent>,
    /// By dead-letter topic: what comes after the messages that were brought back.
    replayed: BTreeMap<String, Offsets>,
    /// How messages call the document.
    name: String,
}

impl State {
    /// Reads a state file. One that doesn't exist is an empty state: a first poll.
    ///
    /// # Errors
    ///
    /// When it can't be read or understood; names the file, the key, the value and what to do.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        match fs::read(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Self::from_json(&text, &name),
                Err(e) => {
                    let at = e.utf8_error().valid_up_to();
                    Err(faulty(&name, &format!("it is not UTF-8: byte {at}")))
                }
            },
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let previous = previous(path);
                if previous.exists() {
                    return Err(gone(&name, &previous));
                }
                Ok(Self {
                    name,
                    ..Self::default()
                })
            }
            Err(e) => Err(Failure::new(
                Class::Config,
                format!("the state file {name} can't be read: {e}"),
            )
            .hint("let the user that runs kafka-soar read it, or name another with --state")),
        }
    }

    /// Reads the text of a state document. `name` is how messages call it.
    ///
    /// # Errors
    ///
    /// As [`State::load`].
    pub fn from_json(text: &str, name: &str) -> Result<Self, Failure> {
        let faulty = |problem: String| faulty(name, &problem);
        let document = json::object(text).map_err(|e| {
            faulty(match e {
                _ if text.trim().is_empty() => "it is empty".into(),
                ObjectError::Syntax(what) => format!("it is not valid JSON: {what}"),
                ObjectError::Type(found) => format!("expected a JSON object, found {found}"),
                ObjectError::Repeated(keys) => format!(
                    "a key is there more than once: {}",
                    shorten(&keys.join(", "), 200)
                ),
            })
        })?;
        let Ours {
            cluster_id,
            pattern,
            ids,
            intents,
            replayed,
        } = match document.get(OURS) {
            None => Ours::default(),
            Some(ours) => {
                checksum::check(&document, ours).map_err(faulty)?;
                Ours::parse(ours).map_err(faulty)?
            }
        };
        let mut topics = BTreeMap::new();
        for (key, value) in &document {
            // The original keeps nothing but offsets in objects. What isn't an object
            // (`app_version`) or can't name a topic is someone else's and kept.
            if let (Ok(_), Value::Object(partitions)) = (key.parse::<Topic>(), value) {
                let offsets = offsets::parse(partitions)
                    .map_err(|problem| faulty(format!("key \"{key}\", {problem}")))?;
                topics.insert(key.clone(), offsets);
            }
        }
        Ok(Self {
            document,
            topics,
            cluster_id,
            pattern,
            ids,
            intents,
            replayed,
            name: name.to_owned(),
        })
    }

    /// The cluster that the offsets belong to; `None` in a document that the original wrote.
    #[must_use]
    pub fn cluster_id(&self) -> Option<&str> {
        self.cluster_id.as_deref()
    }

    /// Makes sure that the offsets belong to the cluster. A state without a cluster id (a first
    /// poll, or one from the original) takes this one; it is kept with the next save.
    ///
    /// # Errors
    ///
    /// When they belong to another one: names both and the way out.
    pub fn adopt_cluster(&mut self, cluster_id: &str) -> Result<(), Failure> {
        match &self.cluster_id {
            Some(saved) if saved != cluster_id => Err(Failure::new(
                Class::Config,
                format!(
                    "the offsets in the state file {} belong to the Kafka cluster \"{}\", but \
                     the asset's hosts lead to the cluster \"{}\"",
                    self.name,
                    shorten(saved, 60),
                    shorten(cluster_id, 60)
                ),
            )
            .hint(
                "point hosts back at the first cluster, or give this one a state of its own: \
                 another --state, or move the file away to begin anew by read_from_beginning",
            )),
            Some(_) => Ok(()),
            None => {
                self.cluster_id = Some(cluster_id.to_owned());
                Ok(())
            }
        }
    }

    /// Whether topics were polled by this pattern before.
    #[must_use]
    pub fn knows_pattern(&self, pattern: &Pattern) -> bool {
        self.pattern.as_deref() == Some(pattern.as_str())
    }

    /// Notes that topics are polled by this pattern, or by none.
    pub fn note_pattern(&mut self, pattern: Option<&Pattern>) {
        self.pattern = pattern.map(|pattern| pattern.as_str().to_owned());
    }

    /// The topic's id at its last poll.
    #[must_use]
    pub fn topic_id(&self, topic: &Topic) -> Option<&str> {
        self.ids.get(topic.as_str()).map(String::as_str)
    }

    /// Notes the topic's id.
    pub fn note_topic_id(&mut self, topic: &Topic, id: &str) {
        self.ids.insert(topic.as_str().to_owned(), id.to_owned());
    }

    /// The next offset of each partition of the topic; `None` before its first poll.
    ///
    /// # Errors
    ///
    /// When something else than offsets stands under the topic's name.
    pub fn offsets(&self, topic: &Topic) -> Result<Option<&Offsets>, Failure> {
        let key = topic.as_str();
        match self.document.get(key) {
            Some(other) if !other.is_object() => Err(faulty(
                &self.name,
                &format!(
                    "key \"{key}\": expected an object of partitions and offsets, found {}",
                    type_name(other)
                ),
            )),
            _ => Ok(self.topics.get(key)),
        }
    }

    /// Notes where a poll of the topic begins. Partitions that aren't named are forgotten: should
    /// the topic ever have them again, they will be others, of which nothing has been read.
    /// Nothing is durable before [`State::save`].
    pub fn begin(&mut self, topic: &Topic, from: &Offsets) {
        self.topics.insert(topic.as_str().to_owned(), from.clone());
    }

    /// Notes the next offsets of the topic, which settle its intent. Partitions that aren't named
    /// keep what they had. Nothing is durable before [`State::save`].
    pub fn advance(&mut self, topic: &Topic, next: &Offsets) {
        let offsets = self.topics.entry(topic.as_str().to_owned()).or_default();
        offsets.extend(next);
        self.intents.remove(topic.as_str());
    }

    /// Notes what is about to be made of a batch. Nothing is durable before [`State::save`].
    pub fn intend(&mut self, intent: &Intent) {
        self.intents.insert(intent.topic.clone(), intent.clone());
    }

    /// The batch of the topic that was begun and not settled.
    #[must_use]
    pub fn intent(&self, topic: &Topic) -> Option<&Intent> {
        self.intents.get(topic.as_str())
    }

    /// Forgets the batch of the topic that was begun: its records are not to be had any more.
    pub fn drop_intent(&mut self, topic: &Topic) {
        self.intents.remove(topic.as_str());
    }

    /// The next offsets of a dead-letter topic, before which all was brought back.
    #[must_use]
    pub fn replayed(&self, topic: &Topic) -> Option<&Offsets> {
        self.replayed.get(topic.as_str())
    }

    /// Notes up to where a dead-letter topic was brought back. Partitions that aren't named are
    /// forgotten, as in [`State::begin`]. Nothing is durable before [`State::save`].
    pub fn note_replayed(&mut self, topic: &Topic, next: &Offsets) {
        self.replayed
            .insert(topic.as_str().to_owned(), next.clone());
    }

    /// The document's text.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut document = self.document.clone();
        for (topic, offsets) in &self.topics {
            document.insert(topic.clone(), offsets::to_value(offsets));
        }
        if let Some(id) = &self.cluster_id {
            let mut ours = match document.get(OURS) {
                Some(Value::Object(ours)) => ours.clone(),
                _ => Map::new(),
            };
            ours.insert("version".to_owned(), VERSION.into());
            ours.insert("cluster_id".to_owned(), id.as_str().into());
            let mut put = |key: &str, value: Option<Value>| match value {
                Some(value) => drop(ours.insert(key.to_owned(), value)),
                None => drop(ours.shift_remove(key)),
            };
            put(IDS, (!self.ids.is_empty()).then(|| json!(self.ids)));
            put(PATTERN, self.pattern.as_deref().map(Value::from));
            let intents = (!self.intents.is_empty()).then(|| json!(self.intents));
            put(INTENTS, intents);
            let replayed = self.replayed.iter();
            let replayed: Map<_, _> = replayed
                .map(|(topic, next)| (topic.clone(), offsets::to_value(next)))
                .collect();
            put(REPLAYED, (!replayed.is_empty()).then(|| replayed.into()));
            put(CHECKSUM, None);
            document.insert(OURS.to_owned(), ours.into());
            let checksum = checksum::of(&document);
            document[OURS][CHECKSUM] = checksum.into();
        }
        format!("{:#}\n", Value::Object(document))
    }

    /// Replaces the file as one step that survives a crash: whoever reads it finds the old
    /// document or the new one, whole. The old one stays beside it as `<file>.previous`.
    ///
    /// # Errors
    ///
    /// When it can't be written; the old file is then still there.
    pub fn save(&self, path: &Path) -> Result<(), Failure> {
        file::replace(path, self.to_json().as_bytes()).map_err(|e| {
            Failure::new(
                Class::Output,
                format!("the state file {} can't be written: {e}", path.display()),
            )
            .hint("its folder must be there and writable, and the disk not full")
        })
    }
}

fn faulty(name: &str, problem: &str) -> Failure {
    Failure::new(
        Class::Config,
        format!("the state file {name} can't be used: {problem}"),
    )
    .hint(format!(
        "nothing was changed. Correct the file, or copy {name}.previous to it, which is the state \
         one batch earlier; to begin anew by read_from_beginning, move both away"
    ))
}

/// Nobody but a person takes the file away and leaves the previous one.
fn gone(name: &str, previous: &Path) -> Failure {
    let previous = previous.display();
    Failure::new(
        Class::Config,
        format!("the state file {name} is missing, but {previous} is there"),
    )
    .hint(format!(
        "restore the file, or copy {previous} to it, which is the state one batch earlier; to \
         begin anew by read_from_beginning, move {previous} away too"
    ))
}

#[cfg(test)]
mod tests;
