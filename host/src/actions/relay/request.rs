//! The request: one line of JSON.

use std::{borrow::Cow, path::PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::PROTOCOL;
use crate::{
    actions::{Class, Failure},
    config::{Config, Faults, Form, Policy},
    model::text::shorten,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Action {
    #[serde(rename = "test connectivity")]
    TestConnectivity,
    #[serde(rename = "on poll")]
    OnPoll,
    #[serde(rename = "post data")]
    PostData,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    pub action: Action,
    /// The asset's configuration as SOAR hands it over.
    config: String,
    /// The action's parameters, of which those that aren't known are passed over: SOAR adds some.
    pub(super) parameters: Map<String, Value>,
    /// The asset's state; `None` before a first poll.
    pub(super) state: Option<String>,
    /// Whether a poll is a poll now, if the app knows.
    pub(super) poll_now: Option<bool>,
    /// The file for messages that can't be handled.
    pub quarantine: Option<PathBuf>,
}

/// Read first, by itself: what else there is depends on it.
#[derive(Deserialize)]
struct Version {
    protocol: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(rename = "protocol")]
    _protocol: u64,
    action: Action,
    config: Box<RawValue>,
    #[serde(default)]
    parameters: Option<Map<String, Value>>,
    #[serde(default)]
    state: Option<Box<RawValue>>,
    #[serde(default)]
    poll_now: Option<bool>,
    #[serde(default)]
    quarantine: Option<PathBuf>,
}

impl Request {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// [`Class::Config`] when it is no request of this protocol.
    pub fn parse(line: &str) -> Result<Self, Failure> {
        if line.trim().is_empty() {
            return Err(refused("the request is missing")
                .hint("write one line of JSON to standard input (docs/protocol.md)"));
        }
        let version: Version = serde_json::from_str(line).map_err(|e| unreadable(&e))?;
        if version.protocol.as_u64() != Some(PROTOCOL) {
            return Err(refused(format!(
                "protocol: this kafka-soar speaks version {PROTOCOL}, found {}",
                shorten(&version.protocol.to_string(), 40)
            ))
            .hint("install app and binary from one package"));
        }
        let line: Line = serde_json::from_str(line).map_err(|e| unreadable(&e))?;
        let state = line.state.map(|raw| raw.get().to_owned());
        Ok(Self {
            action: line.action,
            config: line.config.get().to_owned(),
            parameters: line.parameters.unwrap_or_default(),
            // An app that has kept nothing yet has an empty one.
            state: state.filter(|text| !matches!(text.as_str(), "null" | "{}")),
            poll_now: line.poll_now,
            quarantine: line.quarantine,
        })
    }

    /// The asset's configuration, checked.
    pub(super) fn config(&self, policy: &Policy) -> Result<Config, Failure> {
        let config = with_settings(&self.config);
        let mut form = Form::parse(&config).map_err(|faults| faulty(&faults))?;
        // The topic of a post is its own; the asset's may be a pattern.
        if let (Action::PostData, Some(Value::String(topic))) =
            (self.action, self.parameters.get("topic"))
        {
            form.set("topic", topic.as_str());
        }
        form.check(policy).map_err(|faults| faulty(&faults))
    }
}

/// SOAR's form has no field for an object, so `parser_settings` comes as its text. It takes the
/// text's place to the letter; what isn't JSON stays for the check to complain about.
fn with_settings(config: &str) -> Cow<'_, str> {
    const FIELD: &str = "parser_settings";
    let settings = || {
        let mut fields: Map<String, Value> = serde_json::from_str(config).ok()?;
        let Value::String(text) = fields.shift_remove(FIELD)? else {
            return None;
        };
        let mut rest = Value::Object(fields).to_string();
        if text.trim().is_empty() {
            return Some(rest);
        }
        let settings = RawValue::from_string(text.trim().to_owned()).ok()?;
        rest.pop();
        let comma = if rest.len() > 1 { "," } else { "" };
        Some(format!("{rest}{comma}\"{FIELD}\":{settings}}}"))
    };
    settings().map_or(Cow::Borrowed(config), Cow::Owned)
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::new(Class::Config, message)
}

fn unreadable(error: &serde_json::Error) -> Failure {
    refused(format!("the request can't be understood: {error}"))
        .hint("docs/protocol.md says what a request looks like")
}

/// One fault reads as a status; several are a list.
fn faulty(faults: &Faults) -> Failure {
    match faults.list() {
        [fault] => {
            let field = fault.field.as_deref().unwrap_or_default();
            // The original's texts are sentences, and stand by themselves.
            let sentence = fault.problem.starts_with(char::is_uppercase);
            let message = match (field, sentence) {
                ("", _) | (_, true) => fault.problem.clone(),
                (field, false) => format!("{field}: {}", fault.problem),
            };
            refused(message).hint(&fault.remedy)
        }
        list => refused(format!(
            "the asset's configuration has {} faults\n\n{faults}",
            list.len()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_another_version_is_refused_whatever_else_it_holds() {
        let failure = Request::parse(r#"{"protocol":2,"verb":"poll"}"#).unwrap_err();
        assert_eq!(
            failure.message,
            "protocol: this kafka-soar speaks version 1, found 2"
        );
        assert!(failure.hint.is_some());
    }

    #[test]
    fn what_cant_be_understood_is_named() {
        for (line, part) in [
            ("", "missing"),
            ("{", "can't be understood"),
            (r#"{"protocol":1,"action":"poll","config":{}}"#, "poll"),
            (r#"{"protocol":1,"action":"on poll"}"#, "config"),
            (
                r#"{"protocol":1,"action":"on poll","config":{},"x":1}"#,
                "`x`",
            ),
        ] {
            let failure = Request::parse(line).unwrap_err();
            assert!(failure.message.contains(part), "{failure}");
        }
    }

    #[test]
    fn settings_that_come_as_a_text_take_its_place_to_the_letter() {
        for (config, found) in [
            (
                r#"{"topic":"t","parser_settings":" {\"a\": 1.10}\n"}"#,
                r#"{"topic":"t","parser_settings":{"a": 1.10}}"#,
            ),
            (r#"{"parser_settings":""}"#, "{}"),
            (r#"{"parser_settings":"{"}"#, r#"{"parser_settings":"{"}"#),
            (r#"{"parser_settings":{}}"#, r#"{"parser_settings":{}}"#),
        ] {
            assert_eq!(with_settings(config), found);
        }
    }

    #[test]
    fn an_empty_state_is_none() {
        for (state, found) in [
            ("null", None),
            ("{}", None),
            (r#"{"a": 1}"#, Some(r#"{"a": 1}"#)),
        ] {
            let line =
                format!(r#"{{"protocol":1,"action":"on poll","config":{{}},"state":{state}}}"#);
            assert_eq!(Request::parse(&line).unwrap().state.as_deref(), found);
        }
    }
}
