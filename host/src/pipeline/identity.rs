//! Identifiers that are the same whenever the same records are dealt with, for containers and
//! artifacts to which the parser gave none; and what the asset says about containers.
//!
//! A container that was made of one record is `kafka:<cluster>:<topic>:<partition>:<offset>`, of
//! more `…:<partition>:<first>-<last>`, with several partitions joined by commas; an artifact is
//! named as its record is. What would have the same name in a batch gets `#2`, `#3` …; the parts
//! of a container that is split are `<container>`, `<container>/2` …

use std::{collections::HashMap, fmt::Write as _};

use sha2::{Digest as _, Sha256};

use super::policy::Policy;
use crate::{
    model::{
        Batch, IngestSpan, Origin, Parsed, distinct,
        json::{self, Edit, NotAnObject},
    },
    ports::ParseError,
};

const IDENTIFIER: &str = "source_data_identifier";
/// Longer ones are replaced by their SHA-256: a field of a database has an end.
const MAX_IDENTIFIER: usize = 250;
/// Bytes of artifacts at which a container is split, whatever their number.
const MAX_BYTES: usize = 8 << 20;

impl From<NotAnObject> for super::Cause {
    fn from(error: NotAnObject) -> Self {
        Self::Parse(ParseError::Invalid(error.to_string()))
    }
}

/// Gives every container and artifact its identifier, splits what is too large, and applies the
/// asset's label, severity and tags. Texts that change are appended; the rest stays where it is.
pub(super) fn stamp(
    parsed: &mut Parsed,
    batch: &Batch,
    policy: &Policy<'_>,
    origin: &Origin,
) -> Result<(), NotAnObject> {
    let mut names = Names {
        prefix: format!("kafka:{}:{}", policy.cluster_id, batch.topic()),
        containers: HashMap::new(),
        artifacts: HashMap::new(),
    };
    let mut whole = None;
    let mut text = String::new();
    let mut ingests = Vec::with_capacity(parsed.ingests.len());
    let mut artifacts = parsed.artifacts.clone();
    let base = parsed.text.len();
    let mut push = |json: &str, edits: &[(&str, Edit<'_>)]| {
        let start = base + text.len();
        json::edit(&mut text, json, edits)?;
        Ok(start..base + text.len())
    };
    for (ingest, span) in parsed.ingests().zip(&parsed.ingests) {
        let container = ingest.container();
        let name = if let Some(given) = json::text(container, IDENTIFIER)? {
            given
        } else {
            let name = match ingest.sources() {
                Some(told) => names.of_records(batch, &distinct(told)),
                // The same for all of them: looked at once.
                None => whole
                    .get_or_insert_with(|| names.of_records(batch, &parsed.accepted(batch.len())))
                    .clone(),
            };
            unique(&mut names.containers, name)
        };
        for (number, index) in span.artifacts.clone().enumerate() {
            let artifact = &parsed.text[parsed.artifacts[index].clone()];
            if json::has(artifact, IDENTIFIER)? {
                continue;
            }
            let name = match parsed.sources.get(index) {
                Some(&record) => {
                    let name = names.of_records(batch, &[record]);
                    unique(&mut names.artifacts, name)
                }
                None => format!("{name}/artifact-{}", number + 1),
            };
            artifacts[index] = push(artifact, &[(IDENTIFIER, Edit::Set(&quoted(&name)))])?;
        }
        for (number, artifacts) in pieces(span, &artifacts, origin.max_artifacts).enumerate() {
            let name = match number {
                0 => name.clone(),
                n => format!("{name}/{}", n + 1),
            };
            let name = quoted(&short(name));
            let edits = edits(&name, policy, number > 0);
            ingests.push(IngestSpan {
                container: push(container, &edits)?,
                artifacts,
            });
        }
    }
    // Exactly: doubling would take as much again as all artifacts do.
    parsed.text.reserve_exact(text.len());
    parsed.text.push_str(&text);
    parsed.ingests = ingests;
    parsed.artifacts = artifacts;
    Ok(())
}

fn edits<'a>(
    name: &'a str,
    policy: &'a Policy<'_>,
    renamed: bool,
) -> Vec<(&'static str, Edit<'a>)> {
    let identifier = if renamed {
        Edit::Set(name)
    } else {
        Edit::Default(name)
    };
    let defaults = &policy.defaults;
    let mut edits = vec![(IDENTIFIER, identifier)];
    let label = match (&defaults.label, &defaults.usual_label) {
        (Some(label), _) => Some(Edit::Set(label)),
        (None, Some(usual)) => Some(Edit::Default(usual)),
        (None, None) => None,
    };
    edits.extend(label.map(|label| ("label", label)));
    let severity = defaults.severity.as_deref();
    edits.extend(severity.map(|s| ("severity", Edit::Default(s))));
    edits.extend(defaults.tags.as_deref().map(|t| ("tags", Edit::Default(t))));
    edits
}

/// The runs of artifacts that a container is split into; one, if it is not too large.
fn pieces(
    span: &IngestSpan,
    artifacts: &[std::ops::Range<usize>],
    max: Option<usize>,
) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut pieces = Vec::new();
    let (mut start, mut bytes) = (span.artifacts.start, 0);
    for index in span.artifacts.clone() {
        let length = artifacts[index].len();
        if index > start
            && (max.is_some_and(|max| index - start >= max) || bytes + length > MAX_BYTES)
        {
            pieces.push(start..index);
            (start, bytes) = (index, 0);
        }
        bytes += length;
    }
    pieces.push(start..span.artifacts.end);
    pieces.into_iter()
}

struct Names {
    prefix: String,
    /// How often each has been given in this batch, to containers and to artifacts.
    containers: HashMap<String, u32>,
    artifacts: HashMap<String, u32>,
}

impl Names {
    /// What records are called. They stand partition after partition, so runs are told apart.
    fn of_records(&self, batch: &Batch, records: &[usize]) -> String {
        let mut name = self.prefix.clone();
        let mut separator = ':';
        let mut rest = records;
        while let [first, ..] = *rest {
            let partition = batch.position(first).partition;
            let run = rest
                .iter()
                .take_while(|&&i| batch.position(i).partition == partition)
                .count();
            let (of_partition, others) = rest.split_at(run);
            let (from, to) = (
                batch.position(first).offset,
                batch.position(of_partition[run - 1]).offset,
            );
            // Writing to a text can't fail.
            let _ = write!(name, "{separator}{partition}:{from}");
            if to != from {
                let _ = write!(name, "-{to}");
            }
            separator = ',';
            rest = others;
        }
        short(name)
    }
}

fn unique(given: &mut HashMap<String, u32>, name: String) -> String {
    let times = given.entry(name.clone()).or_insert(0);
    *times += 1;
    match *times {
        1 => name,
        n => format!("{name}#{n}"),
    }
}

fn short(name: String) -> String {
    if name.len() <= MAX_IDENTIFIER {
        return name;
    }
    format!("kafka:sha256:{}", hex::encode(Sha256::digest(name)))
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

#[cfg(test)]
mod tests;
