//! Reading a quarantine, entry by entry, again and again.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use super::topic::{Reach, TopicReader};
use crate::{
    actions::{Class, Failure, delivery::Place, state::State},
    config::Config,
    emit::QuarantineLines,
    model::{Position, Quarantined},
};

/// An entry of a quarantine.
#[derive(Debug)]
pub(super) struct Letter {
    /// Partition and offset in a dead-letter topic; in a file 0 and the line's number.
    pub(super) place: Position,
    pub(super) message: Quarantined,
}

/// The entries, in the order in which they are read.
pub(super) struct Letters {
    reader: Reader,
    /// Of messages that don't tell: Kafka Connect's letters do not.
    pub(super) cluster_id: Option<String>,
}

enum Reader {
    /// The file or the topic is not there.
    Nothing,
    File {
        path: PathBuf,
        lines: QuarantineLines,
    },
    Topic(Box<TopicReader>),
}

impl Letters {
    /// Opens what is in the place now. Of a dead-letter topic that is as far as `reach` says.
    pub(super) fn open(
        place: &Place,
        config: &Config,
        state: Option<&State>,
        reach: Reach,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, Failure> {
        let mut cluster_id = state.and_then(State::cluster_id).map(str::to_owned);
        let reader = match place {
            Place::File(path) => file(path)?,
            Place::Topic(topic) => {
                let found = TopicReader::open(topic, config, state, reach, stop)?;
                found.map_or(Reader::Nothing, |reader| {
                    cluster_id = Some(reader.cluster_id().to_owned());
                    Reader::Topic(Box::new(reader))
                })
            }
        };
        Ok(Self { reader, cluster_id })
    }

    /// Whether there is a file or topic at all.
    pub(super) fn are_there(&self) -> bool {
        !matches!(self.reader, Reader::Nothing)
    }

    pub(super) fn topic(&self) -> Option<&TopicReader> {
        match &self.reader {
            Reader::Topic(reader) => Some(reader),
            _ => None,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Letter>, Failure> {
        let next = match &mut self.reader {
            Reader::Nothing => None,
            Reader::File { path, lines } => {
                let message = lines.next_line().map_err(|e| unread(path, &e))?;
                message.map(|message| Letter {
                    place: Position {
                        partition: 0,
                        offset: lines.number(),
                    },
                    message,
                })
            }
            Reader::Topic(reader) => reader.next()?,
        };
        Ok(next.map(|mut letter| {
            letter.message.cluster_id = self.cluster_of(&letter.message).to_owned();
            letter
        }))
    }

    /// The cluster that a message comes from; empty if nobody knows.
    pub(super) fn cluster_of<'a>(&'a self, message: &'a Quarantined) -> &'a str {
        match &self.cluster_id {
            Some(known) if message.cluster_id.is_empty() => known,
            _ => &message.cluster_id,
        }
    }

    /// Goes back to the first entry.
    pub(super) fn rewind(&mut self) -> Result<(), Failure> {
        match &mut self.reader {
            Reader::Nothing => Ok(()),
            Reader::File { path, lines } => lines.rewind().map_err(|e| unread(path, &e)),
            Reader::Topic(reader) => reader.rewind(),
        }
    }
}

fn file(path: &Path) -> Result<Reader, Failure> {
    match QuarantineLines::open(path) {
        Ok(lines) => Ok(Reader::File {
            path: path.to_owned(),
            lines,
        }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Reader::Nothing),
        Err(e) => Err(unread(path, &e)),
    }
}

fn unread(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        Class::Config,
        format!("the quarantine {} can't be read: {error}", path.display()),
    )
    .hint(
        "let the user that runs kafka-soar read the file. A line that is no message can be \
         corrected or taken out with an editor; nothing was changed",
    )
}
