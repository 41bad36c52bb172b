//! Layer 2: runs parsers that nobody has to trust.
//!
//! [`Sandbox`] is the engine, one a process. [`Sandbox::load`] admits a component (before any of
//! it is compiled), compiles it or takes its native code from the cache, and links it to the few
//! functions that it may call. The [`Parser`] it returns runs each batch in a fresh instance
//! under [limits](crate::config::ParserLimits) and validates whatever comes back.
//!
//! Not here, on purpose: fuel (epochs bound time at a tenth of the cost), instance reuse (a parse
//! is a pure function of its batch), and any way to hand in precompiled code.

mod admit;
mod cache;
mod engine;
mod failure;
mod limits;
mod outline;
mod run;
mod state;
mod wasi;
mod wit;

pub use admit::{Inspection, Refusal, inspect};
pub use cache::{Cache, CacheError};
pub use engine::{LoadError, Sandbox};
pub use run::{Parser, Stats};

/// The default parser's component, compiled from `parsers/default` by the build script.
pub const DEFAULT_PARSER: &[u8] = include_bytes!(env!("KAFKA_SOAR_DEFAULT_PARSER"));

/// What the default parser is called in messages.
pub const DEFAULT_PARSER_NAME: &str = "default parser";
