//! Log lines on standard error.

use std::{env, io};

use anstream::AutoStream;
use tracing_subscriber::{EnvFilter, fmt};

use super::{Global, terminal::Terminal};

/// A filter by module that takes the place of `--verbose` and `--quiet`.
const VARIABLE: &str = "KAFKA_SOAR_LOG";

/// Starts logging for the rest of the process. Whoever works on a parser wants to see what it says.
pub(super) fn start(global: &Global, terminal: &Terminal, on_a_parser: bool) {
    let colours = AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    let bar = terminal.bar.clone();
    let subscriber = fmt()
        .with_env_filter(filter(global, on_a_parser))
        .with_ansi(colours)
        .with_target(global.verbose > 0)
        .with_writer(move || Line { bar: bar.clone() });
    // A service manager stamps lines itself; a person who asked for details wants the time.
    let started = if global.verbose > 0 {
        tracing::subscriber::set_global_default(subscriber.finish())
    } else {
        tracing::subscriber::set_global_default(subscriber.without_time().finish())
    };
    started.expect("the process starts logging once");
}

fn filter(global: &Global, on_a_parser: bool) -> EnvFilter {
    let default = match (global.quiet, global.verbose, on_a_parser) {
        (true, ..) => "error",
        (false, 0, false) => "warn,kafka_soar=info",
        (false, 0, true) => "warn,kafka_soar=info,parser=info",
        (false, 1, false) => "info,kafka_soar=debug",
        (false, 1, true) => "info,kafka_soar=debug,parser=debug",
        (false, _, _) => "debug,kafka_soar=trace",
    };
    let wanted = env::var(VARIABLE).unwrap_or_default();
    match EnvFilter::builder().parse(&wanted) {
        Ok(filter) if !wanted.is_empty() => filter,
        _ => EnvFilter::new(default),
    }
}

/// Standard error beside the progress bar. Each log line arrives in one write.
struct Line {
    bar: indicatif::ProgressBar,
}

impl io::Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bar.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
