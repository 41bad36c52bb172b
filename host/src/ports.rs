//! Layer 0: what the pipeline needs from the outside world. Exactly four traits; the real
//! implementations are in layers 2 and 4, in-memory ones in the pipeline's tests.

use crate::model::{Batch, Intent, Offsets, Origin, Parsed, Rejection};

/// Where batches come from and where the progress through them is kept.
pub trait Source {
    /// The next batch, never empty; `None` when the poll is over.
    ///
    /// # Errors
    ///
    /// [`SourceError::Read`]. Batches that were returned before stay valid.
    fn next(&mut self) -> Result<Option<Taken>, SourceError>;

    /// Makes `intent` durable, along with everything that was settled before.
    ///
    /// # Errors
    ///
    /// [`SourceError::Settle`]: nothing of the batch may be delivered.
    fn intend(&mut self, intent: &Intent) -> Result<(), SourceError>;

    /// Notes that every record before `next` has been dealt with, and with them the intent.
    /// Partitions that aren't named keep what they had. Durable with the next
    /// [`Source::intend`] or [`Source::flush`]; until then a crash brings the batch back, with
    /// its intent.
    fn settle(&mut self, next: &Offsets);

    /// Makes everything that was settled durable.
    ///
    /// # Errors
    ///
    /// [`SourceError::Settle`]: the last batch will be read again.
    fn flush(&mut self) -> Result<(), SourceError>;
}

/// A batch to be dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    pub batch: Batch,
    /// What an earlier run, which did not come to settle it, was about to make of it.
    pub intent: Option<Intent>,
}

/// Turns a batch into containers and artifacts.
pub trait Parse {
    /// What new batches are parsed with: SHA-256 of the component, in hexadecimal digits.
    fn digest(&self) -> &str;

    /// Parses with the clock and the component of `origin`, if that is to be had; else with the
    /// present one, and says so.
    ///
    /// # Errors
    ///
    /// See [`ParseError`]; nothing of the batch is kept.
    fn parse(&mut self, batch: &Batch, origin: &Origin) -> Result<Parsed, ParseError>;
}

/// Where containers and artifacts go.
pub trait Deliver {
    /// Returns when the receiver has acknowledged everything in `parsed`, or definitely refused
    /// it: the records, each at most once, that a container was made of that it will never take.
    ///
    /// What was delivered before is recognised by its identifiers where the receiver can do that.
    /// `begun` says whether an earlier process was about to deliver the same, and may have: its last
    /// request may even be under way still.
    ///
    /// # Errors
    ///
    /// [`DeliverError`]: some of it may have arrived; all of it will be delivered again.
    fn deliver(
        &mut self,
        batch: &Batch,
        parsed: &Parsed,
        begun: bool,
    ) -> Result<Vec<Rejection>, DeliverError>;
}

/// Where records go that can't be handled.
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
        origin: &Origin,
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
    /// The batch is somebody else's by now, who will deal with it.
    #[error("the batch belongs to another member of the group by now")]
    Fenced,
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
    /// What parsing takes can't be had: the schemas of messages, or a process for the parser. No
    /// record's fault.
    #[error("{message}")]
    Unavailable {
        message: String,
        /// What a person can do about it.
        hint: &'static str,
    },
    /// A script raised an exception, or returned what its contract does not allow. Several lines,
    /// all but the first of them indented.
    #[error("{0}")]
    Script(String),
    /// A script can't run at all: a syntax error, a missing function. No record's fault. Lines as
    /// above.
    #[error("{0}")]
    Broken(String),
    /// It trapped: a panic, an impossible memory access and the like.
    #[error("the parser crashed: {0}")]
    Trap(String),
    /// What it returned breaks the contract.
    #[error("the parser returned something that is not allowed: {0}")]
    Invalid(String),
}

/// The receiver did not acknowledge.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct DeliverError {
    pub message: String,
    /// What a person can do about it.
    pub hint: String,
}

/// The quarantine did not acknowledge.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct QuarantineError(pub String);
