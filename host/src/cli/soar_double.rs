//! `kafka-soar soar-double`

use std::{
    env, fmt::Write as _, net::SocketAddr, path::PathBuf, sync::atomic::Ordering, thread,
    time::Duration,
};

use serde_json::json;

use super::{end::End, input::Input, progress::counted, signals::Signals, terminal::Terminal};
use crate::{
    actions::{Class, Failure},
    soar_double::{Counts, Error, Faults, Mode, Options, SoarDouble},
};

/// How soon a signal is noticed.
const TICK: Duration = Duration::from_millis(50);

/// Stand in for Splunk SOAR's REST API, to try things without SOAR
///
/// Takes containers and artifacts under /rest/ as SOAR does, refuses what SOAR might refuse, and
/// keeps what it takes. It can be told to fail. The first line of standard output is its URL; it
/// serves, on this machine only, until SIGINT or SIGTERM.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  A SOAR with the label events, on a free port:
    kafka-soar soar-double

  One that keeps what it gets, and wants a token:
    SOAR_TOKEN=secret kafka-soar soar-double --listen 127.0.0.1:8443 --store soar.db \\
      --token-env SOAR_TOKEN --label events --label firewall

  One that fails every fifth request, the same way each time:
    kafka-soar soar-double --fault reset_response --fault throttle --fault-rate 0.2 --seed 7

  What it holds, a container a line, and what it has seen:
    curl http://127.0.0.1:8443/double/export
    curl http://127.0.0.1:8443/double/counts

  Let the next two requests fail, then none:
    curl -X PUT http://127.0.0.1:8443/double/faults \\
      -d '{\"next\": [\"error_after_saving\", \"refuse\"]}'

With a token every request has the header ph-auth-token, those under /double/ too.

Faults:
  pass                 none, for \"next\"
  refuse               the connection is reset before the body is read
  reset_request        half of the body is read, then the connection is reset; nothing is saved
  reset_response       saved, then the answer breaks off in the middle
  error_before_saving  500, 502 and 503 in turn
  error_after_saving   saved, but 500
  throttle             429 with Retry-After in seconds; nothing is saved
  throttle_until       429 with Retry-After as a date; nothing is saved
  slow                 waits, then saves even if the client has hung up
  slow_answer          saves, then waits
  garbage              saved, but 200 with what is no answer: bytes, half of it, a login page
  stall                waits until the faults are set anew")]
pub(super) struct Serve {
    /// Where to listen, on a loopback address; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A database file that keeps what it takes, made if it isn't there; without it nothing is kept
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// The environment variable with the token that requests must have
    #[arg(long, value_name = "NAME", conflicts_with = "token_file")]
    token_env: Option<String>,
    /// The file with the token that requests must have
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// A label that containers may have; repeat it for more
    #[arg(long = "label", value_name = "NAME", default_value = "events")]
    labels: Vec<String>,
    /// A severity that there is; repeat it for more
    #[arg(long = "severity", value_name = "NAME", default_values = ["high", "medium", "low"])]
    severities: Vec<String>,
    /// The status of the answer to a duplicate container: 200, 400 or 409
    #[arg(long, value_name = "STATUS", default_value_t = 400)]
    duplicate_status: u16,
    /// A way to fail, see below; repeat it for more. Without one it is any but pass and stall
    #[arg(long = "fault", value_name = "FAULT", hide_possible_values = true)]
    faults: Vec<Mode>,
    /// The share of requests that fail, from 0 to 1 [default: 1 with --fault, else 0]
    #[arg(long, value_name = "SHARE")]
    fault_rate: Option<f64>,
    /// Which requests fail, and how, follows from this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Milliseconds to wait, for the slow faults
    #[arg(long = "slow", value_name = "MS", default_value_t = 1000)]
    slow_ms: u64,
    /// Seconds that a throttled client is asked to wait
    #[arg(long, value_name = "S", default_value_t = 1)]
    retry_after: u64,
}

impl Serve {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        let signals = Signals::catch()?;
        let double = SoarDouble::start(self.options()?).map_err(|e| failure(&e))?;
        let url = double.url();
        let written = if terminal.json {
            terminal.print_json(&json!({"url": url}))
        } else {
            terminal.print(&url)
        };
        if !matches!(written, End::Done) {
            return Ok(written);
        }
        self.explain(terminal, &url);
        let stop = signals.stop();
        while !stop.load(Ordering::Relaxed) {
            thread::sleep(TICK);
        }
        let counts = double.counts().map_err(|e| failure(&e))?;
        drop(double);
        let written = if terminal.json {
            terminal.print_json(&json!({"counts": counts}))
        } else {
            terminal.remark(&sentence(&counts));
            End::Done
        };
        Ok(match written {
            End::Done => signals.end().unwrap_or(End::Done),
            failed => failed,
        })
    }

    fn options(&self) -> Result<Options, Failure> {
        let rate = if self.faults.is_empty() { 0.0 } else { 1.0 };
        Ok(Options {
            address: self.listen,
            store: self.store.clone(),
            token: self.token()?,
            labels: self.labels.clone(),
            severities: self.severities.clone(),
            duplicate_status: self.duplicate_status,
            faults: Faults {
                seed: self.seed,
                rate: self.fault_rate.unwrap_or(rate),
                modes: self.faults.clone(),
                slow: Duration::from_millis(self.slow_ms),
                retry_after: self.retry_after,
                ..Faults::default()
            },
            ..Options::default()
        })
    }

    fn token(&self) -> Result<Option<String>, Failure> {
        if let Some(name) = &self.token_env {
            return env::var(name).map(Some).map_err(|_| {
                let problem = format!("there is no environment variable {name} of UTF-8 text");
                Failure::new(Class::Config, problem).hint("set it, or give --token-file")
            });
        }
        let Some(path) = &self.token_file else {
            return Ok(None);
        };
        let mut token = Input::File(path.clone()).read("the token")?;
        // The line's end that an editor adds is not part of it.
        token.truncate(token.trim_end_matches(['\r', '\n']).len());
        Ok(Some(token))
    }

    fn explain(&self, terminal: &Terminal, url: &str) {
        let kept = match &self.store {
            None => "nothing is kept when it ends".to_owned(),
            Some(path) => format!("kept in {}", path.display()),
        };
        terminal.remark(&format!(
            "stands in for SOAR; {kept}; labels: {}",
            self.labels.join(", ")
        ));
        terminal.remark(&format!(
            "in an asset's configuration: \"soar_url\": \"{url}\""
        ));
        terminal.remark(&format!("what it holds: curl {url}/double/export"));
    }
}

fn failure(error: &Error) -> Failure {
    let (class, hint) = match error {
        Error::NotLoopback(_) => (
            Class::Config,
            "what stands in for SOAR in a test has no business on a network",
        ),
        Error::Listen { .. } => (Class::Config, "name another port, or 0 for a free one"),
        Error::Token => (Class::Config, "give the token itself, without spaces"),
        Error::DuplicateStatus(_) => (Class::Config, "see --duplicate-status in --help"),
        Error::Faults(_) => (Class::Config, "see --help"),
        Error::Foreign(_) => (Class::Config, "name another file with --store"),
        Error::Open { .. } => (Class::Output, "its folder must be there and writable"),
        Error::Store(_) | Error::Export(_) => (Class::Output, "is the disk full?"),
        Error::Threads(_) => (Class::Internal, "are there limits on threads or files?"),
    };
    Failure::new(class, error.to_string()).hint(hint)
}

fn sentence(counts: &Counts) -> String {
    let mut text = format!(
        "ended with {} and {} after {}",
        counted(counts.containers, "container"),
        counted(counts.artifacts, "artifact"),
        counted(counts.requests, "request"),
    );
    let mut separator = "; faults: ";
    for (mode, count) in &counts.faults {
        let _ = write!(text, "{separator}{count} {mode}");
        separator = ", ";
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::Args as _;

    use super::*;

    #[test]
    fn every_fault_is_in_the_help() {
        let mut command = Serve::augment_args(clap::Command::new("soar-double"));
        let help = command.render_long_help().to_string();
        for mode in Mode::ALL {
            assert!(help.contains(&format!("\n  {mode} ")), "{mode}");
        }
    }

    #[test]
    fn the_end_is_told_in_a_line() {
        let mut counts = Counts {
            containers: 1,
            artifacts: 2345,
            requests: 4,
            faults: BTreeMap::new(),
        };
        let text = "ended with 1 container and 2,345 artifacts after 4 requests";
        assert_eq!(sentence(&counts), text);
        counts.faults = [(Mode::Refuse, 1), (Mode::Slow, 2)].into();
        assert_eq!(
            sentence(&counts),
            format!("{text}; faults: 1 refuse, 2 slow")
        );
    }
}
