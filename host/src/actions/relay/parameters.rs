//! The actions' parameters, as SOAR hands them over: numbers may be floats, or text.

use std::num::NonZeroU64;

use serde_json::{Map, Value};

use super::Request;
use crate::{
    actions::{
        Class, Failure,
        on_poll::Mode,
        post_data::{Compression, Envelope, Options},
    },
    model::text::shorten,
};

/// What SOAR counts up to in a scheduled poll: no bound.
const UNBOUNDED: i64 = 4_294_967_295;

/// Which kind of poll is asked for.
pub(super) fn mode(request: &Request) -> Result<Mode, Failure> {
    let parameters = &request.parameters;
    let containers = whole(parameters, "container_count")?;
    if containers.is_some_and(|count| count <= 0) {
        return Err(refused("Container count should be a positive integer"));
    }
    let now = request
        .poll_now
        .unwrap_or(containers.is_some_and(|count| count != UNBOUNDED));
    if !now {
        return Ok(Mode::Scheduled);
    }
    let count = whole(parameters, "artifact_count")?.unwrap_or(1);
    let count = u64::try_from(count).ok().and_then(NonZeroU64::new);
    count
        .map(Mode::Now)
        .ok_or_else(|| refused("Artifact count should be a positive integer"))
}

/// What is to be posted.
pub(super) fn post(request: &Request) -> Result<Options, Failure> {
    let parameters = &request.parameters;
    let data = text(parameters, "data")?.ok_or_else(|| {
        refused("the parameter data is missing").hint("give the text or the JSON to send")
    })?;
    let partition = whole(parameters, "partition")?
        .map(|number| {
            let partition = i32::try_from(number).ok().filter(|number| *number >= 0);
            partition.ok_or_else(|| {
                refused(format!(
                    "partition: expected a number from 0, found {number}"
                ))
            })
        })
        .transpose()?;
    Ok(Options {
        data_type: text(parameters, "data_type")?.unwrap_or_else(|| "string".to_owned()),
        data,
        topic: text(parameters, "topic")?,
        timeout: whole(parameters, "timeout")?.unwrap_or(0),
        envelope: Envelope {
            key: text(parameters, "key")?.filter(|key| !key.is_empty()),
            headers: headers(parameters)?,
            partition,
        },
        compression: compression(parameters)?,
    })
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::new(Class::Config, message)
}

fn text(parameters: &Map<String, Value>, name: &str) -> Result<Option<String>, Failure> {
    match parameters.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(refused(format!(
            "{name}: expected a text, found {}",
            shorten(&other.to_string(), 60)
        ))),
    }
}

fn whole(parameters: &Map<String, Value>, name: &str) -> Result<Option<i64>, Failure> {
    let found = match parameters.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(found) => found,
    };
    let number = match found {
        Value::Number(number) => number.as_i64().or_else(|| integral(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.map(Some).ok_or_else(|| {
        refused(format!(
            "{name}: expected a whole number, found {}",
            shorten(&found.to_string(), 60)
        ))
    })
}

/// The whole number that a float stands for, within what a float holds exactly.
fn integral(float: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
}

/// A JSON object's text: names and values, which are text or null.
fn headers(parameters: &Map<String, Value>) -> Result<Vec<(String, Option<String>)>, Failure> {
    let Some(text) = text(parameters, "headers")?.filter(|text| !text.trim().is_empty()) else {
        return Ok(Vec::new());
    };
    let headers: Result<Map<String, Value>, _> = serde_json::from_str(&text);
    let header = |(name, value): (String, Value)| match value {
        Value::String(text) => Some((name, Some(text))),
        Value::Null => Some((name, None)),
        _ => None,
    };
    headers
        .ok()
        .and_then(|headers| headers.into_iter().map(header).collect())
        .ok_or_else(|| {
            refused(format!(
                "headers: expected a JSON object of texts, found {}",
                shorten(&text, 60)
            ))
            .hint("write it like {\"source\": \"soar\"}")
        })
}

fn compression(parameters: &Map<String, Value>) -> Result<Compression, Failure> {
    let name = text(parameters, "compression")?.filter(|name| !name.is_empty());
    let name = name.as_deref().unwrap_or("none");
    let found = Compression::ALL
        .into_iter()
        .find(|codec| codec.name() == name);
    found.ok_or_else(|| {
        let names = Compression::ALL.map(Compression::name).join(", ");
        refused(format!(
            "compression: expected one of {names}, found {}",
            shorten(name, 60)
        ))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(parameters: &Value, poll_now: Option<bool>) -> Request {
        let line = json!({
            "protocol": 1, "action": "on poll", "config": {},
            "parameters": parameters, "poll_now": poll_now,
        });
        Request::parse(&line.to_string()).unwrap()
    }

    fn asked(parameters: &Value, poll_now: Option<bool>) -> Result<Mode, String> {
        mode(&request(parameters, poll_now)).map_err(|failure| failure.message)
    }

    #[test]
    fn a_poll_now_is_known_by_its_count_unless_the_app_says() {
        let now = |count| Ok(Mode::Now(NonZeroU64::new(count).unwrap()));
        let scheduled = Ok(Mode::Scheduled);
        assert_eq!(asked(&json!({}), None), scheduled);
        assert_eq!(
            asked(&json!({"container_count": 4_294_967_295_u64}), None),
            scheduled
        );
        assert_eq!(asked(&json!({"container_count": 1}), None), now(1));
        assert_eq!(
            asked(
                &json!({"container_count": 1.0, "artifact_count": "7"}),
                None
            ),
            now(7)
        );
        assert_eq!(
            asked(&json!({"container_count": 1}), Some(false)),
            scheduled
        );
        assert_eq!(asked(&json!({"artifact_count": 3}), Some(true)), now(3));
    }

    #[test]
    fn counts_are_positive() {
        for (parameters, text) in [
            (
                json!({"container_count": 0}),
                "Container count should be a positive integer",
            ),
            (
                json!({"container_count": -1}),
                "Container count should be a positive integer",
            ),
            (
                json!({"container_count": 1, "artifact_count": 0}),
                "Artifact count should be a positive integer",
            ),
            (
                json!({"container_count": "x"}),
                "container_count: expected a whole number, found \"x\"",
            ),
        ] {
            assert_eq!(asked(&parameters, None), Err(text.to_owned()));
        }
        // Of no matter to a scheduled poll.
        assert!(asked(&json!({"artifact_count": 0}), Some(false)).is_ok());
    }

    #[test]
    fn a_post_has_the_originals_defaults() {
        let options = post(&request(&json!({"data": "x", "topic": "t"}), None)).unwrap();
        assert_eq!((options.data_type.as_str(), options.timeout), ("string", 0));
        assert_eq!(options.envelope, Envelope::default());
        let parameters = json!({
            "data": "x", "timeout": 2.0, "headers": "{\"a\": \"b\", \"c\": null}",
            "compression": "zstd", "partition": 1, "key": "k",
        });
        let options = post(&request(&parameters, None)).unwrap();
        assert_eq!(options.timeout, 2);
        assert_eq!(options.envelope.partition, Some(1));
        let headers = [("a".into(), Some("b".into())), ("c".into(), None)];
        assert_eq!(options.envelope.headers, headers);
    }

    #[test]
    fn parameters_that_cant_be_used_are_named() {
        for (parameters, part) in [
            (json!({}), "data is missing"),
            (json!({"data": 1}), "data: expected a text"),
            (
                json!({"data": "x", "headers": "a=b"}),
                "headers: expected a JSON object",
            ),
            (
                json!({"data": "x", "headers": "{\"a\": 1}"}),
                "headers: expected",
            ),
            (
                json!({"data": "x", "compression": "lzma"}),
                "compression: expected one of",
            ),
            (json!({"data": "x", "partition": -1}), "partition: expected"),
        ] {
            let failure = post(&request(&parameters, None)).unwrap_err();
            assert!(failure.message.contains(part), "{failure}");
        }
    }
}
