//! What came of a parse, to be written down and compared.

use serde::{Deserialize, Serialize};

use crate::{
    model::{Parsed, Rejection},
    ports::ParseError,
};

/// What came of a parse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Parsed(Returned),
    Failed(Failed),
}

/// What a parser returned, after validation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    /// The JSON text, to the byte.
    pub ingests: String,
    /// For each artifact the index of its record, or empty.
    pub sources: Vec<usize>,
    pub rejections: Vec<Rejected>,
}

/// A record that the parser rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejected {
    /// In the batch.
    pub index: usize,
    /// As the quarantine has it: bounded and escaped.
    pub reason: String,
}

/// Why nothing came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// `refused`, `limit`, `trap`, `invalid` or `schemas`.
    pub class: String,
    /// The asset's field, where a limit was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The error, as a poll shows it.
    pub words: String,
}

impl Outcome {
    #[must_use]
    pub fn of(result: &Result<Parsed, ParseError>) -> Self {
        match result {
            Ok(parsed) => Self::Parsed(Returned {
                ingests: parsed.text.clone(),
                sources: parsed.sources.clone(),
                rejections: parsed.rejections.iter().map(Rejected::of).collect(),
            }),
            Err(error) => Self::Failed(Failed {
                class: class(error).to_owned(),
                limit: match error {
                    ParseError::Limit { limit, .. } => Some((*limit).to_owned()),
                    _ => None,
                },
                words: error.to_string(),
            }),
        }
    }
}

impl Rejected {
    fn of(rejection: &Rejection) -> Self {
        Self {
            index: rejection.index,
            reason: rejection.reason.clone(),
        }
    }
}

fn class(error: &ParseError) -> &'static str {
    match error {
        ParseError::Refused(_) => "refused",
        ParseError::Limit { .. } => "limit",
        ParseError::Unavailable { .. } => "unavailable",
        ParseError::Script(_) => "script",
        ParseError::Broken(_) => "broken",
        ParseError::Trap(_) => "trap",
        ParseError::Invalid(_) => "invalid",
    }
}
