//! `test connectivity`: looks at everything that a poll needs, in order, and says which part is
//! missing and what to do about it.

mod cluster;
mod hosts;
mod sample;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;

use self::cluster::Found;
use super::{Class, Failure, settings_schema::SettingsSchema, state::Home, wall::Walls};
use crate::{
    config::{Config, Soar},
    emit::SoarRest,
    kafka::Error,
    model::text::shorten,
    sandbox::inspect,
    schema::{Registry, Trouble},
    wall::{self, Report as Wall},
};

/// No test takes longer, whatever the network does with what is sent. Compiling a parser for the
/// first time comes on top.
pub const BOUND: Duration = Duration::from_secs(10);

const PASSED: &str = "Test Connectivity Passed";
const FAILED: &str = "Test Connectivity Failed";

/// What is tested, beside the asset's configuration.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The state that polls go on from, if it is to be checked.
    pub state: Option<Home>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: String,
    pub ok: bool,
    /// What was found, or the cause, in one line.
    pub detail: String,
    /// What to do about it. With a check that is ok: what polls don't need, but may be missed.
    pub remedy: Option<String>,
    pub millis: u64,
}

/// All checks in their order. What could not be looked at because of an earlier one that failed
/// is not among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub checks: Vec<Check>,
    pub passed: bool,
    /// The action's status text.
    pub status: &'static str,
}

/// Runs the action: the configuration; of each host its name, a connection, its listener (TLS,
/// Kafka, SASL); authentication; the cluster and its brokers; the topic, its leaders, what this
/// client may do with it; the saved state; the parser, on messages of the topic. One host that
/// can't be reached fails the test even if the others can.
///
/// `progress` gets the lines for the person who waits, each check's as soon as it is known.
pub fn run(config: &Config, options: &Options, progress: &mut dyn FnMut(&str)) -> Outcome {
    let mut report = Report {
        begun: Instant::now(),
        checks: Vec::new(),
        progress,
    };
    report.say("Creating a temporary consumer to test connectivity");
    report.record("configuration", Instant::now(), Ok(summary(config)));
    let found = match hosts::check(&mut report, &config.connection) {
        hosts::Usable::None => None,
        usable => cluster::check(&mut report, config, usable == hosts::Usable::Some),
    };
    if let (Some(home), Some(found)) = (&options.state, &found) {
        let begun = Instant::now();
        let checked = state(home, found);
        report.record("state", begun, checked.map_err(Cause::from));
    }
    let mut messages = found.and_then(|found| found.messages);
    if let Some(registry) = &config.schema_registry {
        let begun = Instant::now();
        let checked = Registry::new(registry).check(report.left());
        if checked.is_err() {
            // They can't be decoded, and asking again takes time that isn't there.
            messages = None;
        }
        let found = checked.map(|()| "the schema registry answers".to_owned());
        report.record("schema registry", begun, found.map_err(Cause::from));
    }
    if let Some(soar) = &config.soar {
        let begun = Instant::now();
        let checked = soar_answers(soar, report.left());
        report.record("soar", begun, checked.map_err(Cause::from));
    }
    if let Some(name) = config.parser.name() {
        report.say(&format!("Checking custom message parsing script - {name}"));
    }
    let begun = Instant::now();
    let tried = sample::try_out(config, messages, report.left());
    report.record("parser", begun, tried.found.map_err(Cause::from));
    let begun = Instant::now();
    if let Some(checked) = settings(config) {
        report.record("settings", begun, checked.map_err(Cause::from));
    }
    report.checks.push(second_wall(Walls::with(tried.wall)));

    let passed = report.checks.iter().all(|check| check.ok);
    let status = if passed { PASSED } else { FAILED };
    report.say(status);
    Outcome {
        checks: report.checks,
        passed,
        status,
    }
}

/// Polls work without it, so it fails nothing; what is missing is told.
fn second_wall(walls: Walls) -> Check {
    let parser = walls
        .parser
        .map_or_else(|| "not started".to_owned(), |report| report.to_string());
    let whole = walls.connector.whole() && walls.parser.is_none_or(Wall::whole);
    let remedy = format!(
        "polls go on without; for all of it take Linux 6.12 or newer with Landlock among its \
         security modules, and don't set {}=off",
        wall::VARIABLE
    );
    Check {
        name: "second wall".to_owned(),
        ok: true,
        detail: format!("connector: {}; parser: {parser}", walls.connector),
        remedy: (!whole).then_some(remedy),
        millis: 0,
    }
}

fn state(home: &Home, found: &Found) -> Result<String, Failure> {
    let mut state = home.load()?;
    let known = state.cluster_id().is_some();
    home.adopt_cluster(&mut state, &found.cluster)?;
    let mut saved = false;
    for topic in &found.topics {
        saved |= state.offsets(topic)?.is_some();
    }
    let found = match (saved, known) {
        (false, _) => "no offsets are saved yet: the first poll is yet to come",
        (true, true) => "the saved offsets belong to this cluster",
        (true, false) => {
            "the saved offsets don't say which cluster they belong to; the next poll notes this one"
        }
    };
    Ok(found.to_owned())
}

/// Whether the parser's settings are as its schema wants them; `None` when it has none, or isn't
/// admitted.
fn settings(config: &Config) -> Option<Result<String, Failure>> {
    let ParserSource::Component {
        bytes, signature, ..
    } = &config.parser
    else {
        return None;
    };
    inspect(bytes, signature.as_ref(), &config.policy)
        .verdict
        .ok()?;
    let failed = |problem: String, hint: &str| {
        let problem = format!("parser_settings: {problem}");
        Some(Err(Failure::new(Class::Config, problem).hint(hint)))
    };
    let schema = match SettingsSchema::of(bytes) {
        Ok(schema) => schema?,
        Err(why) => {
            return failed(
                format!("the parser's schema for them can't be used: {why}"),
                "polls go on without; have the parser mended",
            );
        }
    };
    // An object, as was checked before.
    let settings = serde_json::from_str(&config.parser_settings).unwrap_or_default();
    match schema.check(&settings) {
        Ok(()) => Some(Ok("they are as the parser's schema wants them".to_owned())),
        Err(faults) => failed(
            faults.join("; "),
            "kafka-soar parser check --json shows the parser's schema for them",
        ),
    }
}

fn soar_answers(soar: &Soar, within: Duration) -> Result<String, Failure> {
    let soar = Soar {
        timeout: soar.timeout.min(within),
        ..soar.clone()
    };
    match SoarRest::new(&soar, Arc::default()).check() {
        Ok(version) => Ok(format!(
            "SOAR {} answers and takes the token",
            shorten(&version, 60)
        )),
        Err(error) => Err(Failure::new(Class::Output, error.message).hint(error.hint)),
    }
}

fn summary(config: &Config) -> String {
    let security = &config.connection.security;
    let sasl = security.sasl.as_ref();
    let with = sasl.map_or_else(String::new, |sasl| format!(" with {}", sasl.mechanism()));
    let any = security.tls.as_ref().is_some_and(|tls| tls.any_hostname);
    let any = if any {
        ", host names not verified (ssl_endpoint_identification_algorithm is none)"
    } else {
        ""
    };
    let policy = config.policy.rules();
    let policy = policy.map_or_else(String::new, |rules| format!(", policy {}", rules.file()));
    format!(
        "{}{with}{any}, topic {}{policy}",
        security.protocol(),
        config.topics
    )
}

/// Why a check failed, and what to do about it.
struct Cause {
    text: String,
    remedy: Option<String>,
}

impl From<Error> for Cause {
    fn from(error: Error) -> Self {
        // Of an error with a cause a host the first is enough: the checks of the others are there.
        let text = match &error {
            Error::Authentication(causes) | Error::Tls(causes) | Error::Unreachable(causes)
                if !causes.is_empty() =>
            {
                causes[0].to_string()
            }
            other => other.to_string(),
        };
        Self {
            text,
            remedy: Some(error.remedy().to_owned()),
        }
    }
}

impl From<Trouble> for Cause {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Message(text) => Self { text, remedy: None },
            Trouble::Registry { message, hint } => Self {
                text: message,
                remedy: Some(hint.to_owned()),
            },
        }
    }
}

impl From<Failure> for Cause {
    fn from(failure: Failure) -> Self {
        Self {
            text: failure.message,
            remedy: failure.hint,
        }
    }
}

/// What has been found so far.
struct Report<'a> {
    begun: Instant,
    checks: Vec<Check>,
    progress: &'a mut dyn FnMut(&str),
}

impl Report<'_> {
    /// What is left of the test's time; never nothing, so that each check can at least fail.
    fn left(&self) -> Duration {
        BOUND
            .saturating_sub(self.begun.elapsed())
            .max(Duration::from_millis(100))
    }

    /// Whether what is left would not do for another look.
    fn time_is_up(&self) -> bool {
        self.begun.elapsed() >= BOUND
    }

    /// `most`, or what is left.
    fn share(&self, most: Duration) -> Duration {
        most.min(self.left())
    }

    fn say(&mut self, line: &str) {
        (self.progress)(line);
    }

    fn record(&mut self, name: &str, begun: Instant, found: Result<String, Cause>) {
        self.push(name, begun.elapsed(), found);
    }

    fn push(&mut self, name: &str, took: Duration, found: Result<String, Cause>) {
        let ok = found.is_ok();
        let (detail, remedy) = match found {
            Ok(detail) => (detail, None),
            Err(cause) => (cause.text, cause.remedy),
        };
        self.checks.push(Check {
            name: name.to_owned(),
            ok,
            detail,
            remedy,
            millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        });
    }
}
