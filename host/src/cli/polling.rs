//! What polls have in common on the command line: where containers go, and the summary.

use std::{
    fmt::Write as _,
    io,
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{
    end::End,
    progress::{Watch, counted, grouped},
    signals::Signals,
    terminal::Terminal,
};
use crate::{
    actions::{
        Class, Failure,
        on_poll::{Outcome, Progress, Summary},
    },
    config::Config,
    emit::{Ndjson, SoarRest, Table},
    ports::Deliver,
};

/// Where containers go.
pub(super) enum Output {
    Table(Table<Box<dyn io::Write>>),
    Lines(Ndjson<Box<dyn io::Write>>),
    Soar(SoarRest),
}

impl Output {
    /// A table for a person, lines of JSON for whatever else reads standard output, lines of
    /// JSON in a file when one is named (`-` is standard output, always as lines).
    pub(super) fn open(terminal: &Terminal, file: Option<&PathBuf>) -> Result<Self, Failure> {
        let stdout = || -> Box<dyn io::Write> { Box::new(terminal.stdout()) };
        Ok(match file {
            Some(path) if path.as_os_str() != "-" => {
                Self::Lines(Ndjson::to_file(path).map_err(|e| Failure::not_opened("output", &e))?)
            }
            None if terminal.shows_tables() => Self::Table(Table::new(stdout())),
            _ if terminal.is_read_by_a_person() => Self::Lines(Ndjson::to_terminal(stdout())),
            _ => Self::Lines(Ndjson::to_stream(stdout())),
        })
    }

    /// SOAR, if the asset names one and no file is named; else as [`Output::open`].
    pub(super) fn of(
        config: &Config,
        terminal: &Terminal,
        signals: &Signals,
        file: Option<&PathBuf>,
    ) -> Result<Self, Failure> {
        match (&config.soar, file) {
            (Some(soar), None) => Ok(Self::Soar(SoarRest::new(soar, signals.stop()))),
            (_, file) => Self::open(terminal, file),
        }
    }

    pub(super) fn deliver(&mut self) -> &mut dyn Deliver {
        match self {
            Self::Table(table) => table,
            Self::Lines(lines) => lines,
            Self::Soar(soar) => soar,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::Table(table) => table.is_closed(),
            Self::Lines(lines) => lines.is_closed(),
            Self::Soar(_) => false,
        }
    }

    /// Runs a poll into this output, with progress for whoever watches, and says how it went.
    pub(super) fn poll(
        mut self,
        terminal: &Terminal,
        signals: &Signals,
        poll: impl FnOnce(&mut dyn Deliver, &mut dyn FnMut(&Progress)) -> Result<Outcome, Failure>,
    ) -> Result<End, Failure> {
        let watch = Watch::start(terminal);
        let outcome = poll(self.deliver(), &mut |progress| watch.update(progress));
        drop(watch);
        let outcome = match outcome {
            Err(failure) if failure.class == Class::Output && self.is_closed() => {
                return Ok(End::Closed);
            }
            outcome => outcome?,
        };
        let end = if terminal.json {
            terminal.print_json(&json!({
                "summary": Said { status: &outcome.status, summary: &outcome.summary }
            }))
        } else {
            terminal.remark(&sentence(&outcome));
            End::Done
        };
        Ok(match end {
            End::Done => signals.end().unwrap_or(End::Done),
            end => end,
        })
    }
}

/// The file for messages that can't be handled: the one that is named, or one beside the state.
pub(super) fn quarantine(named: Option<&PathBuf>, state: Option<&PathBuf>) -> PathBuf {
    const NAME: &str = "kafka-soar-quarantine.ndjson";
    named.cloned().unwrap_or_else(|| {
        let folder = state.and_then(|state| state.parent());
        folder.unwrap_or(Path::new("")).join(NAME)
    })
}

/// The summary as `--json` shows it: the figures, and SOAR's text for them.
#[derive(serde::Serialize)]
struct Said<'a> {
    status: &'a str,
    #[serde(flatten)]
    summary: &'a Summary,
}

/// The poll in a line or two.
fn sentence(outcome: &Outcome) -> String {
    let s = &outcome.summary;
    let mut text = outcome.status.clone();
    if s.counts.messages == 0 {
        return text;
    }
    // Writing to a text can't fail.
    let _ = write!(
        text,
        ": {} → {}, {} in {:.2} s (parser {:.2} s",
        counted(s.counts.messages, "message"),
        counted(s.counts.containers, "container"),
        counted(s.counts.artifacts, "artifact"),
        s.seconds,
        s.parser_seconds,
    );
    if s.parser_peak_memory > 0 {
        let tenths = s.parser_peak_memory * 10 / (1 << 20);
        let _ = write!(text, ", {}.{} MiB", tenths / 10, tenths % 10);
    }
    text.push(')');
    if s.counts.quarantined > 0 {
        let _ = write!(
            text,
            "; {} quarantined",
            grouped(s.counts.quarantined.into())
        );
    }
    if let Some(tally) = &s.recorded {
        let _ = write!(text, "; {} recorded", counted(tally.kept, "parse"));
        if tally.lost > 0 {
            let _ = write!(text, ", {} not", grouped(tally.lost.into()));
        }
    }
    if s.lost_to_retention > 0 {
        let lost = grouped(s.lost_to_retention.into());
        let _ = write!(
            text,
            "; {lost} lost to the topic's retention before this poll"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::on_poll::Counts;

    #[test]
    fn the_quarantine_is_beside_the_state() {
        let found = |state: Option<&str>, named: Option<&str>| {
            let path = |text: Option<&str>| text.map(PathBuf::from);
            quarantine(path(named).as_ref(), path(state).as_ref())
        };
        let name = Path::new("kafka-soar-quarantine.ndjson");
        assert_eq!(found(None, None), name);
        assert_eq!(found(Some("s.json"), None), name);
        assert_eq!(found(Some("a/s.json"), None), Path::new("a").join(name));
        assert_eq!(found(Some("a/s"), Some("q")), Path::new("q"));
    }

    fn said(summary: Summary) -> String {
        sentence(&Outcome {
            status: "Polling complete".into(),
            summary,
        })
    }

    #[test]
    fn a_poll_is_told_in_a_line() {
        let all = Summary {
            counts: Counts {
                messages: 12_345,
                quarantined: 2,
                containers: 2,
                artifacts: 12_343,
                ..Counts::default()
            },
            seconds: 1.5,
            parser_seconds: 0.25,
            parser_peak_memory: 13 << 19,
            lost_to_retention: 1000,
            ..Summary::default()
        };
        assert_eq!(
            said(all),
            "Polling complete: 12,345 messages → 2 containers, 12,343 artifacts in 1.50 s (parser \
             0.25 s, 6.5 MiB); 2 quarantined; 1,000 lost to the topic's retention before this poll"
        );
        let one = Summary {
            counts: Counts {
                messages: 1,
                containers: 1,
                artifacts: 1,
                ..Counts::default()
            },
            ..Summary::default()
        };
        assert!(said(one).starts_with("Polling complete: 1 message → 1 container, 1 artifact in"));
        assert_eq!(said(Summary::default()), "Polling complete");
    }
}
