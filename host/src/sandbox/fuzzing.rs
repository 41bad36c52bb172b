//! Where fuzzing (`fuzz/`) and its findings (`tests/all/corpus.rs`) reach what has no name outside.

use super::{outline, wire::Returned};
use crate::{config::ParserLimits, model::Parsed, ports::ParseError};

/// Validates what a guest returned for a batch of `records`. Rejections are an index and a reason.
///
/// # Errors
///
/// What a parse would end with.
pub fn validate(
    ingests: String,
    sources: Vec<u32>,
    rejections: Vec<(u32, String)>,
    records: usize,
    limits: &ParserLimits,
) -> Result<Parsed, ParseError> {
    let returned = Returned {
        ingests,
        sources,
        rejections,
    };
    outline::validate(returned, records, limits)
}
