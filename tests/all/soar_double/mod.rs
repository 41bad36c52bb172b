//! The stand-in for SOAR, over real HTTP.

mod cli;
mod faults;
mod queries;
mod records;
mod resets;
mod retries;
mod speed;

use std::time::Duration;

use kafka_soar::soar_double::{Counts, Faults, Options, SoarDouble};
use serde_json::{Value, json};
use ureq::Agent;

/// A client that takes every status as an answer.
struct Client {
    agent: Agent,
    url: String,
    token: Option<&'static str>,
}

/// A status and a body that is JSON.
type Answer = (u16, Value);

impl Client {
    fn new(url: &str) -> Self {
        Self::patient(url, Duration::from_mins(1))
    }

    /// One that hangs up after a time.
    fn patient(url: &str, patience: Duration) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(patience))
            .build();
        Self {
            agent: agent.into(),
            url: url.to_owned(),
            token: None,
        }
    }

    fn send(&self, method: &str, path: &str, body: &[u8]) -> Result<(u16, String), ureq::Error> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        if let Some(token) = self.token {
            request = request.header("ph-auth-token", token);
        }
        let request = request.body(body).expect("a request");
        let mut answer = self.agent.run(request)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(1 << 30);
        Ok((status, body.read_to_string()?))
    }

    fn try_post(&self, path: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let (status, text) = self.send("POST", path, body.to_string().as_bytes())?;
        Ok((status, text.parse().unwrap_or(Value::String(text))))
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).expect("an answer")
    }

    fn get(&self, path: &str) -> Answer {
        let (status, text) = self.send("GET", path, b"").expect("an answer");
        (status, text.parse().expect("JSON"))
    }
}

fn start(options: Options) -> (SoarDouble, Client) {
    let double = SoarDouble::start(options).expect("it starts");
    let client = Client::new(&double.url());
    (double, client)
}

fn double() -> (SoarDouble, Client) {
    start(Options::default())
}

fn failing(faults: Faults) -> (SoarDouble, Client) {
    start(Options {
        faults,
        ..Options::default()
    })
}

/// A container with two artifacts.
fn container(identifier: &str) -> Value {
    json!({
        "name": "Denied connection",
        "label": "events",
        "source_data_identifier": identifier,
        "artifacts": [
            {"name": "a", "cef": {"n": 1}, "source_data_identifier": format!("{identifier}-1")},
            {"name": "b", "cef": {"n": 2}, "source_data_identifier": format!("{identifier}-2")},
        ],
    })
}

/// Containers and artifacts.
fn held(double: &SoarDouble) -> (u64, u64) {
    let Counts {
        containers,
        artifacts,
        ..
    } = double.counts().expect("counts");
    (containers, artifacts)
}

fn export(double: &SoarDouble) -> Vec<Value> {
    let mut text = Vec::new();
    double.export(&mut text).expect("exported");
    crate::asset::lines(std::str::from_utf8(&text).expect("text"))
}

/// An answer that says no: its message.
fn refused((status, body): &Answer, expected: u16) -> &str {
    assert_eq!(*status, expected, "{body}");
    assert_eq!(body["failed"], true, "{body}");
    body["message"].as_str().expect("a message")
}
