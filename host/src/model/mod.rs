//! Layer 0: the nouns. Depends on nothing; every other layer speaks in these.

mod batch;
mod column;
mod parsed;
mod start;
pub mod text;

pub use batch::{Batch, Header, NO_TIMESTAMP, Offsets, Position, Record};
pub use column::Column;
pub(crate) use parsed::IngestSpan;
pub use parsed::{Ingest, Instant, Parsed, Rejection};
pub use start::{Start, Watermarks};
