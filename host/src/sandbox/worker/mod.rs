//! The other side: processes that handle what nobody trusts. This program starts itself again for
//! each, as `kafka-soar sandbox compile` and `kafka-soar sandbox run`, with a socket as standard
//! input and output and nothing else: no file, no network, and, once a parser is loaded, hardly a
//! system call (see [`wall`](crate::wall)). There is one process for each component that is
//! compiled, and one for each parser that runs.

mod batch;
mod compile;
mod engine;
mod failure;
mod meter;
mod run;
mod socket;
mod state;
mod wasi;
mod wit;

pub use compile::main as compile;
pub use run::main as run;
pub(super) use {
    engine::compatibility,
    wit::{Contract, EXPORT},
};

/// Where a parser's process finds its native code: the descriptor that it inherits.
pub(super) const CODE_FD: i32 = 3;
