//! The parser that a command is about, and its settings.

use crate::{actions::Failure, cli::input, config::ParserLimits, toolchain::Subject as Parser};

/// A parser, with what it runs with.
#[derive(Debug, clap::Args)]
pub(super) struct Subject {
    /// The parser: a component or a Python script, or "default" for the one that kafka-soar has
    pub(super) parser: String,
    /// What the parser gets as its settings: a JSON object, or @FILE with one
    #[arg(long, value_name = "JSON")]
    pub(super) settings: Option<String>,
}

impl Subject {
    /// With an asset's limits, and its settings unless others are given.
    pub(super) fn of_asset(&self, settings: &str, limits: ParserLimits) -> Result<Parser, Failure> {
        Ok(Parser {
            parser: self.parser.clone(),
            settings: self.settings()?.unwrap_or_else(|| settings.to_owned()),
            limits: Some(limits),
            source: None,
        })
    }

    /// With the limits of an asset that sets none.
    pub(super) fn alone(&self) -> Result<Parser, Failure> {
        Ok(Parser {
            parser: self.parser.clone(),
            settings: self.settings()?.unwrap_or_else(|| "{}".to_owned()),
            limits: None,
            source: None,
        })
    }

    pub(super) fn settings(&self) -> Result<Option<String>, Failure> {
        let settings = self.settings.as_deref();
        settings
            .map(|text| input::value(text, "the settings"))
            .transpose()
    }
}
