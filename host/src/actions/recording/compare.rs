//! What differs between two outcomes, in words.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use crate::{
    emit::recording::{Failed, Outcome, Returned},
    model::text::shorten,
};

/// Characters of a field's name, a value and a place.
const NAME: usize = 60;
const VALUE: usize = 100;
const PLACE: usize = 300;
/// Characters of an error.
const WORDS: usize = 300;

/// The first difference between two outcomes, in the order: the text, sources, rejections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// `container 0, artifact 3, cef.message`, say.
    pub place: String,
    /// Position of the first byte that differs in the parser's text, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub byte: Option<usize>,
    /// What stands there in the first one.
    pub one: String,
    /// What stands there in the other.
    pub other: String,
}

/// What of it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// What kind of value it is, and how long: messages are nobody else's business.
    Hidden,
    Shown,
}

impl Difference {
    /// `None` when the outcomes are the same, to the byte.
    pub(super) fn between(one: &Outcome, other: &Outcome, values: Values) -> Option<Self> {
        match (one, other) {
            _ if one == other => None,
            (Outcome::Parsed(one), Outcome::Parsed(other)) => Some(returned(one, other, values)),
            (Outcome::Failed(one), Outcome::Failed(other)) => Some(failed(one, other)),
            _ => Some(Self::at("the outcome", summary(one), summary(other))),
        }
    }

    fn at(place: impl Into<String>, one: impl Into<String>, other: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            byte: None,
            one: one.into(),
            other: other.into(),
        }
    }
}

/// An outcome in a line.
fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(failed) => shorten(&failed.words, WORDS).into_owned(),
        Outcome::Parsed(returned) => {
            let containers = match Ingest::list(&returned.ingests) {
                Some(ingests) => format!("{} container(s)", ingests.len()),
                None => "containers".to_owned(),
            };
            format!("{containers}, {} rejection(s)", returned.rejections.len())
        }
    }
}

fn failed(one: &Failed, other: &Failed) -> Difference {
    let place = if (&one.class, &one.limit) == (&other.class, &other.limit) {
        "the error's words"
    } else {
        "the error"
    };
    let words = |failed: &Failed| shorten(&failed.words, WORDS).into_owned();
    Difference::at(place, words(one), words(other))
}

/// Of two that differ.
fn returned(one: &Returned, other: &Returned, values: Values) -> Difference {
    if one.ingests != other.ingests {
        let byte = first_difference(one.ingests.as_bytes(), other.ingests.as_bytes());
        return Difference {
            byte: Some(byte),
            ..text(&one.ingests, &other.ingests, values)
        };
    }
    if one.sources != other.sources {
        let index = first_difference(&one.sources, &other.sources);
        let source = |sources: &[usize]| match sources.get(index) {
            Some(record) => format!("record {record}"),
            None => "none".to_owned(),
        };
        let place = format!("the source of artifact {index} of the batch");
        return Difference::at(place, source(&one.sources), source(&other.sources));
    }
    let index = first_difference(&one.rejections, &other.rejections);
    let rejection = |returned: &Returned| match returned.rejections.get(index) {
        Some(rejected) => format!(
            "record {}: {}",
            rejected.index,
            shorten(&rejected.reason, WORDS)
        ),
        None => "none".to_owned(),
    };
    Difference::at(
        format!("rejection {index}"),
        rejection(one),
        rejection(other),
    )
}

/// Index of the first element that isn't the same.
fn first_difference<T: PartialEq>(one: &[T], other: &[T]) -> usize {
    one.iter().zip(other).take_while(|(a, b)| a == b).count()
}

/// A container with its artifacts, as their text.
#[derive(Deserialize)]
struct Ingest<'a> {
    #[serde(borrow)]
    container: &'a RawValue,
    #[serde(borrow)]
    artifacts: Vec<&'a RawValue>,
}

impl<'a> Ingest<'a> {
    /// `None` for what no parser can have returned.
    fn list(text: &'a str) -> Option<Vec<Self>> {
        if text.trim_ascii().is_empty() {
            return Some(Vec::new());
        }
        serde_json::from_str(text).ok()
    }
}

/// Where two texts differ.
fn text(one: &str, other: &str, values: Values) -> Difference {
    let bytes = |text: &str| format!("{} bytes", text.len());
    let whole = |place| Difference::at(place, bytes(one), bytes(other));
    let (Some(before), Some(after)) = (Ingest::list(one), Ingest::list(other)) else {
        return whole("the text");
    };
    for (number, (one, other)) in before.iter().zip(&after).enumerate() {
        let place = format!("container {number}");
        if one.container.get() != other.container.get() {
            return object(place, one.container, other.container, values);
        }
        for (number, (one, other)) in one.artifacts.iter().zip(&other.artifacts).enumerate() {
            if one.get() != other.get() {
                return object(format!("{place}, artifact {number}"), one, other, values);
            }
        }
        if one.artifacts.len() != other.artifacts.len() {
            let count = |ingest: &Ingest<'_>| format!("{} artifact(s)", ingest.artifacts.len());
            return Difference::at(place, count(one), count(other));
        }
    }
    if before.len() != after.len() {
        let count = |ingests: &[Ingest<'_>]| format!("{} container(s)", ingests.len());
        return Difference::at("the list of containers", count(&before), count(&after));
    }
    whole("spaces or order around containers and artifacts")
}

fn object(place: String, one: &RawValue, other: &RawValue, values: Values) -> Difference {
    let parse = |text: &RawValue| serde_json::from_str::<Value>(text.get()).ok();
    let (Some(before), Some(after)) = (parse(one), parse(other)) else {
        return Difference::at(place, "one text", "another");
    };
    let mut path = String::new();
    if let Some((before, after)) = descend(&mut path, Some(&before), Some(&after)) {
        let place = format!("{place}, {}", shorten(&path, PLACE));
        return Difference::at(place, describe(before, values), describe(after, values));
    }
    let byte = first_difference(one.get().as_bytes(), other.get().as_bytes());
    Difference::at(
        format!("{place}, byte {byte} of its text"),
        "one spelling",
        "another of the same values (spaces, escapes, numbers or the order of fields)",
    )
}

type Two<'a> = (Option<&'a Value>, Option<&'a Value>);

/// The first value that differs, with the way to it in `path`.
fn descend<'a>(
    path: &mut String,
    one: Option<&'a Value>,
    other: Option<&'a Value>,
) -> Option<Two<'a>> {
    match (one, other) {
        _ if one == other => None,
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let name = first_field(one, other)?;
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&shorten(name, NAME));
            descend(path, one.get(name), other.get(name))
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            let index = first_difference(one, other);
            // Writing to a text can't fail.
            let _ = write!(path, "[{index}]");
            descend(path, one.get(index), other.get(index))
        }
        _ => Some((one, other)),
    }
}

fn first_field<'a>(one: &'a Map<String, Value>, other: &'a Map<String, Value>) -> Option<&'a str> {
    one.keys()
        .chain(other.keys())
        .find(|name| one.get(*name) != other.get(*name))
        .map(String::as_str)
}

fn describe(value: Option<&Value>, values: Values) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    if values == Values::Shown {
        return shorten(&value.to_string(), VALUE).into_owned();
    }
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a truth value".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) => format!("a text of {} characters", text.chars().count()),
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(object) => format!("an object of {} fields", object.len()),
    }
}

#[cfg(test)]
mod tests;
