//! The parser that a person names, and what it runs with.

use std::path::Path;

use crate::{
    actions::{Class, Failure, parsers::Parsers},
    config::{
        ParserLimits, ParserSource, Policy,
        json::{ObjectError, object},
        read_parser,
    },
    model::text::shorten,
};

/// What the default parser is called on the command line. A file of that name is `./default`.
pub(super) const DEFAULT: &str = "default";

/// Characters of a path in messages.
const SHOWN: usize = 300;

/// A parser with its settings and limits.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The path of a component or a script, or [`DEFAULT`].
    pub parser: String,
    /// JSON text of an object, as an asset's `parser_settings`.
    pub settings: String,
    /// `None` for those of an asset that sets none.
    pub limits: Option<ParserLimits>,
    /// The parser, when [`Subject::read`] has read it.
    pub source: Option<ParserSource>,
}

impl Subject {
    /// Reads the parser's file at once, for whoever is about to give up reading files.
    ///
    /// # Errors
    ///
    /// A parser failure when it can't be read, or is something else.
    pub fn read(mut self) -> Result<Self, Failure> {
        self.source = Some(source(&self.parser)?);
        Ok(self)
    }

    /// Admits the parser and compiles it, as a poll would.
    ///
    /// # Errors
    ///
    /// A configuration failure when the settings are no JSON object, a parser failure when the file
    /// isn't a parser that this host runs.
    pub(super) fn load(&self, policy: &Policy) -> Result<Parsers, Failure> {
        check_settings(&self.settings)?;
        let limits = match &self.limits {
            Some(limits) => policy.tighten(limits),
            None => policy.default_limits(),
        };
        let read;
        let source = if let Some(source) = &self.source {
            source
        } else {
            read = source(&self.parser)?;
            &read
        };
        Parsers::load_source(source, policy, &limits, &self.settings)
    }
}

/// The parser that a person names.
///
/// # Errors
///
/// A parser failure that names the file, what it is instead of a parser, and what to do.
pub(super) fn source(named: &str) -> Result<ParserSource, Failure> {
    if named == DEFAULT {
        return Ok(ParserSource::Default);
    }
    read_parser(Path::new(named), None)
        .map_err(|fault| Failure::new(Class::Parser, fault.problem).hint(fault.remedy))
}

/// Whether a text may be an asset's `parser_settings`.
pub(super) fn check_settings(settings: &str) -> Result<(), Failure> {
    let problem = match object(settings) {
        Ok(_) => return Ok(()),
        Err(ObjectError::Syntax(why)) => format!("are not JSON: {why}"),
        Err(ObjectError::Type(found)) => format!("are {found}, not an object"),
        Err(ObjectError::Repeated(names)) => {
            format!("have a member more than once: {}", names.join(", "))
        }
    };
    let problem = format!("the settings {}", shorten(&problem, SHOWN));
    Err(Failure::new(Class::Config, problem)
        .hint("give a JSON object, such as {\"note\": \"a text\"}, or @FILE with one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_an_object() {
        assert_eq!(check_settings("{\"a\": 1}"), Ok(()));
        for (settings, words) in [
            ("[]", "the settings are a list, not an object"),
            ("{", "the settings are not JSON: EOF"),
            (
                "{\"a\": 1, \"a\": 2}",
                "the settings have a member more than once: a",
            ),
        ] {
            let failure = check_settings(settings).unwrap_err();
            assert!(failure.message.starts_with(words), "{failure}");
            assert_eq!(failure.class, Class::Config);
        }
    }

    #[test]
    fn a_parser_is_a_path_or_the_default_one() {
        assert_eq!(source("default"), Ok(ParserSource::Default));
        let failure = source("./default").unwrap_err();
        assert_eq!(failure.message, "./default: no such file");
    }
}
