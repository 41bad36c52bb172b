//! `kafka-soar parser replay`

use std::{fmt::Write as _, num::NonZeroU32, path::PathBuf};

use comfy_table::presets;
use serde_json::json;

use crate::{
    actions::{
        self, Failure,
        recording::{Replay as Options, Replayed, Report, Summary, Verdict},
    },
    cli::{end::End, progress::Watch, signals::Signals, terminal::Terminal},
    config::Policy,
    model::text::shorten,
};

/// Characters of a cell.
const CELL: usize = 800;

/// Run recorded batches again, and compare with what was recorded
///
/// Takes what on-poll and serve keep with --record. Each batch goes through the same sandbox as in a
/// poll, with the settings, limits and clock that were recorded. Exit code 1 when something else
/// comes of one than what was recorded, or not the same each time.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  All recordings of a folder, with the parsers that were recorded:
    kafka-soar parser replay recordings

  What a new version of a parser makes of them, values and all:
    kafka-soar parser replay recordings --parser new.wasm --show-values

  Whether a parser gives the same a hundred times:
    kafka-soar parser replay recordings/0000000007-20260301T120000123Z.recording --times 100

Output:
  A row a recording: its file, parser (recorded → replayed), messages, verdict, first difference.
  With --json a line a recording; the last line is {\"summary\": {...}}.")]
pub(in crate::cli) struct Replay {
    /// Recordings, or folders of recordings
    #[arg(value_name = "FILE", required = true)]
    paths: Vec<PathBuf>,
    /// A component instead of the parsers that were recorded
    ///
    /// Without it a recording's parser is the default parser, or one that this host ran before, whose
    /// native code is still in the cache.
    #[arg(long, value_name = "COMPONENT")]
    parser: Option<PathBuf>,
    /// How often each is run; all times must give the same
    #[arg(long, value_name = "N", default_value = "2")]
    times: NonZeroU32,
    /// Show the values that differ, which are parts of messages
    #[arg(long)]
    show_values: bool,
}

impl Replay {
    pub(in crate::cli) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let signals = Signals::catch()?;
        let options = Options {
            paths: self.paths.clone(),
            parser: self.parser.clone(),
            times: self.times,
            show_values: self.show_values,
            stop: signals.stop(),
        };
        let mut table = comfy_table::Table::new();
        table.load_preset(presets::NOTHING);
        table.set_header(["RECORDING", "PARSER", "MESSAGES", "VERDICT", "DIFFERENCE"]);
        let mut written = End::Done;
        let watch = Watch::recordings(terminal);
        let result = actions::recording::replay(&options, policy, &mut |replayed, all| {
            watch.step(all);
            if !terminal.json {
                table.add_row(row(replayed));
            } else if matches!(written, End::Done) {
                written = terminal.print_json(replayed);
            }
        });
        drop(watch);
        let (summary, failure) = match result {
            Ok(summary) => (summary, None),
            Err((summary, failure)) => (summary, Some(failure)),
        };
        if terminal.json {
            if matches!(written, End::Done) {
                written = terminal.print_json(&json!({ "summary": summary }));
            }
        } else if table.row_count() > 0 {
            written = terminal.print(&table.to_string());
            terminal.remark(&sentence(&summary));
        }
        if let Some(failure) = failure {
            return Err(failure);
        }
        Ok(match written {
            End::Done => signals.end().unwrap_or(verdict(&summary)),
            end => end,
        })
    }
}

fn verdict(summary: &Summary) -> End {
    match summary.different + summary.unsteady {
        0 => End::Done,
        _ => End::Negative,
    }
}

fn sentence(summary: &Summary) -> String {
    let Summary {
        same,
        different,
        unsteady,
        failed,
    } = summary;
    let mut text = format!("{same} the same, {different} different");
    for (count, what) in [(unsteady, "unsteady"), (failed, "not replayed")] {
        if *count > 0 {
            // Writing to a text can't fail.
            let _ = write!(text, ", {count} {what}");
        }
    }
    text
}

fn row(replayed: &Replayed) -> [String; 5] {
    let file = replayed.file.clone();
    let verdict = match replayed.verdict {
        Verdict::Same => "same",
        Verdict::Different => "different",
        Verdict::Unsteady => "unsteady",
        Verdict::Failed => "not replayed",
    };
    let report = replayed.report.as_ref();
    [
        file,
        report.map(parsers).unwrap_or_default(),
        report.map(|r| r.messages.to_string()).unwrap_or_default(),
        verdict.to_owned(),
        report
            .and_then(|report| difference(report, replayed.verdict))
            .or_else(|| replayed.error.clone())
            .unwrap_or_default(),
    ]
    .map(|cell| shorten(&cell, CELL).into_owned())
}

/// The parser's digest, in short; two of them if another one was run than was recorded.
fn parsers(report: &Report) -> String {
    let short = |digest: &str| shorten(digest, 12).trim_end_matches('…').to_owned();
    let (recorded, replayed) = (&report.recorded.digest, &report.digest);
    if recorded == replayed {
        short(replayed)
    } else {
        format!("{} → {}", short(recorded), short(replayed))
    }
}

/// `container 0, artifact 3, cef.message (byte 120): … recorded, … now`
fn difference(report: &Report, verdict: Verdict) -> Option<String> {
    let found = report.difference.as_ref()?;
    let byte = found.byte.map(|byte| format!(" (byte {byte} of the text)"));
    let (one, other) = match verdict {
        Verdict::Unsteady => ("once", "another time"),
        _ => ("recorded", "now"),
    };
    Some(format!(
        "{}{}: {} {one}, {} {other}",
        found.place,
        byte.unwrap_or_default(),
        found.one,
        found.other
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{actions::recording::Difference, emit::recording::Identity};

    fn report(recorded: &str, byte: Option<usize>) -> Report {
        Report {
            recorded_at: String::new(),
            topic: "t".into(),
            messages: 3,
            recorded: Identity {
                name: "p".into(),
                digest: recorded.repeat(32),
                contract: None,
            },
            digest: "ab".repeat(32),
            difference: Some(Difference {
                place: "container 0, name".into(),
                byte,
                one: "null".into(),
                other: "a number".into(),
            }),
        }
    }

    #[test]
    fn a_row_tells_what_differs_and_of_which_parsers() {
        let cells = |report: Report, verdict| {
            row(&Replayed {
                file: "r.recording".into(),
                verdict,
                report: Some(report),
                error: None,
            })
        };
        assert_eq!(
            cells(report("cd", Some(7)), Verdict::Different),
            [
                "r.recording",
                "cdcdcdcdcdcd → abababababab",
                "3",
                "different",
                "container 0, name (byte 7 of the text): null recorded, a number now"
            ]
        );
        assert_eq!(
            cells(report("ab", None), Verdict::Unsteady)[1..],
            [
                "abababababab",
                "3",
                "unsteady",
                "container 0, name: null once, a number another time"
            ]
        );
        let failed = Replayed {
            file: "r".into(),
            verdict: Verdict::Failed,
            report: None,
            error: Some("r is damaged".into()),
        };
        assert_eq!(row(&failed), ["r", "", "", "not replayed", "r is damaged"]);
    }

    #[test]
    fn the_sentence_leaves_out_what_did_not_happen() {
        let mut summary = Summary {
            same: 2,
            ..Summary::default()
        };
        assert_eq!(sentence(&summary), "2 the same, 0 different");
        summary.failed = 1;
        assert_eq!(
            sentence(&summary),
            "2 the same, 0 different, 1 not replayed"
        );
    }
}
