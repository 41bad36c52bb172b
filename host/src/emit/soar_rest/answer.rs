//! What SOAR says.
//!
//! The status alone decides little: sources disagree on the one that a duplicate has, and a list
//! is answered with 200 if any of it succeeded. So bodies are read whatever the status is.

use serde::Deserialize;
use serde_json::Value;

use crate::model::text::shorten;

/// Characters of SOAR's words.
const WORDS: usize = 500;

/// The answer to one container or artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Saved {
    /// New; for a container the number of its artifacts that were saved along, if SOAR tells.
    New { id: u64, artifacts: Option<usize> },
    /// A container with this identifier was there before, and nothing was saved.
    Exists { id: u64 },
    /// Never, whatever the reason.
    Refused(String),
}

/// `{"success": true, "id": 1, "new_artifact_ids": []}` or `{"failed": true, "message": "…",
/// "existing_container_id": 1}`.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    success: bool,
    id: Option<u64>,
    new_artifact_ids: Option<Vec<Value>>,
    existing_container_id: Option<u64>,
    message: Option<Value>,
    failed: Option<Value>,
}

/// Reads the body of one container or artifact. `None` when it is none of SOAR's.
pub(super) fn saved(body: &Value) -> Option<Saved> {
    let body: Body = serde_json::from_value(body.clone()).ok()?;
    if let Some(id) = body.existing_container_id {
        return Some(Saved::Exists { id });
    }
    match body.id {
        Some(id) if body.success => Some(Saved::New {
            id,
            artifacts: body.new_artifact_ids.map(|ids| ids.len()),
        }),
        _ if body.failed.is_some() || body.message.is_some() => {
            Some(Saved::Refused(words(body.message.as_ref())))
        }
        _ => None,
    }
}

fn words(message: Option<&Value>) -> String {
    match message {
        Some(Value::String(text)) => shorten(text, WORDS).into_owned(),
        Some(other) => shorten(&other.to_string(), WORDS).into_owned(),
        None => "it gives no reason".to_owned(),
    }
}

/// A page of `GET /rest/artifact`.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) num_pages: u64,
    pub(super) data: Vec<Artifact>,
}

#[derive(Deserialize)]
pub(super) struct Artifact {
    pub(super) source_data_identifier: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_understood_whatever_else_is_in_them() {
        for (body, expected) in [
            (
                json!({"success": true, "id": 22, "new_artifact_ids": [7, 8], "x": 1}),
                Some(Saved::New {
                    id: 22,
                    artifacts: Some(2),
                }),
            ),
            (
                json!({"success": true, "id": 18}),
                Some(Saved::New {
                    id: 18,
                    artifacts: None,
                }),
            ),
            (
                json!({"failed": true, "existing_container_id": 5, "message": "duplicate with …"}),
                Some(Saved::Exists { id: 5 }),
            ),
            (
                json!({"failed": true, "message": "Label \"x\"\n does not exist"}),
                Some(Saved::Refused("Label \"x\"\\n does not exist".into())),
            ),
            (
                json!({"failed": true}),
                Some(Saved::Refused("it gives no reason".into())),
            ),
            (json!({"success": true}), None),
            (json!({"id": 5}), None),
            (json!({}), None),
            (json!([]), None),
            (json!("<html>"), None),
            (json!({"success": "yes"}), None),
        ] {
            assert_eq!(saved(&body), expected, "{body}");
        }
    }
}
