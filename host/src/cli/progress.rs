//! The progress of a poll, for a person at a terminal.

use std::{fmt::Write as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::terminal::Terminal;
use crate::actions::on_poll::Progress;

/// Whatever is over sooner needs none.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows progress in the terminal's bar until it is dropped.
#[derive(Debug)]
pub(super) struct Watch {
    bar: ProgressBar,
}

impl Watch {
    pub(super) fn start(terminal: &Terminal) -> Self {
        Self::showing(terminal, describe)
    }

    /// For work that is a number of recordings.
    pub(super) fn recordings(terminal: &Terminal) -> Self {
        Self::showing(terminal, describe_recordings)
    }

    fn showing(terminal: &Terminal, describe: Describe) -> Self {
        let bar = terminal.bar.clone();
        if terminal.shows_progress() {
            let line = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let elapsed = state.elapsed();
                if elapsed >= PATIENCE {
                    let _ = out.write_str(&describe(state.pos(), state.len(), elapsed));
                }
            };
            bar.set_style(
                ProgressStyle::with_template("{line}")
                    .expect("a template of one key")
                    .with_key("line", line),
            );
            bar.reset();
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar }
    }

    pub(super) fn update(&self, progress: &Progress) {
        self.bar.set_length(progress.messages + progress.behind);
        self.bar.set_position(progress.messages);
    }

    pub(super) fn step(&self, all: usize) {
        self.bar.set_length(all as u64);
        self.bar.inc(1);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }
}

/// What is shown, from how much is done, how much there is, and the time it took.
type Describe = fn(u64, Option<u64>, Duration) -> String;

/// `1,200,000 messages · 51,200 msg/s · 3,456 left · 98 % · 0:23`
fn describe(messages: u64, all: Option<u64>, elapsed: Duration) -> String {
    let clock = clock(elapsed);
    let Some(all) = all.filter(|_| messages > 0) else {
        return format!("waiting for messages · {clock}");
    };
    let millis = elapsed.as_millis().max(1);
    let rate = u128::from(messages) * 1000 / millis;
    let percent = u128::from(messages) * 100 / u128::from(all.max(1));
    let mut text = format!(
        "{} messages · {} msg/s",
        grouped(messages.into()),
        grouped(rate)
    );
    match all.saturating_sub(messages) {
        0 => text += " · caught up",
        left => {
            let _ = write!(text, " · {} left · {percent} %", grouped(left.into()));
        }
    }
    text + " · " + &clock
}

/// `12 of 340 recordings · 0:23`
fn describe_recordings(done: u64, all: Option<u64>, elapsed: Duration) -> String {
    let all = counted(all.unwrap_or(done), "recording");
    format!("{} of {all} · {}", grouped(done.into()), clock(elapsed))
}

fn clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A number with its digits in groups of three.
pub(super) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things: "1 message", "12,345 messages".
pub(super) fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long() {
        let after = Duration::from_secs(75);
        assert_eq!(describe(0, None, after), "waiting for messages · 1:15");
        assert_eq!(
            describe(150_000, Some(200_000), after),
            "150,000 messages · 2,000 msg/s · 50,000 left · 75 % · 1:15"
        );
        assert_eq!(
            describe(75, Some(75), after),
            "75 messages · 1 msg/s · caught up · 1:15"
        );
        assert_eq!(
            describe_recordings(1_200, Some(3_400), after),
            "1,200 of 3,400 recordings · 1:15"
        );
    }

    #[test]
    fn digits_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
