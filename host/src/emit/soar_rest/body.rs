//! Containers as SOAR's REST API takes them.

use crate::model::{
    Ingest, Parsed,
    json::{self, Edit, NotAnObject},
};

/// A container with its artifacts: the body of POST /rest/container.
pub(super) struct Body<'a> {
    pub(super) json: String,
    pub(super) ingest: Ingest<'a>,
    /// By artifact: the index of the record that it was made of, if the parser tells.
    pub(super) sources: &'a [usize],
}

impl<'a> Body<'a> {
    /// The bodies of all containers, in their order, each made when its turn comes: all at once they
    /// would take as much memory as the batch.
    pub(super) fn all(
        parsed: &'a Parsed,
        asset_id: Option<u64>,
    ) -> impl Iterator<Item = Result<Self, NotAnObject>> {
        let mut first = 0;
        parsed.ingests().map(move |ingest| {
            let count = ingest.artifacts().len();
            let sources = parsed.sources().get(first..first + count);
            first += count;
            Ok(Self {
                json: text(ingest, asset_id)?,
                ingest,
                sources: sources.unwrap_or_default(),
            })
        })
    }
}

fn text(ingest: Ingest<'_>, asset_id: Option<u64>) -> Result<String, NotAnObject> {
    with(ingest, &list(ingest.artifacts()), asset_id)
}

/// The same container without artifacts.
pub(super) fn bare(ingest: Ingest<'_>, asset_id: Option<u64>) -> Result<String, NotAnObject> {
    with(ingest, "[]", asset_id)
}

fn with(ingest: Ingest<'_>, artifacts: &str, asset_id: Option<u64>) -> Result<String, NotAnObject> {
    let asset_id = asset_id.map(|id| id.to_string());
    let mut edits = vec![("artifacts", Edit::Set(artifacts))];
    edits.extend(asset_id.as_deref().map(|id| ("asset_id", Edit::Set(id))));
    let container = ingest.container();
    let mut json = String::with_capacity(container.len() + artifacts.len() + 64);
    json::edit(&mut json, container, &edits)?;
    Ok(json)
}

/// The body of POST /rest/artifact for one that belongs to a container.
pub(super) fn artifact(artifact: &str, container: u64) -> Result<String, NotAnObject> {
    let mut json = String::with_capacity(artifact.len() + 32);
    let id = container.to_string();
    json::edit(&mut json, artifact, &[("container_id", Edit::Set(&id))])?;
    Ok(json)
}

/// JSON texts as one list.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let mut list = String::from("[");
    for item in items {
        if list.len() > 1 {
            list.push(',');
        }
        list.push_str(item);
    }
    list.push(']');
    list
}
