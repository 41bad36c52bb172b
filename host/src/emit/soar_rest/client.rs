//! Requests to SOAR, tried again until there is an answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use jiff::{Timestamp, fmt::rfc2822};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use ureq::{Agent, http::Response};
use url::Url;

use crate::{config::Soar, http, model::text::shorten, ports::DeliverError};

/// What an answer has at most: a page of artifacts with all their fields.
const MAX_ANSWER: u64 = 256 << 20;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Whatever the server asks for: it must not stop a poll for a day.
const LONGEST_WAIT: Duration = Duration::from_mins(10);
/// How often a pause looks at the stop flag.
const LOOK: Duration = Duration::from_millis(50);
/// Characters of what a stranger says.
const WORDS: usize = 120;

/// What one request came to, if not to an answer of SOAR's.
#[derive(Debug)]
pub(super) enum Failed {
    /// Worth another try, after this long if it was told. It may have been done nevertheless.
    Passing {
        cause: String,
        after: Option<Duration>,
    },
    /// The token is not accepted.
    Login(u16),
    /// What answers is no SOAR.
    Foreign(String),
}

impl Failed {
    pub(super) fn passing(cause: impl Into<String>) -> Self {
        Self::Passing {
            cause: cause.into(),
            after: None,
        }
    }
}

/// An answer of SOAR's: a status below 500, and a body of JSON.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

pub(super) struct Client {
    agent: Agent,
    url: Url,
    token: SecretString,
    timeout: Duration,
    give_up: Duration,
    stop: Arc<AtomicBool>,
}

impl Client {
    pub(super) fn new(soar: &Soar, stop: Arc<AtomicBool>) -> Self {
        Self {
            agent: http::agent(soar.ca.as_ref()),
            url: soar.url.clone(),
            token: soar.token.clone(),
            timeout: soar.timeout,
            give_up: soar.give_up,
            stop,
        }
    }

    /// How long a request may still be under way at SOAR after this client has hung up on it.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn post(&self, path: &str, body: &str) -> Result<Answer, Failed> {
        let request = self
            .agent
            .post(self.endpoint(path).as_str())
            .header("ph-auth-token", self.token.expose_secret())
            .content_type("application/json")
            .config()
            .timeout_global(Some(self.timeout))
            .build();
        read(request.send(body))
    }

    pub(super) fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Failed> {
        let mut url = self.endpoint(path);
        url.query_pairs_mut().extend_pairs(query);
        let request = self
            .agent
            .get(url.as_str())
            .header("ph-auth-token", self.token.expose_secret())
            .config()
            .timeout_global(Some(self.timeout))
            .build();
        read(request.call())
    }

    fn endpoint(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["rest", path]);
        }
        url
    }

    /// Has `request` done until it comes to something, with longer and longer pauses, as long as
    /// the asset says; not any more once the stop flag is set.
    pub(super) fn persist<T>(
        &self,
        mut request: impl FnMut() -> Result<T, Failed>,
    ) -> Result<T, DeliverError> {
        let begun = Instant::now();
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .without_max_times()
            .with_jitter()
            .build();
        loop {
            let (cause, after) = match request() {
                Ok(done) => return Ok(done),
                Err(Failed::Passing { cause, after }) => (cause, after),
                Err(failed) => return Err(self.error(&failed)),
            };
            let pause = pauses.next().unwrap_or(LONGEST_PAUSE);
            let pause = after.map_or(pause, |after| after.max(pause));
            let late = begun.elapsed() + pause > self.give_up;
            if late || self.stop.load(Ordering::Relaxed) {
                return Err(self.error(&Failed::passing(cause)));
            }
            tracing::warn!(
                "SOAR did not save containers: {cause}; trying again in {:.1} s",
                pause.as_secs_f32()
            );
            self.pause(pause);
        }
    }

    /// Has `request` done without another try.
    pub(super) fn once<T>(
        &self,
        request: impl FnOnce() -> Result<T, Failed>,
    ) -> Result<T, DeliverError> {
        request().map_err(|failed| self.error(&failed))
    }

    fn pause(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while let Some(left) = until.checked_duration_since(Instant::now())
            && !self.stop.load(Ordering::Relaxed)
        {
            thread::sleep(left.min(LOOK));
        }
    }

    fn error(&self, failed: &Failed) -> DeliverError {
        let url = &self.url;
        let (message, hint) = match failed {
            Failed::Passing { cause, .. } => (
                format!("SOAR at {url} did not save containers: {cause}"),
                "check soar_url and that SOAR is up, and poll again: nothing is lost, and what was \
                 saved will not be doubled",
            ),
            Failed::Login(status) => (
                format!("SOAR at {url} does not accept the token ({status})"),
                "give the token of an automation user that may add containers: soar_token, \
                 soar_token_file or soar_token_env",
            ),
            Failed::Foreign(what) => (
                format!("what answers at {url} is not SOAR's REST API: {what}"),
                "correct soar_url: it is the address of SOAR's web page, without a path",
            ),
        };
        DeliverError {
            message,
            hint: hint.to_owned(),
        }
    }
}

fn read(sent: Result<Response<ureq::Body>, ureq::Error>) -> Result<Answer, Failed> {
    let mut answer = sent.map_err(|error| Failed::passing(error.to_string()))?;
    let status = answer.status().as_u16();
    let after = answer
        .headers()
        .get("retry-after")
        .and_then(|value| retry_after(value.to_str().ok()?, Timestamp::now()));
    match status {
        401 | 403 => return Err(Failed::Login(status)),
        408 | 425 | 429 | 500.. => {
            return Err(Failed::Passing {
                cause: format!("status {status}"),
                after,
            });
        }
        300..=399 => {
            return Err(Failed::Foreign(format!("status {status}, a redirection")));
        }
        // No container is at fault when there is nowhere to post it.
        404 | 405 => return Err(Failed::Foreign(format!("status {status}"))),
        _ => {}
    }
    let text = answer
        .body_mut()
        .with_config()
        .limit(MAX_ANSWER)
        .read_to_string()
        .map_err(|error| Failed::passing(format!("the answer broke off: {error}")))?;
    match serde_json::from_str(&text) {
        Ok(body) => Ok(Answer { status, body }),
        // Cut off by something in between, or a page of it: SOAR itself may be well.
        Err(_) => Err(Failed::passing(format!(
            "status {status}, and not JSON but {}",
            shorten(&text, WORDS)
        ))),
    }
}

/// Seconds, or the date of HTTP.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let pause = if let Ok(seconds) = value.trim().parse() {
        Duration::from_secs(seconds)
    } else {
        let at = rfc2822::parse(value.trim()).ok()?.timestamp();
        Duration::try_from(at.duration_since(now)).unwrap_or_default()
    };
    Some(pause.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_say_when_to_come_again() {
        let now = "2015-10-21T07:27:30Z".parse().unwrap();
        let seconds = |value| retry_after(value, now).map(|pause| pause.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Wed, 21 Oct 2015 07:28:00 GMT"), Some(30));
        assert_eq!(seconds("Wed, 21 Oct 2015 07:27:00 GMT"), Some(0));
        assert_eq!(seconds("99999999"), Some(600));
        assert_eq!((seconds("soon"), seconds("-1")), (None, None));
    }
}
