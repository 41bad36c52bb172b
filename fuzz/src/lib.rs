//! What must be true of whatever arrives from outside: a function a fuzz target. The corpus and
//! past findings go through the same functions in `tests/all/corpus.rs`.

pub mod admission;
pub mod configuration;
pub mod ndjson;
mod oracle;
pub mod output;
pub mod registry;
pub mod state;

use kafka_soar::model::text::escape;

/// Bytes of a message to a person.
const MESSAGE: usize = 64 << 10;

/// A message says nothing that a terminal would act on, and is one line, whatever it tells of.
fn harmless(message: &str) {
    assert!(message.len() <= MESSAGE, "{} bytes", message.len());
    assert_eq!(escape(message), message);
}

/// What stands before and after the first zero byte, which no text of ours has.
fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|&byte| byte == 0);
    let (first, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
    (first, rest.get(1..).unwrap_or_default())
}
