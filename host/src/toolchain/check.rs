//! `parser check`: may this host run the parser, does it run, and with these settings?

use std::time::Instant as Clock;

use serde::Serialize;
use serde_json::Value;

use super::{
    Messages, Subject,
    subject::{check_settings, source},
};
use crate::{
    actions::{
        Class, Failure,
        parsers::{Parsers, now},
        settings_schema::SettingsSchema,
    },
    config::{BatchLimits, ParserSource, Policy},
    model::{Batch, Header, NO_TIMESTAMP, Origin, Position, Record},
    ports::{Parse as _, ParseError},
    sandbox::{DEFAULT_PARSER, Inspection, inspect, inspect_script},
};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub ok: bool,
    /// What was found, or the cause.
    pub detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// All of it. What could not be looked at because of an earlier check that failed isn't there.
#[derive(Debug, Serialize)]
pub struct Report {
    pub parser: String,
    /// SHA-256 in hexadecimal digits, once it is admitted.
    pub digest: Option<String>,
    pub checks: Vec<Check>,
    /// The JSON Schema that the parser carries for its settings.
    pub settings_schema: Option<Value>,
    pub passed: bool,
}

impl Report {
    fn of(subject: &Subject) -> Self {
        Self {
            parser: subject.parser.clone(),
            digest: None,
            checks: Vec::new(),
            settings_schema: None,
            passed: false,
        }
    }

    fn end(mut self) -> Self {
        self.passed = self.checks.iter().all(|check| check.ok);
        self
    }

    fn ok(&mut self, name: &'static str, detail: impl Into<String>) {
        self.checks.push(Check {
            name,
            ok: true,
            detail: detail.into(),
            remedy: None,
        });
    }

    fn failed(&mut self, name: &'static str, failure: Failure) {
        self.checks.push(Check {
            name,
            ok: false,
            detail: failure.message,
            remedy: failure.hint,
        });
    }
}

/// Admits a parser, compiles it, holds the settings against its schema and runs it twice: on
/// `messages`, or on made-up ones that have every shape of a message.
///
/// # Errors
///
/// A configuration failure when the settings are no JSON object or the messages can't be read, a
/// parser failure when there is no such file. What is wrong with the parser is in the report.
pub fn run(
    subject: &Subject,
    messages: Option<Messages<'_>>,
    policy: &Policy,
) -> Result<Report, Failure> {
    check_settings(&subject.settings)?;
    let (batch, hint) = match messages {
        None => (
            made_up(),
            "if it is for other messages than the made-up ones, give it such with --input",
        ),
        Some(mut messages) => (
            messages
                .next_batch(BatchLimits::default().max_messages)?
                .ok_or_else(|| Failure::new(Class::Config, "the input holds no message"))?,
            "see its log with kafka-soar parser run --verbose",
        ),
    };
    let mut report = Report::of(subject);
    if let Some((mut parsers, source)) = admit(&mut report, subject, policy)? {
        settings(&mut report, &source, &subject.settings);
        // Scripts keep state: only another one begins as this one did.
        let mut again = || subject.load(policy);
        runs(&mut report, &mut parsers, &mut again, &batch, hint)?;
    }
    Ok(report.end())
}

/// Admits a parser and compiles it, and no more: whether this host may run it.
///
/// # Errors
///
/// As [`run`].
pub fn admission(subject: &Subject, policy: &Policy) -> Result<Report, Failure> {
    let mut report = Report::of(subject);
    admit(&mut report, subject, policy)?;
    Ok(report.end())
}

/// The parser, if this host may run it.
fn admit(
    report: &mut Report,
    subject: &Subject,
    policy: &Policy,
) -> Result<Option<(Parsers, ParserSource)>, Failure> {
    let source = match source(&subject.parser) {
        Ok(source) => source,
        Err(failure) => {
            report.failed("admission", failure);
            return Ok(None);
        }
    };
    let begun = Clock::now();
    let parsers = match subject.load(policy) {
        Ok(parsers) => parsers,
        Err(failure) if failure.class == Class::Parser => {
            report.failed("admission", failure);
            return Ok(None);
        }
        Err(failure) => return Err(failure),
    };
    report.digest = Some(parsers.digest().to_owned());
    report.ok(
        "admission",
        format!(
            "admitted and compiled in {} ms",
            begun.elapsed().as_millis()
        ),
    );
    let anyone = Policy::default();
    let found = match &source {
        ParserSource::Default => inspect(DEFAULT_PARSER, None, &anyone),
        ParserSource::Component { bytes, .. } => inspect(bytes, None, &anyone),
        ParserSource::Script { text, .. } => inspect_script(text, None, &anyone),
    };
    report.ok("imports", imports(&found));
    Ok(Some((parsers, source)))
}

fn imports(found: &Inspection) -> String {
    let families = found.families();
    if found.imports.is_empty() {
        return "none: it is pure, and can compute and nothing else".to_owned();
    }
    let names: Vec<_> = families.iter().map(|family| family.name()).collect();
    names.join(", ")
}

fn settings(report: &mut Report, source: &ParserSource, settings: &str) {
    let schema = match source {
        ParserSource::Component { bytes, .. } => SettingsSchema::of(bytes),
        ParserSource::Default | ParserSource::Script { .. } => Ok(None),
    };
    let schema = match schema {
        Ok(None) => return report.ok("settings", "the parser has no schema for them"),
        Ok(Some(schema)) => schema,
        Err(why) => {
            let failure = Failure::new(
                Class::Parser,
                format!("the parser's schema for them can't be used: {why}"),
            );
            return report.failed("settings", failure.hint("mend it, or leave it out"));
        }
    };
    // An object, as was checked before.
    let value: Value = serde_json::from_str(settings).unwrap_or_default();
    match schema.check(&value) {
        Ok(()) => report.ok("settings", "they are as the parser's schema wants them"),
        Err(faults) => report.failed(
            "settings",
            Failure::new(Class::Config, faults.join("\n"))
                .hint("give others with --settings; --json shows the schema"),
        ),
    }
    report.settings_schema = Some(schema.text);
}

fn runs(
    report: &mut Report,
    parsers: &mut Parsers,
    again: &mut dyn FnMut() -> Result<Parsers, Failure>,
    batch: &Batch,
    hint: &'static str,
) -> Result<(), Failure> {
    let origin = Origin {
        started: now(),
        parser: parsers.digest().to_owned(),
        max_artifacts: None,
    };
    let first = match parsers.parse(batch, &origin) {
        Ok(parsed) => parsed,
        Err(error) => {
            report.failed("run", failure(&error, hint));
            return Ok(());
        }
    };
    let stats = parsers.stats();
    report.ok(
        "run",
        format!(
            "{} container(s) and {} artifact(s) of {} message(s), {} rejected, in {:.1} ms with {} KiB",
            first.ingests().len(),
            first.artifact_count(),
            batch.len(),
            first.rejections().len(),
            stats.time.as_secs_f64() * 1e3,
            stats.peak_memory.div_ceil(1024),
        ),
    );
    match again()?.parse(batch, &origin) {
        Ok(second) if second == first => report.ok("again", "the same, to the byte"),
        Ok(_) => report.failed(
            "again",
            Failure::new(Class::Parser, "something else the second time").hint(
                "what is delivered again must be the same: nothing may depend on addresses, hashes or \
                 what was before",
            ),
        ),
        Err(error) => report.failed("again", failure(&error, hint)),
    }
    Ok(())
}

fn failure(error: &ParseError, hint: &'static str) -> Failure {
    let hint = match error {
        ParseError::Refused(_) => "give the settings that it wants with --settings, if it is these",
        ParseError::Unavailable { hint, .. } => hint,
        _ => hint,
    };
    Failure::new(Class::Parser, error.to_string()).hint(hint)
}

/// Text, JSON, bytes that are no text, an empty value, a tombstone; with and without key and headers.
fn made_up() -> Batch {
    let values: [Option<&[u8]>; 5] = [
        Some("a sample message, naïve 日本 🦀".as_bytes()),
        Some(br#"{"sample": "message", "severity": 3}"#),
        Some(b"\xff\xfe\0"),
        Some(b""),
        None,
    ];
    let header = |name, value| Header { name, value };
    let mut batch = Batch::new("sample");
    for (offset, value) in (0..).zip(values) {
        let whole = offset % 2 == 0;
        batch.push(&Record {
            position: Position {
                partition: 0,
                offset,
            },
            timestamp: if whole {
                1_767_225_600_000
            } else {
                NO_TIMESTAMP
            },
            key: whole.then_some(b"key"),
            value,
            headers: if whole {
                vec![header("name", Some(b"value")), header("name", None)]
            } else {
                Vec::new()
            },
        });
    }
    batch
}
