//! `parser check`: would this host run the file, and what could it reach?

use std::path::Path;

use serde::Serialize;

use super::{Class, Failure, parsers::Parsers};
use crate::{
    config::{ParserLimits, ParserSource, read_component},
    sandbox::{Inspection, inspect},
};

/// What a parser is and may do.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(flatten)]
    inspection: Inspection,
    /// Whether it imports nothing, and so can do nothing but compute.
    pure: bool,
    /// Milliseconds from the file's bytes to a parser that is ready: compiling, or loading from
    /// the cache.
    load_ms: u64,
}

impl Report {
    /// The report for a person: names and values.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, String)> {
        let found = &self.inspection;
        let list = |names: &[String]| {
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join("\n")
            }
        };
        let reach = if self.pure {
            "nothing: it is pure"
        } else if found.imports.iter().any(|name| name.starts_with("wasi:")) {
            "what it imports; WASI is linked, but empty (no file, no network, no environment)"
        } else {
            "what it imports, and nothing else"
        };
        [
            ("verdict", "this host runs it".to_owned()),
            ("digest", format!("sha256:{}", found.digest)),
            ("size", format!("{} bytes", found.size)),
            (
                "contract",
                format!("kafka-soar:parser@{}", found.contract_version),
            ),
            ("imports", list(&found.imports)),
            ("exports", list(&found.exports)),
            ("can reach", reach.to_owned()),
            ("loaded in", format!("{} ms", self.load_ms)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// Admits, compiles and links the component as a poll would. Nothing of it runs.
///
/// # Errors
///
/// A configuration failure when the file can't be read, a parser failure when the sandbox
/// refuses it: the message names the rule.
pub fn run(path: &Path) -> Result<Report, Failure> {
    let bytes = read_component(path).map_err(|fault| {
        Failure::new(Class::Parser, fault.problem.clone()).hint(fault.remedy.clone())
    })?;
    let begun = std::time::Instant::now();
    let source = ParserSource::Component {
        name: path.display().to_string(),
        bytes: bytes.clone(),
    };
    Parsers::load_source(&source, &ParserLimits::default(), "{}")?;
    let load_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let inspection = inspect(&bytes)
        .map_err(|refusal| Failure::new(Class::Parser, format!("{}: {refusal}", path.display())))?;
    Ok(Report {
        pure: inspection.pure(),
        inspection,
        load_ms,
    })
}
