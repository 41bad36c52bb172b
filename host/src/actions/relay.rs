//! One action for a program that speaks for SOAR: a request in, lines out (docs/protocol.md).
//! Everything that an app means is here; the app itself only relays.

mod originals;
mod parameters;
mod request;

use std::{
    path::PathBuf,
    rc::Rc,
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

pub use request::{Action, Request};

use super::{
    Class, Failure,
    on_poll::{self, Mode, Progress, Summary},
    post_data,
    state::{Home, Lent},
    test_connectivity,
};
use crate::{
    config::{Config, Policy},
    emit::{Exchange, Reply},
    model::text::shorten,
};

/// The version that is spoken here.
pub const PROTOCOL: u64 = 1;

/// Artifacts of a container, unless the asset says: as many as SOAR takes well.
const MAX_ARTIFACTS: usize = 1000;

/// How often a poll says how far it is.
const PACE: Duration = Duration::from_secs(2);

/// The asset's configuration, as a poll under SOAR wants it.
///
/// # Errors
///
/// [`Class::Config`] with every fault.
pub fn configure(request: &Request, policy: &Policy) -> Result<Config, Failure> {
    let mut config = request.config(policy)?;
    let max = &mut config.containers.max_artifacts;
    *max = max.or(Some(MAX_ARTIFACTS));
    Ok(config)
}

/// Runs the action; what it comes to is also told when it fails.
pub fn run(
    request: &Request,
    config: &Config,
    exchange: &Exchange,
    quarantine: PathBuf,
    stop: Arc<AtomicBool>,
) -> Reply {
    let done = match request.action {
        Action::TestConnectivity => Ok(test(request, config, exchange)),
        Action::OnPoll => poll(request, config, exchange, quarantine, stop),
        Action::PostData => post(request, config, exchange),
    };
    done.unwrap_or_else(|failure| failed(&failure, exchange))
}

/// The reply to a request that came to nothing.
#[must_use]
pub fn failed(failure: &Failure, exchange: &Exchange) -> Reply {
    let message = originals::status(&failure.message);
    if message != failure.message {
        say(exchange, &failure.message);
    }
    if let Some(remedy) = &failure.hint {
        say(exchange, remedy);
    }
    Reply {
        status: "failed",
        message,
        remedy: failure.hint.clone(),
        data: json!([]),
        summary: json!({}),
    }
}

fn succeeded(message: impl Into<String>) -> Reply {
    Reply {
        status: "success",
        message: message.into(),
        remedy: None,
        data: json!([]),
        summary: json!({}),
    }
}

/// A program that went away is noticed where it matters, when something must be acknowledged.
fn say(exchange: &Exchange, text: &str) {
    let _ = exchange.progress(text);
}

/// The state as the program that speaks for SOAR keeps it.
fn home(request: &Request, exchange: &Exchange) -> Home {
    let exchange = exchange.clone();
    Home::Lent(Lent {
        text: request.state.clone(),
        save: Rc::new(move |text| {
            exchange.state(text).map_err(|error| {
                Failure::new(Class::Output, format!("the state can't be kept: {error}"))
                    .hint("see to SOAR's disk; the next poll goes on from the last state")
            })
        }),
    })
}

fn test(request: &Request, config: &Config, exchange: &Exchange) -> Reply {
    let options = test_connectivity::Options {
        state: request.state.is_some().then(|| home(request, exchange)),
    };
    // The verdict comes last, after a line for each thing that was looked at.
    let verdict = |text: &str| text.starts_with("Test Connectivity ");
    let outcome = test_connectivity::run(config, &options, &mut |text| {
        if !verdict(text) {
            say(exchange, text);
        }
    });
    for check in &outcome.checks {
        let found = if check.ok { "ok" } else { "FAILED" };
        say(
            exchange,
            &format!("{found}: {}: {}", check.name, check.detail),
        );
        if let Some(remedy) = &check.remedy {
            say(exchange, &format!("→ {remedy}"));
        }
    }
    say(exchange, outcome.status);
    let failed = outcome.checks.iter().find(|check| !check.ok);
    Reply {
        status: if outcome.passed { "success" } else { "failed" },
        remedy: failed.and_then(|check| check.remedy.clone()),
        ..succeeded(outcome.status)
    }
}

fn poll(
    request: &Request,
    config: &Config,
    exchange: &Exchange,
    quarantine: PathBuf,
    stop: Arc<AtomicBool>,
) -> Result<Reply, Failure> {
    let mode = parameters::mode(request)?;
    if let Some(name) = config.parser.name() {
        let name = shorten(name, 100);
        say(
            exchange,
            &format!("Using custom message parsing script - {name}"),
        );
    }
    let options = on_poll::Options {
        state: (mode == Mode::Scheduled).then(|| home(request, exchange)),
        quarantine,
        mode,
        recording: None,
        stop,
    };
    let mut told = Instant::now();
    let outcome = on_poll::run(config, &options, &mut exchange.clone(), &mut |progress| {
        if told.elapsed() >= PACE {
            told = Instant::now();
            say(exchange, &how_far(progress));
        }
    })?;
    for remark in remarks(&outcome.summary) {
        say(exchange, &remark);
    }
    Ok(Reply {
        summary: figures(&outcome.summary),
        ..succeeded(outcome.status)
    })
}

fn how_far(progress: &Progress) -> String {
    format!(
        "Ingested {} messages, {} are left",
        progress.messages, progress.behind
    )
}

/// What a person should know of a poll that went well.
fn remarks(summary: &Summary) -> impl Iterator<Item = String> {
    let lost = summary.lost_to_retention;
    let lost = (lost > 0).then(|| {
        format!(
            "{lost} message(s) at most were deleted by the topic's retention before they were \
             read; the poll went on at the oldest that is left"
        )
    });
    let bad = summary.counts.quarantined;
    let bad = (bad > 0).then(|| {
        format!("{bad} message(s) that can't be handled are in quarantine, with the reasons")
    });
    lost.into_iter().chain(bad)
}

/// What stays the same when a poll is repeated; times and walls are for the command line.
fn figures(summary: &Summary) -> Value {
    let counts = &summary.counts;
    json!({
        "messages": counts.messages,
        "containers": counts.containers,
        "artifacts": counts.artifacts,
        "quarantined": counts.quarantined,
        "filtered": counts.filtered,
        "lost_to_retention": summary.lost_to_retention,
        "behind": summary.behind,
    })
}

fn post(request: &Request, config: &Config, exchange: &Exchange) -> Result<Reply, Failure> {
    let outcome = post_data::run(config, &parameters::post(request)?)?;
    let mut reply = match outcome.failure() {
        Some(failure) => failed(&failure, exchange),
        None => succeeded(outcome.status),
    };
    reply.data = json!(outcome.rows);
    Ok(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_tells_what_went_missing_and_nothing_else() {
        let mut summary = Summary::default();
        assert_eq!(remarks(&summary).count(), 0);
        summary.lost_to_retention = 7;
        summary.counts.quarantined = 2;
        let said: Vec<_> = remarks(&summary).collect();
        assert!(said[0].starts_with("7 message(s)") && said[1].starts_with("2 message(s)"));
    }
}
