//! The threads that a double runs on.

use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use axum::http::StatusCode;
use futures_util::future::select;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

use super::{
    Error, Options,
    check::Rules,
    door::{Door, Over},
    routes::router,
    shared::Shared,
    store::Store,
};

/// Threads that wait for connections, and those that wait for the store. There is one store: more
/// of them would only wait for each other.
const WORKERS: usize = 2;
const BLOCKING: usize = 4;
/// For what is being saved when the double stops.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(options: Options) -> Result<(Self, Arc<Shared>), Error> {
        let duplicate_status = check(&options)?;
        let store = Store::open(options.store.as_deref())?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .max_blocking_threads(BLOCKING)
            .thread_name("soar-double")
            .enable_all()
            .build()
            .map_err(Error::Threads)?;
        let opened = {
            let _inside = runtime.enter();
            Door::open(options.address)
        };
        let (door, keys) = match opened {
            Ok(opened) => opened,
            Err(source) => {
                // Waiting for its threads isn't allowed in an async context, where this may be.
                runtime.shutdown_background();
                let address = options.address;
                return Err(Error::Listen { address, source });
            }
        };
        let address = door.address();
        let shared = Arc::new(Shared::new(
            Rules {
                labels: options.labels,
                severities: options.severities,
            },
            options.token,
            duplicate_status,
            options.body_limit,
            keys,
            store,
        ));
        let (stop, stopped) = oneshot::channel();
        let thread = serve(runtime, door, Arc::clone(&shared), stopped).map_err(Error::Threads)?;
        let server = Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        };
        shared.set_faults(options.faults)?;
        Ok((server, shared))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of it was told when it happened.
            let _ = thread.join();
        }
    }
}

/// Serves on a thread of its own until `stopped` is told or its sender is gone.
fn serve(
    runtime: Runtime,
    door: Door,
    shared: Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) -> io::Result<JoinHandle<()>> {
    let work = move || {
        let service = router(&shared).into_make_service_with_connect_info::<Over>();
        runtime.block_on(async {
            let serving = axum::serve(door, service).into_future();
            select(pin!(serving), stopped).await;
        });
        runtime.shutdown_timeout(GRACE);
    };
    thread::Builder::new()
        .name("soar-double".into())
        .spawn(work)
}

/// Refuses options that can't be; the status of answers to duplicates.
fn check(options: &Options) -> Result<StatusCode, Error> {
    if !options.address.ip().is_loopback() {
        return Err(Error::NotLoopback(options.address));
    }
    if let Some(token) = &options.token {
        let visible = token.bytes().all(|b| b.is_ascii_graphic());
        if token.is_empty() || !visible {
            return Err(Error::Token);
        }
    }
    options.faults.check()?;
    match options.duplicate_status {
        200 => Ok(StatusCode::OK),
        400 => Ok(StatusCode::BAD_REQUEST),
        409 => Ok(StatusCode::CONFLICT),
        other => Err(Error::DuplicateStatus(other)),
    }
}
