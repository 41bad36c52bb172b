//! Answers as SOAR gives them.

use axum::{
    Json,
    body::Body,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

pub(super) fn json(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

pub(super) fn failed(status: StatusCode, message: impl Into<String>) -> Response {
    json(status, failure(message))
}

/// The body of an answer that says no.
pub(super) fn failure(message: impl Into<String>) -> Value {
    json!({"failed": true, "message": message.into()})
}

/// What the store's own failure comes to.
pub(super) fn store_failed(error: &rusqlite::Error) -> Response {
    tracing::error!("the store failed: {error}");
    failed(
        StatusCode::INTERNAL_SERVER_ERROR,
        format!("the double's own store failed: {error}"),
    )
}

/// A page for people, such as a proxy in front of SOAR shows.
pub(super) fn page(status: StatusCode, title: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\
         <body><h1>{title}</h1></body></html>\n"
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let kind = axum::http::HeaderValue::from_static("text/html; charset=utf-8");
    response
        .headers_mut()
        .insert(axum::http::header::CONTENT_TYPE, kind);
    response
}
