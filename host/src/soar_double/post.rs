//! `POST /rest/container` and `POST /rest/artifact`: one record, or a list of them.

use axum::{http::StatusCode, response::Response};
use serde_json::{Value, json};

use super::{
    answer::{failed, failure, json, store_failed},
    check::{Rules, shown},
    query::Table,
    record::Saved,
    shared::Shared,
    store::Write,
};

/// What one record is answered with.
struct Answer {
    status: StatusCode,
    body: Value,
}

impl Answer {
    fn ok(body: Value) -> Self {
        Self {
            status: StatusCode::OK,
            body,
        }
    }

    fn no(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: failure(message),
        }
    }

    fn succeeded(&self) -> bool {
        self.body.get("success").is_some()
    }
}

/// Checks and saves what is in `body`, in one transaction, and answers. Blocks.
pub(super) fn post(shared: &Shared, table: Table, body: &[u8]) -> Response {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => {
            let message = format!("the body is not JSON: {error}");
            return failed(StatusCode::BAD_REQUEST, message);
        }
    };
    let saved = match value {
        Value::Array(list) if !list.is_empty() => bulk(shared, table, list),
        value => one(shared, table, value),
    };
    match saved {
        Ok(answer) => json(answer.status, answer.body),
        Err(error) => store_failed(&error),
    }
}

fn one(shared: &Shared, table: Table, value: Value) -> rusqlite::Result<Answer> {
    let mut store = shared.store();
    let write = store.begin()?;
    let answer = record(shared, &write, table, value)?;
    write.commit()?;
    Ok(answer)
}

/// Each element by itself: those before and after a refused one are saved.
fn bulk(shared: &Shared, table: Table, list: Vec<Value>) -> rusqlite::Result<Answer> {
    let mut store = shared.store();
    let write = store.begin()?;
    let mut status = StatusCode::BAD_REQUEST;
    let mut bodies = Vec::with_capacity(list.len());
    for value in list {
        let answer = record(shared, &write, table, value)?;
        if answer.succeeded() {
            status = StatusCode::OK;
        }
        bodies.push(answer.body);
    }
    write.commit()?;
    Ok(Answer {
        status,
        body: bodies.into(),
    })
}

fn record(
    shared: &Shared,
    write: &Write<'_>,
    table: Table,
    value: Value,
) -> rusqlite::Result<Answer> {
    let saved = match save(&shared.rules, write, table, value)? {
        Ok(saved) => saved,
        Err(message) => return Ok(Answer::no(message)),
    };
    Ok(match saved {
        Saved::Container { id, artifacts } => {
            Answer::ok(json!({"success": true, "id": id, "new_artifact_ids": artifacts}))
        }
        Saved::Artifact { id } => Answer::ok(json!({"success": true, "id": id})),
        Saved::Duplicate {
            existing,
            identifier,
        } => Answer {
            status: shared.duplicate_status,
            body: json!({
                "failed": true,
                "existing_container_id": existing,
                "message": format!(
                    "duplicate with existing container {existing}: it has the \
                     source_data_identifier {} and the same asset",
                    shown(&identifier.into())
                ),
            }),
        },
        Saved::NoContainer(id) => Answer::no(format!(
            "artifact: container_id is {id}, but there is no such container"
        )),
    })
}

/// The inner error is what is wrong with the record.
fn save(
    rules: &Rules,
    write: &Write<'_>,
    table: Table,
    value: Value,
) -> rusqlite::Result<Result<Saved, String>> {
    let Value::Object(object) = value else {
        return Ok(Err(format!(
            "a record is {}, not a JSON object",
            shown(&value)
        )));
    };
    match table {
        Table::Container => match rules.container(object) {
            Ok(container) => write.container(&container).map(Ok),
            Err(message) => Ok(Err(message)),
        },
        Table::Artifact => match rules.lone_artifact(object) {
            Ok((container, artifact)) => write.artifact(container, &artifact).map(Ok),
            Err(message) => Ok(Err(message)),
        },
    }
}
