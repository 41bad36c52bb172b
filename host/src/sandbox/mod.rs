//! Layer 2: runs parsers that nobody has to trust.
//!
//! [`Sandbox::load`] admits a component (before any of it is compiled), and has it compiled by a
//! process of its own or takes its native code from the cache. The [`Parser`] it returns runs each
//! batch in a fresh instance under [limits](crate::config::ParserLimits), in another process that
//! has nothing but a socket to this one, and validates whatever comes back: the host holds the
//! secrets and believes nothing, the other process holds the guest and has nothing.
//!
//! A Python script is a parser too: the component that executes it is part of this program and is
//! loaded like any other. Its instance is kept for the batches of one topic and one poll, since the
//! scripts that people have keep state there.
//!
//! Not here, on purpose: fuel (epochs bound time at a tenth of the cost), reuse of a component's
//! instance (a parse is a pure function of its batch), and any way to hand in precompiled code.

mod admit;
mod cache;
mod code;
mod compile;
#[doc(hidden)]
pub mod fuzzing;
mod load;
mod outline;
mod process;
mod run;
mod wire;
pub mod worker;

pub use admit::{Inspection, Producers, Refusal, Signed, Voucher, inspect, inspect_script, reach};
pub use cache::{Cache, CacheError};
pub use compile::CompileLimits;
pub use load::{LoadError, Sandbox};
pub use process::Program;
pub use run::{Parser, Stats};

/// A guest's log line is cut to this many bytes.
const LOG_LINE_BYTES: usize = 4 << 10;

/// The default parser's component, compiled from `parsers/default` by the build script.
pub const DEFAULT_PARSER: &[u8] = include_bytes!(env!("KAFKA_SOAR_DEFAULT_PARSER"));

/// The component that executes scripts, made from `parsers/python-runner`.
const PYTHON_RUNNER: &[u8] = include_bytes!(env!("KAFKA_SOAR_PYTHON_RUNNER"));

/// SHA-256 of [`PYTHON_RUNNER`], in lower-case hexadecimal; taken when it was made.
const PYTHON_RUNNER_DIGEST: &str = env!("KAFKA_SOAR_PYTHON_RUNNER_DIGEST");

/// What the default parser is called in messages.
pub const DEFAULT_PARSER_NAME: &str = "default parser";

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_runners_digest_is_its_own() {
        let digest = hex::encode(Sha256::digest(PYTHON_RUNNER));
        assert_eq!(digest, PYTHON_RUNNER_DIGEST);
    }
}
