//! Acts out the faults, around whatever answers a request.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};
use futures_util::StreamExt as _;
use jiff::{Timestamp, ToSpan as _, fmt::rfc2822::DateTimePrinter};
use tokio::time::sleep;

use super::{
    answer,
    door::Over,
    faults::{Drawn, Mode},
    shared::Shared,
};

/// Deals with a request: as its fate has it under `/rest/`, as usual elsewhere.
pub(super) async fn inject(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(Over(wire)): ConnectInfo<Over>,
    request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with("/rest/") {
        return match whole(request, shared.body_limit).await {
            Ok(request) => next.run(request).await,
            Err(refused) => refused,
        };
    }
    if shared.keys.closed() {
        // A connection from before: whoever keeps one must notice as well.
        wire.cut();
        return Response::default();
    }
    let mut fate = shared.fate();
    let mode = fate.drawn.as_ref().map(|drawn| drawn.mode);
    match mode {
        Some(Mode::Refuse) => {
            wire.cut();
            return Response::default();
        }
        Some(Mode::ResetRequest) => {
            read_half(request).await;
            wire.cut();
            return Response::default();
        }
        // An error: the double is being stopped, and nobody is left to answer.
        Some(Mode::Stall) => drop(fate.changed.changed().await),
        _ => {}
    }
    let request = match whole(request, shared.body_limit).await {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    let Some(drawn) = fate.drawn else {
        return next.run(request).await;
    };
    match drawn.mode {
        Mode::ErrorBeforeSaving => {
            let statuses = [
                StatusCode::INTERNAL_SERVER_ERROR,
                StatusCode::BAD_GATEWAY,
                StatusCode::SERVICE_UNAVAILABLE,
            ];
            error(statuses[drawn.turn % statuses.len()])
        }
        Mode::ErrorAfterSaving => {
            next.run(request).await;
            error(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Mode::Throttle | Mode::ThrottleUntil => throttled(&drawn),
        Mode::Slow => {
            let late = async move {
                sleep(drawn.slow).await;
                next.run(request).await
            };
            // A task of its own goes on when the client hangs up.
            let answer = tokio::spawn(late).await;
            answer.unwrap_or_else(|_| error(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Mode::SlowAnswer => {
            let answer = next.run(request).await;
            sleep(drawn.slow).await;
            answer
        }
        Mode::ResetResponse => {
            let (answer, length) = measured(next.run(request).await).await;
            wire.cut_in_body(length / 2);
            answer
        }
        Mode::Garbage => garbage(next.run(request).await, drawn.turn).await,
        Mode::Pass | Mode::Refuse | Mode::ResetRequest | Mode::Stall => next.run(request).await,
    }
}

/// The request with its body in memory; or the answer when that is too large or breaks off.
async fn whole(request: Request, limit: usize) -> Result<Request, Response> {
    let (head, body) = request.into_parts();
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut excess = 0;
    while let Some(part) = stream.next().await {
        let Ok(part) = part else {
            let message = "the body broke off";
            return Err(answer::failed(StatusCode::BAD_REQUEST, message));
        };
        if excess == 0 && bytes.len() + part.len() <= limit {
            bytes.extend_from_slice(&part);
            continue;
        }
        // Read on a while: a client that is still sending may not see an answer.
        excess += part.len();
        if excess > limit {
            break;
        }
    }
    if excess > 0 {
        let message = format!("the body is larger than {limit} bytes: send less at a time");
        return Err(answer::failed(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    Ok(Request::from_parts(head, Body::from(bytes)))
}

/// Reads half of the body; at least a part, if it doesn't say its length.
async fn read_half(request: Request) {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let half = length.map_or(1, |length| length / 2);
    let mut stream = request.into_body().into_data_stream();
    let mut read = 0;
    while read < half
        && let Some(Ok(part)) = stream.next().await
    {
        read += part.len();
    }
}

fn error(status: StatusCode) -> Response {
    answer::page(status, status.canonical_reason().unwrap_or("Error"))
}

fn throttled(drawn: &Drawn) -> Response {
    let mut answer = answer::failed(StatusCode::TOO_MANY_REQUESTS, "too many requests");
    let seconds = drawn.retry_after;
    let value = if drawn.mode == Mode::ThrottleUntil {
        let span = i64::try_from(seconds).unwrap_or(i64::MAX).seconds();
        let until = Timestamp::now().checked_add(span).unwrap_or(Timestamp::MAX);
        DateTimePrinter::new().timestamp_to_rfc9110_string(&until)
    } else {
        Ok(seconds.to_string())
    };
    if let Some(value) = value.ok().and_then(|v| HeaderValue::try_from(v).ok()) {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    answer
}

/// The answer with its body in memory, and the body's length.
async fn measured(answer: Response) -> (Response, usize) {
    let (head, body) = answer.into_parts();
    let bytes = in_memory(body).await;
    let length = bytes.len();
    (Response::from_parts(head, Body::from(bytes)), length)
}

async fn garbage(answer: Response, turn: usize) -> Response {
    let mut junk = match turn % 3 {
        0 => Response::new(Body::from(&b"\x00\xff\xfe{{{ \x80"[..])),
        1 => {
            let whole = in_memory(answer.into_body()).await;
            Response::new(Body::from(whole.slice(..whole.len() / 2)))
        }
        _ => return answer::page(StatusCode::OK, "Splunk SOAR: please log in"),
    };
    let kind = HeaderValue::from_static("application/json");
    junk.headers_mut().insert(header::CONTENT_TYPE, kind);
    junk
}

async fn in_memory(body: Body) -> Bytes {
    // Answers under `/rest/` are in memory as it is, and none of them breaks off.
    to_bytes(body, usize::MAX).await.unwrap_or_default()
}
