//! One batch through one parser, seen from the host.

use std::{
    io,
    time::{Duration, Instant as Clock},
};

use super::{
    LOG_LINE_BYTES,
    code::Code,
    outline,
    process::{Process, Program, describe},
    wire::{self, Answer, Level, Outcome, Ready, Returned, Setup},
};
use crate::{
    config::ParserLimits,
    model::{Batch, Instant, Parsed, text},
    ports::ParseError,
    wall::Report,
};

/// A parser's process counts its guest's time itself. Should it not answer at all, the host ends it
/// after this much more than the guest may have: other processes may have taken the machine's time.
const PATIENCE_FACTOR: u32 = 10;
const PATIENCE: Duration = Duration::from_secs(10);

/// What a parser says about why it failed is cut to this many bytes.
const REASON_BYTES: usize = 4 << 10;

/// A parser, loaded: runs each batch in a fresh instance, in a process of its own that is started
/// with the first batch, and again when it died.
#[derive(Debug)]
pub struct Parser {
    program: Program,
    code: Code,
    setup: Setup,
    digest: String,
    name: Box<str>,
    started: Instant,
    stats: Stats,
    process: Option<Process>,
    report: Option<Report>,
}

/// What a parser has used so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Instantiating, running and validating.
    pub time: Duration,
    /// The most bytes of memories and tables that one batch took.
    pub peak_memory: usize,
}

/// Why there is no answer.
enum Lost {
    /// The process can't be had. Not the batch's fault.
    NotStarted(String),
    /// It did not answer in time, and was ended.
    Silent,
    /// It died, or said what it can't say.
    Broken(String),
}

impl Parser {
    pub(super) fn new(
        program: Program,
        code: Code,
        digest: String,
        name: Box<str>,
        setup: Setup,
        started: Instant,
    ) -> Self {
        Self {
            program,
            code,
            setup,
            digest,
            name,
            started,
            stats: Stats::default(),
            process: None,
            report: None,
        }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256 of the component, in lower-case hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// What stands of the second wall around the parser's process, once it has been started.
    #[must_use]
    pub fn wall(&self) -> Option<Report> {
        self.report
    }

    /// Has the guest see another time from now on.
    pub fn set_clock(&mut self, started: Instant) {
        self.started = started;
    }

    /// Runs a batch through a fresh instance.
    ///
    /// # Errors
    ///
    /// See [`ParseError`]; nothing of the batch is kept.
    pub fn parse(&mut self, batch: &Batch) -> Result<Parsed, ParseError> {
        let begun = Clock::now();
        let parsed = self.parse_again(batch);
        self.stats.time += begun.elapsed();
        parsed
    }

    /// A process may be killed from outside, by the system when memory is short for one: that is
    /// no batch's fault until it happens twice.
    fn parse_again(&mut self, batch: &Batch) -> Result<Parsed, ParseError> {
        let mut lost = match self.ask(batch) {
            Err(Lost::Broken(how) | Lost::NotStarted(how)) => {
                tracing::warn!(
                    "the process of {} died ({how}); it is started again",
                    self.name
                );
                self.ask(batch)
            }
            other => other,
        };
        if let Ok((answer, returned)) = &mut lost {
            self.stats.peak_memory = self
                .stats
                .peak_memory
                .max(usize::try_from(answer.peak_memory).unwrap_or(usize::MAX));
            self.pass_on(std::mem::take(&mut answer.log));
            return match returned.take() {
                Some(returned) => outline::validate(returned, batch.len(), &self.setup.limits),
                None => Err(failed(&answer.outcome)),
            };
        }
        Err(match lost.err() {
            Some(Lost::NotStarted(message)) => ParseError::Unavailable {
                message,
                hint: "the batch is read again; free memory or processes on this machine, and see \
                       that kafka-soar's program file is where it was",
            },
            Some(Lost::Silent) => ParseError::Limit {
                limit: "parser_time_limit",
                value: format!("{} ms", self.setup.limits.time.as_millis()),
                what: "its process did not answer, and was ended".to_owned(),
            },
            Some(Lost::Broken(how)) => ParseError::Trap(format!("its process died twice: {how}")),
            None => unreachable!("returned above"),
        })
    }

    /// Has the process parse the batch. Whatever goes wrong in the conversation ends it.
    fn ask(&mut self, batch: &Batch) -> Result<(Answer, Option<Returned>), Lost> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => self.start()?,
        };
        process.expect_within(self.patience());
        let answered = converse(&mut process, batch, self.started, &self.setup.limits);
        match answered {
            Ok(answer) => {
                self.process = Some(process);
                Ok(answer)
            }
            Err(e) => Err(lost(&mut process, &e)),
        }
    }

    fn start(&mut self) -> Result<Process, Lost> {
        let patience = self.patience();
        let mut process = Process::start(&self.program, "run", Some(&self.code), patience)
            .map_err(|e| {
                Lost::NotStarted(format!(
                    "the process of {} can't be started: {e}",
                    self.name
                ))
            })?;
        let ready = wire::send(&mut process, &self.setup)
            .and_then(|()| wire::receive::<Ready>(&mut process, 0));
        match ready {
            Ok(Some(Ready::Yes(report))) => {
                self.report = Some(report);
                tracing::debug!(parser = &*self.name, "second wall: {report}");
                Ok(process)
            }
            Ok(Some(Ready::No(why))) => Err(Lost::NotStarted(format!(
                "{} can't be loaded: {}",
                self.name,
                text::escape(text::cut(&why, REASON_BYTES))
            ))),
            // Nothing of a guest has run yet.
            Ok(None) => Err(Lost::NotStarted(format!(
                "the process of {} ended before its first batch: {}",
                self.name,
                describe(process.end())
            ))),
            Err(e) => Err(Lost::NotStarted(format!(
                "the process of {} did not get ready: {e}, {}",
                self.name,
                describe(process.end())
            ))),
        }
    }

    fn patience(&self) -> Duration {
        self.setup
            .limits
            .time
            .saturating_mul(PATIENCE_FACTOR)
            .saturating_add(PATIENCE)
    }

    /// Writes a guest's log lines: attributed, escaped and bounded, whatever its process says.
    fn pass_on(&self, lines: Vec<(Level, String)>) {
        let parser = &*self.name;
        let mut left = self.setup.limits.log;
        for (level, line) in lines {
            let line = text::cut(&line, LOG_LINE_BYTES);
            let Some(rest) = left.checked_sub(line.len().max(1)) else {
                break;
            };
            left = rest;
            let line = text::escape(line);
            match level {
                Level::Debug => tracing::debug!(target: "parser", parser, "{line}"),
                Level::Info => tracing::info!(target: "parser", parser, "{line}"),
                Level::Warn => tracing::warn!(target: "parser", parser, "{line}"),
                Level::Error => tracing::error!(target: "parser", parser, "{line}"),
            }
        }
    }
}

fn lost(process: &mut Process, error: &io::Error) -> Lost {
    if error.kind() == io::ErrorKind::TimedOut {
        return Lost::Silent;
    }
    let status = describe(process.end());
    Lost::Broken(match error.kind() {
        io::ErrorKind::InvalidData => format!("it answered with {error}"),
        _ => status,
    })
}

fn converse(
    process: &mut Process,
    batch: &Batch,
    started: Instant,
    limits: &ParserLimits,
) -> io::Result<(Answer, Option<Returned>)> {
    wire::send_batch(process, batch, started)?;
    let room = limits.output.saturating_add(limits.log.saturating_mul(8));
    let answer: Answer = wire::receive(process, room)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let Outcome::Returned {
        ingests,
        sources,
        ref rejections,
    } = answer.outcome
    else {
        return Ok((answer, None));
    };
    let ingests = wire::bytes(process, ingests, limits.output)?;
    let sources = wire::indices(process, sources, limits.output)?;
    let ingests = String::from_utf8(ingests)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "text that isn't UTF-8"))?;
    let returned = Returned {
        ingests,
        sources,
        rejections: rejections.clone(),
    };
    Ok((answer, Some(returned)))
}

/// What stopped the guest, in words that it may have chosen.
fn failed(outcome: &Outcome) -> ParseError {
    let harmless = |words: &str| text::escape(text::cut(words, REASON_BYTES)).into_owned();
    match outcome {
        Outcome::Returned { .. } => ParseError::Trap("it answered with nothing".to_owned()),
        Outcome::Refused(reason) => ParseError::Refused(harmless(reason)),
        Outcome::Failed(why) => ParseError::Script(text::indent(why)),
        Outcome::Broken(why) => ParseError::Broken(text::indent(why)),
        Outcome::Limit { limit, value, what } => ParseError::Limit {
            limit: limit.name(),
            value: harmless(value),
            what: harmless(what),
        },
        Outcome::Trap(what) => ParseError::Trap(harmless(what)),
    }
}
