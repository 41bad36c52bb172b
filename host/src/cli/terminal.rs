//! Where a command writes: results on standard output, everything else on standard error.

use std::{
    fs::File,
    io::{self, IsTerminal as _, Write},
    os::fd::AsFd as _,
    process::ExitCode,
};

use anstream::AutoStream;
use indicatif::ProgressBar;
use owo_colors::OwoColorize as _;
use serde::Serialize;
use serde_json::json;

use super::{Global, end::End};
use crate::{
    actions::Failure,
    model::text::{escape, escape_json},
};

/// The two streams and what a person asked for on them.
#[derive(Debug)]
pub(super) struct Terminal {
    pub(super) json: bool,
    pub(super) quiet: bool,
    /// Hidden until a command shows progress in it; whatever else is written while it shows
    /// goes through [`Terminal::stdout`] and [`Terminal::remark`], which get it out of the way.
    pub(super) bar: ProgressBar,
}

impl Terminal {
    pub(super) fn new(global: &Global) -> Self {
        match global.color {
            clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
        }
        .write_global();
        Self {
            json: global.json,
            quiet: global.quiet,
            bar: ProgressBar::hidden(),
        }
    }

    /// For errors before the options are known.
    pub(super) fn json() -> Self {
        Self {
            json: true,
            quiet: true,
            bar: ProgressBar::hidden(),
        }
    }

    /// Whether a person reads standard output, and has not asked for JSON.
    pub(super) fn shows_tables(&self) -> bool {
        !self.json && self.is_read_by_a_person()
    }

    /// Whether standard output is a terminal, which would act on some characters.
    #[expect(clippy::unused_self, reason = "a question to the terminal")]
    pub(super) fn is_read_by_a_person(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether results may be coloured: `--color`, `NO_COLOR` and a terminal decide.
    pub(super) fn colours_results(&self) -> bool {
        !self.json && AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
    }

    /// Whether a person watches standard error.
    pub(super) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Standard output, for data. Flushing it makes it durable when it is a file.
    pub(super) fn stdout(&self) -> impl Write + use<> {
        Beside {
            bar: self.bar.clone(),
            stream: Stdout,
        }
    }

    /// Standard error, as it is.
    pub(super) fn stderr(&self) -> impl Write + use<> {
        Beside {
            bar: self.bar.clone(),
            stream: AutoStream::auto(io::stderr()),
        }
    }

    /// Writes text as a result.
    pub(super) fn print(&self, text: &str) -> End {
        let mut stdout = self.stdout();
        match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
            Ok(()) => End::Done,
            Err(e) => End::from_write(&e),
        }
    }

    /// Writes one line of JSON as a result.
    pub(super) fn print_json(&self, value: &impl Serialize) -> End {
        let json = serde_json::to_string(value).expect("results have text for keys");
        if self.is_read_by_a_person() {
            return self.print(&escape_json(&json));
        }
        self.print(&json)
    }

    /// Writes a line for a person, unless quiet. A reader that went away is no failure.
    pub(super) fn remark(&self, line: &str) {
        if !self.quiet {
            let _ = writeln!(self.stderr(), "{}", escape(line));
        }
    }

    /// Says how the command ended, if there is something to say.
    pub(super) fn close(&self, end: End) -> ExitCode {
        self.bar.finish_and_clear();
        let end = match end {
            End::Failed(failure) => match self.explain(&failure) {
                Ok(()) => End::Failed(failure),
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => End::Failed(failure),
                Err(e) => End::from_write(&e),
            },
            end => end,
        };
        ExitCode::from(end.exit_code())
    }

    /// Says what failed, for a command that goes on.
    pub(super) fn tell(&self, failure: &Failure) {
        // As with a remark, nobody may be there to read it.
        let _ = self.explain(failure);
    }

    fn explain(&self, failure: &Failure) -> io::Result<()> {
        if self.json {
            let mut stdout = io::stdout();
            let error = json!({"error": {
                "class": failure.class.name(),
                "message": failure.message,
                "hint": failure.hint,
            }});
            let error = error.to_string();
            writeln!(stdout, "{}", escape_json(&error))?;
            return stdout.flush();
        }
        // Standard error may be gone as well; the exit code still tells.
        let mut stderr = anstream::stderr();
        let _ = writeln!(
            stderr,
            "{} {}",
            "error:".red().bold(),
            lines(&failure.message)
        );
        if let Some(hint) = &failure.hint {
            let _ = writeln!(stderr, "\n{} {}", "hint:".cyan().bold(), lines(hint));
        }
        Ok(())
    }
}

/// Text of several lines, each escaped.
fn lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// Standard output. When the shell has led it into a file, a flush reaches the disk: what
/// counts as delivered must survive a crash there too.
struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::stdout().write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()?;
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        if file.metadata()?.is_file() {
            file.sync_data()?;
        }
        Ok(())
    }
}

/// A stream beside the progress bar.
struct Beside<S> {
    bar: ProgressBar,
    stream: S,
}

impl<S: Write> Write for Beside<S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bar.suspend(|| self.stream.write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bar.suspend(|| self.stream.write_all(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
