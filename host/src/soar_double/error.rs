//! Why a double doesn't start, or can't do what its owner asks of it.

use std::{io, net::SocketAddr, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0} is not a loopback address: the double listens on 127.0.0.1 or [::1] only")]
    NotLoopback(SocketAddr),
    #[error("{address} can't be listened on: {source}")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("the token must be one or more visible ASCII characters: it is sent in a header")]
    Token,
    #[error("duplicate_status is {0}: choose 200, 400 or 409")]
    DuplicateStatus(u16),
    /// Its text names the field and its value.
    #[error("{0}")]
    Faults(String),
    #[error("the store {path} can't be opened: {source}")]
    Open {
        path: PathBuf,
        source: rusqlite::Error,
    },
    #[error("the store {0} is a database of something else: name a file that isn't there yet")]
    Foreign(PathBuf),
    #[error("the store failed: {0}")]
    Store(#[from] rusqlite::Error),
    #[error("the export can't be written: {0}")]
    Export(#[from] io::Error),
    #[error("the server's threads can't be started: {0}")]
    Threads(io::Error),
}
