//! What a parser writes: the JSON text of the contract, where each artifact came from, and what
//! was rejected.

use crate::{Artifact, Batch, Container, Error, Message, Parser, members};

/// Stands in `sources` for an artifact that isn't of one message.
const NO_SOURCE: u32 = u32::MAX;

/// Where a parser puts containers and their artifacts.
///
/// Everything is written straight into the text that the host gets, in the order of the calls:
/// [`Output::container`] opens a container (and closes the one before), [`Output::artifact`]
/// adds an artifact to it.
///
/// Playbooks run once a container, after its last artifact: the SDK writes `run_automation:
/// false` on all artifacts but the last, as SOAR's own apps do. An artifact that sets
/// [`Artifact::run_automation`] itself keeps its choice.
#[derive(Debug, Default)]
pub struct Output {
    pub(crate) json: Vec<u8>,
    /// Members of the artifact being written, its CEF fields aside.
    pub(crate) members: Vec<u8>,
    pub(crate) place: Place,
    sources: Vec<u32>,
    rejections: Vec<(u32, String)>,
    /// A value that could not be written: the message, or else the batch, can't be handled.
    fault: Option<Error>,
    /// A call that makes no sense.
    bug: Option<Error>,
}

/// Where in the text the next byte goes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// Where the entry of the open container begins; `None` when none is open.
    container: Option<usize>,
    /// Artifacts of the open container.
    artifacts: usize,
    /// The last artifact lacks its end: whether `run_automation` comes before it is known only
    /// when another artifact follows or none does.
    pub(crate) unfinished: bool,
    pub(crate) skip_if_empty: bool,
}

/// A state to go back to.
pub(crate) struct Mark {
    json: usize,
    sources: usize,
    place: Place,
    /// The text of an open container that will be left out if it stays empty: the only text that
    /// is ever removed while something new is written.
    removable: Option<Vec<u8>>,
}

/// A finished output, as the contract wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) ingests: String,
    pub(crate) sources: Vec<u32>,
    pub(crate) rejections: Vec<(u32, String)>,
}

/// Runs a parser over a batch.
pub(crate) fn run<P: Parser>(batch: &Batch) -> Result<Written, Error> {
    let mut out = Output::for_batch(batch);
    P::parse(batch, &mut out)?;
    out.finish()
}

impl Output {
    /// With room for what a simple parser writes, so that the text rarely moves.
    fn for_batch(batch: &Batch) -> Self {
        const ARTIFACT: usize = 192;
        let values = batch.value_bytes();
        Self {
            json: Vec::with_capacity(values + values / 4 + batch.len() * ARTIFACT),
            members: Vec::with_capacity(1024),
            sources: Vec::with_capacity(batch.len()),
            ..Self::default()
        }
    }

    /// Opens a container. The artifacts that follow are its own, until the next one is opened.
    /// SOAR requires a name and a label; the asset's own label, where it has one, wins.
    pub fn container(&mut self, name: &str) -> Container<'_> {
        self.close_container();
        let start = self.json.len();
        self.json.push(if start == 0 { b'[' } else { b',' });
        self.place = Place {
            container: Some(start),
            ..Place::default()
        };
        Container::open(self, name)
    }

    /// Adds an artifact made from `message` to the open container.
    #[inline]
    pub fn artifact(&mut self, message: Message<'_>) -> Artifact<'_> {
        self.add(number(message))
    }

    /// Adds an artifact made from several messages or from none to the open container. The host
    /// then can't trace any artifact of this batch to the message it came from.
    pub fn artifact_of_batch(&mut self) -> Artifact<'_> {
        self.add(NO_SOURCE)
    }

    #[inline]
    fn add(&mut self, source: u32) -> Artifact<'_> {
        if self.place.container.is_none() {
            self.bug("it adds an artifact before it opens a container");
        }
        self.finish_artifact(false);
        if self.place.artifacts > 0 {
            self.json.push(b',');
        }
        self.place.artifacts += 1;
        self.sources.push(source);
        Artifact::open(self)
    }

    /// Rejects a message with a reason: it goes to the quarantine. [`Batch::each`] does it for
    /// errors, and takes back what was written for the message; this alone takes nothing back.
    pub fn reject(&mut self, message: Message<'_>, error: Error) {
        self.rejections.push((number(message), error.into_reason()));
    }

    /// Number of artifacts in the open container.
    #[must_use]
    pub fn artifacts(&self) -> usize {
        self.place.artifacts
    }

    /// Number of rejections so far.
    #[must_use]
    pub fn rejections(&self) -> usize {
        self.rejections.len()
    }

    /// Notes that a value could not be written.
    pub(crate) fn fault(&mut self, error: Error) {
        self.fault.get_or_insert(error);
    }

    pub(crate) fn take_fault(&mut self) -> Option<Error> {
        self.fault.take()
    }

    /// Notes a call that makes no sense: the batch is refused, because no message is to blame.
    #[cold]
    pub(crate) fn bug(&mut self, what: &str) {
        self.bug
            .get_or_insert_with(|| Error::new(format_args!("the parser has a bug: {what}")));
    }

    pub(crate) fn mark(&self) -> Mark {
        let removable = match self.place {
            Place {
                container: Some(start),
                artifacts: 0,
                skip_if_empty: true,
                ..
            } => Some(self.json[start..].to_vec()),
            _ => None,
        };
        Mark {
            json: self.json.len(),
            sources: self.sources.len(),
            place: self.place,
            removable,
        }
    }

    pub(crate) fn take_back(&mut self, mark: Mark) {
        match (mark.removable, mark.place.container) {
            (Some(container), Some(start)) => {
                self.json.truncate(start);
                self.json.extend_from_slice(&container);
            }
            _ => self.json.truncate(mark.json),
        }
        self.sources.truncate(mark.sources);
        self.place = mark.place;
    }

    /// Writes the end of the last artifact, now that it is known whether it is the last.
    #[inline]
    fn finish_artifact(&mut self, last: bool) {
        if !self.place.unfinished {
            return;
        }
        if !last {
            members::put_bool(&mut self.json, "run_automation", false);
        }
        self.json.push(b'}');
        self.place.unfinished = false;
    }

    fn close_container(&mut self) {
        let Some(start) = self.place.container.take() else {
            return;
        };
        if self.place.skip_if_empty && self.place.artifacts == 0 {
            self.json.truncate(start);
            return;
        }
        self.finish_artifact(true);
        self.json.extend_from_slice(b"]}");
    }

    pub(crate) fn finish(mut self) -> Result<Written, Error> {
        self.close_container();
        if !self.json.is_empty() {
            self.json.push(b']');
        }
        // A message that is rejected twice keeps the first reason.
        self.rejections.sort_by_key(|&(index, _)| index);
        self.rejections.dedup_by_key(|&mut (index, _)| index);
        let rejected = |source: &u32| {
            let by_index = |&(index, _): &(u32, String)| index.cmp(source);
            self.rejections.binary_search_by(by_index).is_ok()
        };
        if !self.rejections.is_empty()
            && let Some(&index) = self.sources.iter().find(|source| rejected(source))
        {
            self.bug(&format!(
                "it rejects message {index} of the batch and makes an artifact of it"
            ));
        }
        if let Some(error) = self.bug.or(self.fault) {
            return Err(error);
        }
        if self.sources.contains(&NO_SOURCE) {
            self.sources.clear();
        }
        Ok(Written {
            ingests: String::from_utf8(self.json)?,
            sources: self.sources,
            rejections: self.rejections,
        })
    }
}

fn number(message: Message<'_>) -> u32 {
    u32::try_from(message.index()).expect("a batch is bounded far below 2^32 messages")
}

#[cfg(test)]
mod tests;
