//! Layer 2: a stand-in for Splunk SOAR's REST API, for tests and for trying things without SOAR.
//!
//! A real HTTP server that keeps what it gets in a database, is strict where it is uncertain what SOAR
//! does, and fails when it is told to: `/rest/…` as SOAR has it, `/double/…` to drive the double
//! itself.
//!
//! | request | answer |
//! |---|---|
//! | `POST /rest/container`, an object | `{"success": true, "id": 1, "new_artifact_ids": [1, 2]}` |
//! | … whose identifier and asset exist | `{"failed": true, "existing_container_id": 1, "message": …}` |
//! | `POST /rest/artifact`, an object | `{"success": true, "id": 3}` |
//! | either, a list | a list of such bodies, in order; 200 if at least one succeeded, else 400 |
//! | `GET /rest/container`, `GET /rest/artifact` | `{"count": 25, "num_pages": 3, "data": […]}` |
//! | `GET /rest/container/1`, `GET /rest/artifact/1` | the record |
//! | `GET /rest/severity`, `GET /rest/version` | as SOAR |
//! | anything that is refused | `{"failed": true, "message": …}` and a status from 400 |
//! | `GET /double/counts` | [`Counts`] |
//! | `GET /double/export` | as [`SoarDouble::export`], streamed |
//! | `GET /double/faults`, `PUT /double/faults` | [`Faults`], as they are now |

mod answer;
mod check;
mod control;
mod door;
mod error;
mod export;
mod faults;
mod fields;
mod inject;
mod options;
mod post;
mod query;
mod record;
mod routes;
mod server;
mod shared;
mod store;
mod wire;

use std::{collections::BTreeMap, io::Write, net::SocketAddr, sync::Arc};

pub use error::Error;
pub use faults::{Faults, Mode};
pub use options::Options;
pub use shared::Counts;

use self::{server::Server, shared::Shared};

/// A running double. Dropping it stops it: what is being saved is saved to its end, other
/// requests are broken off.
pub struct SoarDouble {
    // In this order: the server lets go of what is shared.
    server: Server,
    shared: Arc<Shared>,
}

impl SoarDouble {
    /// Starts one, on threads of its own; it accepts connections when this returns.
    ///
    /// # Errors
    ///
    /// Options that can't be, an address that can't be listened on, a store that can't be opened.
    pub fn start(options: Options) -> Result<Self, Error> {
        let (server, shared) = Server::start(options)?;
        Ok(Self { server, shared })
    }

    /// Such as `http://127.0.0.1:43021`, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Sets the faults from the next request on, in place of those before. Ends every stall. The
    /// listener is closed or open, as they say, when this returns.
    ///
    /// # Errors
    ///
    /// Values that make no sense; then nothing changes.
    pub fn set_faults(&self, faults: Faults) -> Result<(), Error> {
        self.shared.set_faults(faults)
    }

    /// How often each fault was met since the start; those that never were are left out.
    #[must_use]
    pub fn faults_hit(&self) -> BTreeMap<Mode, u64> {
        self.shared.faults_hit()
    }

    /// What it has seen so far.
    ///
    /// # Errors
    ///
    /// The store's.
    pub fn counts(&self) -> Result<Counts, Error> {
        Ok(self.shared.counts()?)
    }

    /// Writes what it holds, a line of JSON a container:
    /// `{"container": {…as sent…}, "id": 1, "artifacts": [{…as sent…}, …]}`, containers and
    /// artifacts in the order in which they were saved. The fields `artifacts` of a container and
    /// `container_id` of an artifact are left out; numbers beyond 64 bits lose digits. Saving goes on meanwhile; what was saved
    /// before the call is in it.
    ///
    /// # Errors
    ///
    /// The store's and the writer's.
    pub fn export(&self, to: &mut dyn Write) -> Result<(), Error> {
        let mut after = 0;
        loop {
            let chunk = export::chunk(&self.shared.store().connection, after)?;
            let Some(chunk) = chunk else {
                return Ok(to.flush()?);
            };
            to.write_all(&chunk.lines)?;
            after = chunk.last;
        }
    }
}
