//! What a parser made of a batch, after validation.

use std::{collections::HashSet, ops::Range};

use serde::{Deserialize, Serialize};

/// When a poll began: the only clock that a parser sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instant {
    /// Milliseconds since the Unix epoch.
    pub unix_ms: u64,
    /// Local time is UTC plus this, in minutes east.
    pub utc_offset_minutes: i16,
}

/// A record that goes into quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Index in the batch.
    pub index: usize,
    pub kind: RejectionKind,
    /// In words, bounded and free of control characters.
    pub reason: String,
}

/// Who could not do what with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectionKind {
    /// It does not fit its schema.
    Undecodable,
    /// The parser rejected this record.
    Rejected,
    /// The parser refused any batch with it.
    Refused,
    /// The parser crashed on it.
    Trap,
    /// The parser hit a limit on it.
    Limit,
    /// What the parser made of it breaks the contract.
    Invalid,
    /// SOAR does not take what the parser made of it.
    Unwanted,
}

impl RejectionKind {
    /// A word for machines.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Undecodable => "undecodable",
            Self::Rejected => "rejected",
            Self::Refused => "refused",
            Self::Trap => "trap",
            Self::Limit => "limit",
            Self::Invalid => "invalid",
            Self::Unwanted => "unwanted",
        }
    }
}

/// The containers and artifacts of one batch: the parser's JSON text, and where in it each
/// object stands. Every span covers one JSON object; nothing is copied out of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    pub(crate) text: String,
    pub(crate) ingests: Vec<IngestSpan>,
    /// Spans of all artifacts, in order.
    pub(crate) artifacts: Vec<Range<usize>>,
    /// For each artifact the index of its record, or empty when the parser doesn't tell.
    pub(crate) sources: Vec<usize>,
    pub(crate) rejections: Vec<Rejection>,
}

/// One container and the run of artifacts that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IngestSpan {
    pub(crate) container: Range<usize>,
    pub(crate) artifacts: Range<usize>,
}

/// A container with its artifacts, as JSON objects.
#[derive(Debug, Clone, Copy)]
pub struct Ingest<'a> {
    parsed: &'a Parsed,
    span: &'a IngestSpan,
}

impl Parsed {
    #[must_use]
    pub fn ingests(&self) -> impl ExactSizeIterator<Item = Ingest<'_>> {
        self.ingests
            .iter()
            .map(|span| Ingest { parsed: self, span })
    }

    #[must_use]
    pub fn rejections(&self) -> &[Rejection] {
        &self.rejections
    }

    /// Of `records` records those that aren't rejected.
    #[must_use]
    pub fn accepted(&self, records: usize) -> Vec<usize> {
        let rejected: HashSet<usize> = self.rejections.iter().map(|r| r.index).collect();
        (0..records).filter(|i| !rejected.contains(i)).collect()
    }

    /// Number of artifacts over all containers.
    #[must_use]
    pub fn artifact_count(&self) -> usize {
        self.artifacts.len()
    }

    /// For each artifact, over all containers in order, the index of the record it came from;
    /// empty when the parser doesn't tell.
    #[must_use]
    pub fn sources(&self) -> &[usize] {
        &self.sources
    }
}

impl<'a> Ingest<'a> {
    /// The container's JSON object: the body of POST /rest/container.
    #[must_use]
    pub fn container(&self) -> &'a str {
        &self.parsed.text[self.span.container.clone()]
    }

    /// The artifacts' JSON objects: bodies of POST /rest/artifact.
    #[must_use]
    pub fn artifacts(&self) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let text = &self.parsed.text;
        self.parsed.artifacts[self.span.artifacts.clone()]
            .iter()
            .map(|span| &text[span.clone()])
    }

    /// By artifact the record that it was made of, if the parser tells and there is an artifact.
    #[must_use]
    pub fn sources(&self) -> Option<&'a [usize]> {
        let told = self.parsed.sources.get(self.span.artifacts.clone());
        told.filter(|told| !told.is_empty())
    }

    /// The records that the container was made of, ascending, as far as the parser tells: those of
    /// its artifacts, else all of the `records` of the batch that aren't rejected.
    #[must_use]
    pub fn records(&self, records: usize) -> Vec<usize> {
        match self.sources() {
            Some(told) => distinct(told),
            None => self.parsed.accepted(records),
        }
    }
}

/// Records in ascending order, each once.
#[must_use]
pub fn distinct(records: &[usize]) -> Vec<usize> {
    let mut distinct = records.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}
