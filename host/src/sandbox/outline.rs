//! Validates what a parser returned, in one pass over its JSON text.

use std::{collections::HashSet, fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::wire::Returned;
use crate::{
    config::ParserLimits,
    model::{IngestSpan, Parsed, Rejection, RejectionKind, text},
    ports::ParseError,
};

/// A rejection's reason is cut to this many bytes.
const REASON_BYTES: usize = 1 << 10;

/// Objects and lists inside one another, in one container or artifact. `serde_json` stops there.
const MAX_DEPTH: usize = 127;

/// Checks everything that the contract says is validated.
///
/// # Errors
///
/// [`ParseError::Limit`] for the sizes and counts, [`ParseError::Invalid`] for the rest. Messages
/// say where; they quote nothing of what the parser returned but names of fields.
pub(crate) fn validate(
    returned: Returned,
    records: usize,
    limits: &ParserLimits,
) -> Result<Parsed, ParseError> {
    if returned.ingests.len() > limits.output {
        return Err(ParseError::Limit {
            limit: "parser_output_limit",
            value: format!("{} bytes", limits.output),
            what: format!("it returned {} bytes for one batch", returned.ingests.len()),
        });
    }
    let mut found = Found::new(&returned.ingests, limits.artifacts);
    if !returned.ingests.trim_ascii().is_empty() {
        let mut json = serde_json::Deserializer::from_str(&returned.ingests);
        let read = List(&mut found).deserialize(&mut json);
        if found.too_many {
            return Err(ParseError::Limit {
                limit: "parser_artifact_limit",
                value: limits.artifacts.to_string(),
                what: "it returned too many containers and artifacts for one batch".into(),
            });
        }
        read.and_then(|()| json.end())
            .map_err(|e| ParseError::Invalid(format!("ingests: {e}")))?;
    }
    let Found {
        ingests, artifacts, ..
    } = found;
    let rejections = rejections(returned.rejections, records)?;
    let sources = sources(&returned.sources, artifacts.len(), records, &rejections)?;
    Ok(Parsed {
        text: returned.ingests,
        ingests,
        artifacts,
        sources,
        rejections,
    })
}

fn rejections(returned: Vec<(u32, String)>, records: usize) -> Result<Vec<Rejection>, ParseError> {
    let mut seen = HashSet::with_capacity(returned.len());
    returned
        .into_iter()
        .map(|(index, reason)| {
            let index = index as usize;
            if index >= records {
                return Err(ParseError::Invalid(format!(
                    "rejections: index {index} in a batch of {records} records"
                )));
            }
            if !seen.insert(index) {
                return Err(ParseError::Invalid(format!(
                    "rejections: index {index} is named twice"
                )));
            }
            Ok(Rejection {
                index,
                kind: RejectionKind::Rejected,
                reason: text::escape(text::cut(&reason, REASON_BYTES)).into_owned(),
            })
        })
        .collect()
}

fn sources(
    returned: &[u32],
    artifacts: usize,
    records: usize,
    rejections: &[Rejection],
) -> Result<Vec<usize>, ParseError> {
    if !returned.is_empty() && returned.len() != artifacts {
        return Err(ParseError::Invalid(format!(
            "sources: {} indices for {artifacts} artifacts; give one an artifact, or none",
            returned.len()
        )));
    }
    let mut rejected = vec![false; records];
    for rejection in rejections {
        rejected[rejection.index] = true;
    }
    returned
        .iter()
        .map(|&index| match rejected.get(index as usize) {
            Some(false) => Ok(index as usize),
            Some(true) => Err(ParseError::Invalid(format!(
                "sources: record {index} is rejected, and yet an artifact comes from it"
            ))),
            None => Err(ParseError::Invalid(format!(
                "sources: index {index} in a batch of {records} records"
            ))),
        })
        .collect()
}

/// Where each container and artifact stands in the text.
struct Found<'a> {
    text: &'a str,
    ingests: Vec<IngestSpan>,
    artifacts: Vec<Range<usize>>,
    /// Containers and artifacts that may still come.
    left: usize,
    too_many: bool,
}

impl<'a> Found<'a> {
    fn new(text: &'a str, limit: usize) -> Self {
        Self {
            text,
            ingests: Vec::new(),
            artifacts: Vec::new(),
            left: limit,
            too_many: false,
        }
    }

    /// The span of a JSON object. `place` is a closure so that the good case formats nothing.
    fn object<E: serde::de::Error>(
        &mut self,
        raw: &'a RawValue,
        place: impl Fn() -> String,
    ) -> Result<Range<usize>, E> {
        let Some(left) = self.left.checked_sub(1) else {
            self.too_many = true;
            return Err(E::custom("too many"));
        };
        self.left = left;
        let json = raw.get();
        if !json.starts_with('{') {
            let kind = kind(json);
            return Err(E::custom(format!("{} is {kind}, not an object", place())));
        }
        if too_deep(json) {
            return Err(E::custom(format!(
                "{} has more than {MAX_DEPTH} objects and lists inside one another",
                place()
            )));
        }
        // `raw` is borrowed from `text`, so the difference of their addresses is where it stands.
        let start = json.as_ptr().addr() - self.text.as_ptr().addr();
        Ok(start..start + json.len())
    }
}

fn kind(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'[') => "a list",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

fn too_deep(json: &str) -> bool {
    // Deep only if it has that many opening brackets at all, counting those inside strings. The
    // exact answer, which is slower, is needed for next to no artifact.
    let opening = json.bytes().filter(|b| matches!(b, b'{' | b'[')).count();
    opening > MAX_DEPTH && serde_json::from_str::<Nested>(json).is_err()
}

/// Visits every value, one call deeper for each level, so that `serde_json`'s bound applies;
/// `IgnoredAny` and `RawValue` are skipped without one.
struct Nested;

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nested)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, Self>()?.is_some() {}
        Ok(self)
    }
}

/// The whole: a list of containers with their artifacts.
struct List<'f, 'a>(&'f mut Found<'a>);

impl<'de: 'a, 'a> DeserializeSeed<'de> for List<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for List<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects with `container` and `artifacts`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(One(self.0))?.is_some() {}
        Ok(())
    }
}

/// One container with its artifacts.
struct One<'f, 'a>(&'f mut Found<'a>);

impl<'de: 'a, 'a> DeserializeSeed<'de> for One<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for One<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `container` and `artifacts`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let at = self.0.ingests.len();
        let mut container = None;
        let mut artifacts = None;
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Container if container.is_none() => {
                    let raw: &'a RawValue = map.next_value()?;
                    container = Some(self.0.object(raw, || format!("container {at}"))?);
                }
                Key::Artifacts if artifacts.is_none() => {
                    let start = self.0.artifacts.len();
                    map.next_value_seed(Artifacts { found: self.0, at })?;
                    artifacts = Some(start..self.0.artifacts.len());
                }
                Key::Container => return Err(A::Error::duplicate_field("container")),
                Key::Artifacts => return Err(A::Error::duplicate_field("artifacts")),
            }
        }
        let container = container.ok_or_else(|| A::Error::missing_field("container"))?;
        let artifacts = artifacts.ok_or_else(|| A::Error::missing_field("artifacts"))?;
        self.0.ingests.push(IngestSpan {
            container,
            artifacts,
        });
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Key {
    Container,
    Artifacts,
}

/// The artifacts of container `at`.
struct Artifacts<'f, 'a> {
    found: &'f mut Found<'a>,
    at: usize,
}

impl<'de: 'a, 'a> DeserializeSeed<'de> for Artifacts<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Artifacts<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of artifacts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let first = self.found.artifacts.len();
        while let Some(raw) = seq.next_element::<&'a RawValue>()? {
            let number = self.found.artifacts.len() - first;
            let span = self.found.object(raw, || {
                format!("artifact {number} of container {}", self.at)
            })?;
            self.found.artifacts.push(span);
        }
        Ok(())
    }
}
