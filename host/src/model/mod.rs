//! Layer 0: the nouns. Depends on nothing; every other layer speaks in these.

mod batch;
mod column;
mod intent;
pub mod json;
mod parsed;
mod quarantined;
mod start;
pub mod text;

pub use batch::{Batch, Header, NO_TIMESTAMP, Offsets, Position, Record};
pub use column::Column;
pub use intent::{Intent, Origin, Range};
pub(crate) use parsed::IngestSpan;
pub use parsed::{Ingest, Instant, Parsed, Rejection, RejectionKind, distinct};
pub use quarantined::{Bytes, Provenance, Quarantined, QuarantinedHeader, rfc3339};
pub use start::{Start, Watermarks};
