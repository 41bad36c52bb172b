//! `parser replay`: recorded parses run again, and compared with what came of them then.

use std::{
    fs, io,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;

use super::compare::{Difference, Values};
use crate::{
    actions::{Class, Failure, parsers::Parsers},
    config::{Fault, ParserLimits, ParserSource, Policy, read_parser},
    emit::recording::{Identity, Outcome, ReadError, Recording, SUFFIX},
    model::Origin,
    ports::Parse as _,
};

/// What is run again.
#[derive(Debug)]
pub struct Replay {
    /// Recordings, and folders of recordings.
    pub paths: Vec<PathBuf>,
    /// A component or a script instead of the parsers that were recorded.
    pub parser: Option<PathBuf>,
    /// How often each is run.
    pub times: NonZeroU32,
    /// Whether differences tell values, and not only where they are.
    pub show_values: bool,
    /// Set from outside to end after the recording at hand.
    pub stop: Arc<AtomicBool>,
}

/// How a recording was replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// To the byte what was recorded, each time.
    Same,
    /// Something else than what was recorded.
    Different,
    /// Not even the same each time.
    Unsteady,
    /// It could not be replayed.
    Failed,
}

/// One recording, replayed.
#[derive(Debug, Serialize)]
pub struct Replayed {
    pub file: String,
    pub verdict: Verdict,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// Why it could not be replayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What was run, and what differs.
#[derive(Debug, Serialize)]
pub struct Report {
    pub recorded_at: String,
    pub topic: String,
    pub messages: usize,
    /// Which parser was recorded.
    pub recorded: Identity,
    /// SHA-256 of the parser that was run now.
    pub digest: String,
    /// Against the recording; for [`Verdict::Unsteady`] of one run against the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub same: u64,
    pub different: u64,
    pub unsteady: u64,
    pub failed: u64,
}

impl Summary {
    fn count(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Same => &mut self.same,
            Verdict::Different => &mut self.different,
            Verdict::Unsteady => &mut self.unsteady,
            Verdict::Failed => &mut self.failed,
        } += 1;
    }
}

/// Runs recordings again, through what a poll parses with: the parser, its settings, limits and
/// clock are those that were recorded. `each` hears of each one, with how many there are in all.
///
/// # Errors
///
/// At once when the given parser is refused or the paths can't be looked at. A recording that can't
/// be replayed lets the others go on: the first such failure comes at the end.
pub fn replay(
    options: &Replay,
    policy: &Policy,
    each: &mut dyn FnMut(&Replayed, usize),
) -> Result<Summary, (Summary, Failure)> {
    let mut summary = Summary::default();
    let (files, given) = match prepare(options) {
        Ok(prepared) => prepared,
        Err(failure) => return Err((summary, failure)),
    };
    let mut bench = Bench {
        given,
        options,
        policy,
        loaded: None,
    };
    let mut first = None;
    for file in &files {
        if options.stop.load(Ordering::Relaxed) {
            break;
        }
        let replayed = match bench.replay(file) {
            Ok((verdict, report)) => Replayed {
                file: file.display().to_string(),
                verdict,
                report: Some(report),
                error: None,
            },
            // As will be the next one.
            Err(failure) if failure.class == Class::Parser => return Err((summary, failure)),
            Err(failure) => {
                let error = failure.message.clone();
                first.get_or_insert(failure);
                Replayed {
                    file: file.display().to_string(),
                    verdict: Verdict::Failed,
                    report: None,
                    error: Some(error),
                }
            }
        };
        summary.count(replayed.verdict);
        each(&replayed, files.len());
    }
    match first {
        None => Ok(summary),
        Some(failure) => Err((summary, failure)),
    }
}

fn prepare(options: &Replay) -> Result<(Vec<PathBuf>, Option<ParserSource>), Failure> {
    let mut files = Vec::new();
    for path in &options.paths {
        if path.is_dir() {
            files.extend(recordings(path)?);
        } else {
            files.push(path.clone());
        }
    }
    let given = options.parser.as_deref().map(parser).transpose()?;
    Ok((files, given))
}

/// All recordings in a folder, in the order in which they were made.
fn recordings(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(SUFFIX) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    };
    let failed = |what: String| {
        Failure::new(Class::Output, what)
            .hint("name a recording, or a folder that was recorded into with --record")
    };
    let found = list().map_err(|error| failed(format!("{}: {error}", folder.display())))?;
    if found.is_empty() {
        return Err(failed(format!(
            "{} has no recordings (*{SUFFIX})",
            folder.display()
        )));
    }
    Ok(found)
}

fn parser(path: &Path) -> Result<ParserSource, Failure> {
    read_parser(path, None).map_err(
        |Fault {
             problem, remedy, ..
         }| Failure::new(Class::Parser, problem).hint(remedy),
    )
}

/// Where recordings are run: with the parser of the last one, if the next one needs the same.
struct Bench<'a> {
    given: Option<ParserSource>,
    options: &'a Replay,
    policy: &'a Policy,
    loaded: Option<Loaded>,
}

struct Loaded {
    /// Of the recorded parser.
    digest: String,
    settings: String,
    limits: ParserLimits,
    parser: Parsers,
}

impl Bench<'_> {
    fn replay(&mut self, file: &Path) -> Result<(Verdict, Report), Failure> {
        let recording = Recording::read(file).map_err(|error| unreadable(&error))?;
        let values = if self.options.show_values {
            Values::Shown
        } else {
            Values::Hidden
        };
        let times = self.options.times.get();
        let parser = self.parser(&recording)?;
        let digest = parser.digest().to_owned();
        let origin = Origin {
            started: recording.started,
            parser: digest.clone(),
            max_artifacts: None,
        };
        let mut run = || Outcome::of(&parser.parse(&recording.batch, &origin));
        let first = run();
        let unsteady = (1..times).find_map(|_| Difference::between(&first, &run(), values));
        let (verdict, difference) = match unsteady {
            Some(difference) => (Verdict::Unsteady, Some(difference)),
            None => match Difference::between(&recording.outcome, &first, values) {
                Some(difference) => (Verdict::Different, Some(difference)),
                None => (Verdict::Same, None),
            },
        };
        let report = Report {
            recorded_at: recording.recorded_at,
            topic: recording.batch.topic().to_owned(),
            messages: recording.batch.len(),
            recorded: recording.parser,
            digest,
            difference,
        };
        Ok((verdict, report))
    }

    fn parser(&mut self, recording: &Recording) -> Result<&mut Parsers, Failure> {
        let settings = &recording.settings;
        // Whoever made the recording may have had another policy.
        let limits = &self.policy.tighten(&recording.limits);
        let fits = |loaded: &Loaded| {
            (self.given.is_some() || loaded.digest == recording.parser.digest)
                && (&loaded.settings, &loaded.limits) == (settings, limits)
        };
        let loaded = match self.loaded.take().filter(fits) {
            Some(loaded) => loaded,
            None => Loaded {
                digest: recording.parser.digest.clone(),
                settings: settings.clone(),
                limits: limits.clone(),
                parser: match &self.given {
                    Some(given) => Parsers::load_source(given, self.policy, limits, settings)?,
                    None => recorded(&recording.parser, self.policy, limits, settings)?,
                },
            },
        };
        Ok(&mut self.loaded.insert(loaded).parser)
    }
}

/// The parser that was recorded: the one in this binary, or one that this host ran before.
fn recorded(
    parser: &Identity,
    policy: &Policy,
    limits: &ParserLimits,
    settings: &str,
) -> Result<Parsers, Failure> {
    Parsers::load_by_digest(&parser.digest, policy, limits, settings)?.ok_or_else(|| {
        let digest = parser.digest.get(..12).unwrap_or(&parser.digest);
        Failure::new(
            Class::Config,
            format!(
                "the parser that was recorded, {} ({digest}…), is not the default parser, and \
                 this host has no native code of it that it may run",
                parser.name
            ),
        )
        .hint("give its file with --parser")
    })
}

fn unreadable(error: &ReadError) -> Failure {
    let hint = match error {
        ReadError::Io { .. } => "name a recording that can be read",
        ReadError::NotARecording { .. } => "name a file that was made with --record",
        ReadError::Version { .. } => "use the kafka-soar that made it, or a later one",
        ReadError::Checksum { .. } | ReadError::Content { .. } => {
            "take it from where it was recorded once more; there is no way to mend it"
        }
    };
    Failure::new(Class::Output, error.to_string()).hint(hint)
}
