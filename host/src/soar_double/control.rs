//! `/double/…`: what a test or a person asks of the double itself.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::Response,
    routing::get,
};
use futures_util::stream;
use serde_json::{Map, Value, json};

use super::{
    Faults,
    answer::{failed, json, store_failed},
    export,
    routes::blocking,
    shared::Shared,
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/double/counts", get(counts))
        .route("/double/export", get(export_all))
        .route("/double/faults", get(faults).put(set_faults))
}

async fn counts(State(shared): State<Arc<Shared>>) -> Response {
    blocking(move || match shared.counts() {
        Ok(counts) => json(StatusCode::OK, json!(counts)),
        Err(error) => store_failed(&error),
    })
    .await
}

async fn faults(State(shared): State<Arc<Shared>>) -> Response {
    json(StatusCode::OK, json!(shared.faults()))
}

/// Takes the whole of [`Faults`]: what is left out has its default.
async fn set_faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    // An object: serde would take a list as well, for fields in their order.
    let object = serde_json::from_slice::<Map<String, Value>>(&body);
    let faults = object.and_then(|object| serde_json::from_value::<Faults>(object.into()));
    let faults = match faults {
        Ok(faults) => faults,
        Err(error) => {
            let message = format!("these are no faults: {error}");
            return failed(StatusCode::BAD_REQUEST, message);
        }
    };
    blocking(move || match shared.set_faults(faults) {
        Ok(()) => json(StatusCode::OK, json!(shared.faults())),
        Err(error) => failed(StatusCode::BAD_REQUEST, error.to_string()),
    })
    .await
}

/// A chunk at a time, so that neither memory nor those who save depend on who reads it.
async fn export_all(State(shared): State<Arc<Shared>>) -> Response {
    let chunks = stream::try_unfold(0, move |after| {
        let shared = Arc::clone(&shared);
        async move {
            let chunk = move || export::chunk(&shared.store().connection, after);
            let chunk = tokio::task::spawn_blocking(chunk).await??;
            let item = chunk.map(|chunk| (Bytes::from(chunk.lines), chunk.last));
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(item)
        }
    });
    let mut response = Response::new(Body::from_stream(chunks));
    let kind = HeaderValue::from_static("application/x-ndjson");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
