//! Keeps each parse.

use jiff::Timestamp;
use serde::Serialize;

use super::Options;
use crate::{
    actions::{Class, Failure, parsers::Parsers},
    config::{Config, ParserLimits, ParserSource, Policy},
    emit::recording::{FolderError, Identity, Outcome, Recording, RecordingFolder},
    model::{Batch, Origin, Parsed},
    ports::{Parse, ParseError},
    sandbox::{DEFAULT_PARSER, inspect},
};

/// What became of the recordings of a poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    pub kept: u64,
    /// Older ones that were removed to make room.
    pub removed: u64,
    /// Parses that could not be recorded.
    pub lost: u64,
}

/// A folder that is recorded into.
///
/// It must be fit for it before a poll begins. From then on recording is of lesser weight than
/// what is recorded: one that can't be kept is told of once and counted, and changes nothing.
pub(in crate::actions) struct Tape {
    folder: RecordingFolder,
    settings: String,
    limits: ParserLimits,
    /// Version of the contract that the asset's parser was made for.
    contract: Option<String>,
    tally: Tally,
}

impl Tape {
    /// Opens the folder, if one is asked for.
    ///
    /// # Errors
    ///
    /// When it can't be used: whoever asks for recordings is to know at once.
    pub(in crate::actions) fn open(
        options: Option<&Options>,
        config: &Config,
    ) -> Result<Option<Self>, Failure> {
        let Some(options) = options else {
            return Ok(None);
        };
        let folder = RecordingFolder::open(&options.folder, options.limit);
        let folder = folder.map_err(|error| not_opened(&error))?;
        // Loading the parser says what is wrong with it.
        let contract = match &config.parser {
            ParserSource::Default => contract(DEFAULT_PARSER),
            ParserSource::Component { bytes, .. } => contract(bytes),
            ParserSource::Script { .. } => None,
        };
        Ok(Some(Self {
            folder,
            settings: config.parser_settings.clone(),
            limits: config.limits.clone(),
            contract,
            tally: Tally::default(),
        }))
    }

    /// `parsers`, with each parse recorded.
    pub(in crate::actions) fn recorder<'a>(&'a mut self, parsers: &'a mut Parsers) -> Recorder<'a> {
        Recorder {
            tape: self,
            parsers,
        }
    }

    pub(in crate::actions) fn tally(&self) -> Tally {
        self.tally
    }

    fn keep(&mut self, recording: &Recording) {
        match self.folder.keep(&recording.to_text()) {
            Ok(removed) => {
                self.tally.kept += 1;
                self.tally.removed += removed;
            }
            Err(error) => {
                if self.tally.lost == 0 {
                    tracing::warn!(
                        "a parse could not be recorded: {error}; the poll goes on, and the \
                         summary tells how many were not"
                    );
                }
                self.tally.lost += 1;
            }
        }
    }
}

fn contract(component: &[u8]) -> Option<String> {
    inspect(component, None, &Policy::default()).contract_version
}

fn not_opened(error: &FolderError) -> Failure {
    let hint = match error {
        FolderError::Io { .. } => "name a folder with --record that can be made and written",
        FolderError::NotPrivate { .. } => "close the folder to others, or name a new one",
        FolderError::Busy { .. } => "each process records into a folder of its own",
    };
    Failure::new(
        Class::Output,
        format!("the recordings' folder can't be used: {error}"),
    )
    .hint(hint)
}

/// A parser whose parses are recorded: each part of a batch that is cut, and failures too.
pub(in crate::actions) struct Recorder<'a> {
    tape: &'a mut Tape,
    parsers: &'a mut Parsers,
}

impl Parse for Recorder<'_> {
    fn digest(&self) -> &str {
        self.parsers.digest()
    }

    fn parse(&mut self, batch: &Batch, origin: &Origin) -> Result<Parsed, ParseError> {
        let result = self.parsers.parse(batch, origin);
        let (name, digest) = self.parsers.used(&origin.parser);
        let contract = self.tape.contract.clone();
        let recording = Recording {
            recorded_at: Timestamp::now().to_string(),
            parser: Identity {
                name: name.to_owned(),
                digest: digest.to_owned(),
                contract: contract.filter(|_| digest == self.parsers.digest()),
            },
            settings: self.tape.settings.clone(),
            limits: self.tape.limits.clone(),
            started: origin.started,
            batch: batch.clone(),
            outcome: Outcome::of(&result),
        };
        self.tape.keep(&recording);
        result
    }
}
