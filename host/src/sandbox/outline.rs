//! Validates what a parser returned, in one pass over its JSON text.

mod fault;
mod object;
mod text;

use std::{collections::HashSet, ops::Range};

use self::{fault::Fault, object::Objects, text::Text};
use super::wire::Returned;
use crate::{
    config::ParserLimits,
    model::{
        IngestSpan, Parsed, Rejection, RejectionKind,
        text::{cut, escape},
    },
    ports::ParseError,
};

/// A rejection's reason is cut to this many bytes.
const REASON_BYTES: usize = 1 << 10;

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
    let (ingests, artifacts) = Outline::read(&returned.ingests, limits.artifacts)?;
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
                reason: escape(cut(&reason, REASON_BYTES)).into_owned(),
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

/// Containers and artifacts of a text, found so far.
struct Outline<'a> {
    text: Text<'a>,
    objects: Objects<'a>,
    ingests: Vec<IngestSpan>,
    artifacts: Vec<Range<usize>>,
    /// Containers and artifacts that may still come.
    left: usize,
}

/// What an object of the list has.
#[derive(Default)]
struct Members {
    container: Option<Range<usize>>,
    artifacts: Option<Range<usize>>,
}

/// Why a text has no outline.
enum Unreadable {
    /// More containers and artifacts than may be.
    TooMany,
    Faulty(Fault),
}

impl From<Fault> for Unreadable {
    fn from(fault: Fault) -> Self {
        Self::Faulty(fault)
    }
}

impl<'a> Outline<'a> {
    /// Containers with their artifacts, and all artifacts in order.
    fn read(
        text: &'a str,
        limit: usize,
    ) -> Result<(Vec<IngestSpan>, Vec<Range<usize>>), ParseError> {
        let mut outline = Self {
            text: Text::new(text),
            objects: Objects::default(),
            ingests: Vec::new(),
            artifacts: Vec::new(),
            left: limit,
        };
        match outline.whole() {
            Ok(()) => Ok((outline.ingests, outline.artifacts)),
            Err(Unreadable::TooMany) => Err(ParseError::Limit {
                limit: "parser_artifact_limit",
                value: limit.to_string(),
                what: "it returned too many containers and artifacts for one batch".into(),
            }),
            Err(Unreadable::Faulty(fault)) => Err(ParseError::Invalid(format!("ingests: {fault}"))),
        }
    }

    /// A list of objects; an empty text is an empty list.
    fn whole(&mut self) -> Result<(), Unreadable> {
        if self.text.peek().is_none() {
            return Ok(());
        }
        let expected = "a list of objects with `container` and `artifacts`";
        self.list(expected, Self::ingest)?;
        match self.text.peek() {
            None => Ok(()),
            Some(_) => Err(self.text.unexpected("the end after the list").into()),
        }
    }

    /// An object with exactly a `container` and its `artifacts`.
    fn ingest(&mut self, at: usize) -> Result<(), Unreadable> {
        let place = || format!("object {at} of the list");
        let expected = "an object with `container` and `artifacts`";
        if !self.text.passes(b'{') {
            return Err(self.text.unexpected(expected).in_place(place()).into());
        }
        let mut members = Members::default();
        if !self.text.passes(b'}') {
            loop {
                self.member(at, &mut members, place)?;
                if self.text.passes(b'}') {
                    break;
                }
                if !self.text.passes(b',') {
                    let expected = "a comma or the end of an object";
                    return Err(self.text.unexpected(expected).in_place(place()).into());
                }
            }
        }
        let missing = |name: &str| {
            let what = format!("the field `{name}` is missing");
            Fault::new(self.text.at(), what).in_place(place())
        };
        let container = members.container.ok_or_else(|| missing("container"))?;
        let artifacts = members.artifacts.ok_or_else(|| missing("artifacts"))?;
        self.ingests.push(IngestSpan {
            container,
            artifacts,
        });
        Ok(())
    }

    /// One of the two members.
    fn member(
        &mut self,
        at: usize,
        members: &mut Members,
        place: impl Fn() -> String,
    ) -> Result<(), Unreadable> {
        let start = self.text.at();
        let name = self.text.name().map_err(|fault| fault.in_place(place()))?;
        let faulty = |what: &str| {
            let fault = Fault::new(start, what.to_owned()).in_field(&name);
            Err(fault.in_place(place()).into())
        };
        match &*name {
            "container" if members.container.is_none() => {
                members.container = Some(self.object(|| format!("container {at}"))?);
            }
            "artifacts" if members.artifacts.is_none() => {
                let first = self.artifacts.len();
                self.list("a list of artifacts", |outline, number| {
                    let place = || format!("artifact {number} of container {at}");
                    let span = outline.object(place)?;
                    outline.artifacts.push(span);
                    Ok(())
                })?;
                members.artifacts = Some(first..self.artifacts.len());
            }
            "container" | "artifacts" => return faulty("a field that stands twice"),
            _ => return faulty("an unknown field beside `container` and `artifacts`"),
        }
        Ok(())
    }

    /// A list, whose items `read` passes, given their numbers.
    fn list(
        &mut self,
        expected: &str,
        mut read: impl FnMut(&mut Self, usize) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        if !self.text.passes(b'[') {
            return Err(self.text.unexpected(expected).into());
        }
        if self.text.passes(b']') {
            return Ok(());
        }
        for number in 0.. {
            read(self, number)?;
            if self.text.passes(b']') {
                break;
            }
            if !self.text.passes(b',') {
                return Err(self.text.unexpected("a comma or the end of a list").into());
            }
        }
        Ok(())
    }

    /// The span of a container or artifact. `place` is a closure so that the good case formats
    /// nothing.
    fn object(&mut self, place: impl Fn() -> String) -> Result<Range<usize>, Unreadable> {
        self.left = self.left.checked_sub(1).ok_or(Unreadable::TooMany)?;
        if let Some(kind) = self.text.peek().and_then(other_kind) {
            let fault = Fault::new(self.text.at(), format!("{kind}, not an object"));
            return Err(fault.in_place(place()).into());
        }
        let start = self.text.at();
        self.objects
            .pass(&mut self.text)
            .map_err(|fault| fault.in_place(place()))?;
        Ok(start..self.text.at())
    }
}

/// What begins with this byte and is no object.
fn other_kind(first: u8) -> Option<&'static str> {
    match first {
        b'[' => Some("a list"),
        b'"' => Some("a string"),
        b't' | b'f' => Some("a boolean"),
        b'n' => Some("null"),
        b'-' | b'0'..=b'9' => Some("a number"),
        _ => None,
    }
}
