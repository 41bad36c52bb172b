//! Layer 0: what the pipeline needs from the outside world. Exactly four traits; the real
//! implementations are in layers 2 and 4, in-memory ones in the pipeline's tests.

use crate::model::{Batch, Offsets, Parsed, Rejection};

/// Where batches come from and where the progress through them is kept.
pub trait Source {
    /// The next batch, never empty; `None` when the poll is over.
    ///
    /// # Errors
    ///
    /// [`SourceError::Read`]. Batches that were returned before stay valid.
    fn next(&mut self) -> Result<Option<Batch>, SourceError>;

    /// Makes it durable that every record before `next` has been dealt with. Partitions that
    /// aren't named keep what they had.
    ///
    /// # Errors
    ///
    /// [`SourceError::Settle`]: the records before `next` will be read again.
    fn settle(&mut self, next: &Offsets) -> Result<(), SourceError>;
}

/// Turns a batch into containers and artifacts.
pub trait Parse {
    /// # Errors
    ///
    /// See [`ParseError`]; nothing of the batch is kept.
    fn parse(&mut self, batch: &Batch) -> Result<Parsed, ParseError>;
}

/// Where containers and artifacts go.
pub trait Deliver {
    /// Returns when the receiver has acknowledged everything in `parsed`.
    ///
    /// # Errors
    ///
    /// [`DeliverError`]: some of it may have arrived; all of it will be delivered again.
    fn deliver(&mut self, batch: &Batch, parsed: &Parsed) -> Result<(), DeliverError>;
}

/// Where records go that the parser can't handle.
pub trait Quarantine {
    /// Returns when the rejected records are safe. `rejections` is never empty.
    ///
    /// # Errors
    ///
    /// [`QuarantineError`]: the records stay in the topic and will be read again.
    fn quarantine(
        &mut self,
        batch: &Batch,
        rejections: &[Rejection],
    ) -> Result<(), QuarantineError>;
}

/// Reading from the topic or keeping the progress failed.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The broker can't be read from.
    #[error("{message}")]
    Read {
        message: String,
        /// What a person can do about it.
        hint: String,
    },
    /// The offsets could not be kept.
    #[error("the offsets could not be kept: {0}")]
    Settle(String),
}

/// A batch yielded nothing.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The parser said so itself.
    #[error("the parser refused the batch: {0}")]
    Refused(String),
    /// A limit stopped it. `limit` is the name of the asset's field, `value` what it stood at.
    #[error("the parser was stopped: {what} (limit {limit} = {value})")]
    Limit {
        limit: &'static str,
        value: String,
        what: String,
    },
    /// The schemas of messages can't be had, so nobody knows what they say.
    #[error("{message}")]
    Schemas {
        message: String,
        /// What a person can do about it.
        hint: &'static str,
    },
    /// It trapped: a panic, an impossible memory access and the like.
    #[error("the parser crashed: {0}")]
    Trap(String),
    /// What it returned breaks the contract.
    #[error("the parser returned something that is not allowed: {0}")]
    Invalid(String),
}

/// The receiver did not acknowledge.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DeliverError(pub String);

/// The quarantine did not acknowledge.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct QuarantineError(pub String);
