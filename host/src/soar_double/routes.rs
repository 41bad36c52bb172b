//! What is found where.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, RawQuery, Request, State},
    http::{Method, StatusCode, Uri},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::get,
};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::{
    answer::{failed, json, store_failed},
    control,
    inject::inject,
    post::post,
    query::{Failed, Table},
    shared::Shared,
};

/// What this stands in for.
const SOAR_VERSION: &str = "7.0.0.0";

pub(super) fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .merge(records("/rest/container", Table::Container))
        .merge(records("/rest/artifact", Table::Artifact))
        .route("/rest/severity", get(severities))
        .route("/rest/version", get(version))
        .merge(control::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        // The one in `inject` is the double's own.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(shared), authenticate))
        // Around the rest: a proxy fails before SOAR looks at a token.
        .layer(from_fn_with_state(Arc::clone(shared), inject))
        .with_state(Arc::clone(shared))
}

/// A list that takes new records, and each record by its id.
fn records(path: &str, table: Table) -> Router<Arc<Shared>> {
    let save = move |State(shared): State<Arc<Shared>>, body: Bytes| {
        blocking(move || post(&shared, table, &body))
    };
    let list = move |State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery| {
        blocking(move || {
            let query = query.unwrap_or_default();
            match table.list(&shared.store().connection, &query) {
                Ok(page) => json(StatusCode::OK, page),
                Err(Failed::Request(message)) => failed(StatusCode::BAD_REQUEST, message),
                Err(Failed::Store(error)) => store_failed(&error),
            }
        })
    };
    let one = move |State(shared): State<Arc<Shared>>, Path(id): Path<String>, uri: Uri| {
        blocking(move || {
            let Ok(id) = id.parse() else {
                return nothing_at(&uri);
            };
            match table.one(&shared.store().connection, id) {
                Ok(Some(record)) => json(StatusCode::OK, record),
                Ok(None) => nothing_at(&uri),
                Err(error) => store_failed(&error),
            }
        })
    };
    Router::new()
        .route(path, get(list).post(save))
        .route(&format!("{path}/{{id}}"), get(one))
}

async fn severities(State(shared): State<Arc<Shared>>) -> Response {
    let severities = &shared.rules.severities;
    let record = |(i, name): (usize, &String)| {
        json!({
            "id": i + 1,
            "name": name,
            "order": i,
            "is_default": name == "medium",
            "disabled": false,
        })
    };
    let data: Vec<Value> = severities.iter().enumerate().map(record).collect();
    let page = json!({"count": data.len(), "num_pages": 1, "data": data});
    json(StatusCode::OK, page)
}

async fn version() -> Response {
    json(StatusCode::OK, json!({"version": SOAR_VERSION}))
}

async fn not_found(uri: Uri) -> Response {
    nothing_at(&uri)
}

fn nothing_at(uri: &Uri) -> Response {
    failed(
        StatusCode::NOT_FOUND,
        format!("there is nothing at {}", uri.path()),
    )
}

async fn not_allowed(method: Method, uri: Uri) -> Response {
    failed(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{} doesn't take {method}", uri.path()),
    )
}

async fn authenticate(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let Some(token) = &shared.token else {
        return next.run(request).await;
    };
    let problem = match request.headers().get("ph-auth-token") {
        Some(given) if given == token => return next.run(request).await,
        Some(_) => "the header ph-auth-token has another token",
        None => "the header ph-auth-token is missing",
    };
    let message = format!("authentication failed: {problem}");
    failed(StatusCode::UNAUTHORIZED, message)
}

/// Runs what waits for the store. It runs to its end, even if the client hangs up meanwhile.
pub(super) async fn blocking(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    spawn_blocking(work).await.unwrap_or_else(|error| {
        let message = format!("the double failed: {error}");
        failed(StatusCode::INTERNAL_SERVER_ERROR, message)
    })
}
