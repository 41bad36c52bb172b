//! Recordings: each parse with everything it depends on and what came of it, a file a parse, so
//! that it can be run again and compared.
//!
//! # Format `kafka-soar/recording`, version 1
//!
//! UTF-8 text, lines of JSON, each ended by a newline. Later versions of kafka-soar read it; a
//! field that version 1 doesn't have makes another version.
//!
//! 1. the seal: `format`, `version`, and `sha256` of everything after this line, in hexadecimal
//!    digits
//! 2. the head: `recorded_at` (RFC 3339, UTC); `parser` with `name`, `digest` (SHA-256 of the
//!    component, in hexadecimal digits) and `contract` (the version in the exported interface's
//!    name; null for the parser that an interrupted batch was begun with, of which only native
//!    code is left); `settings`, the JSON text that the parser saw, as a text; `limits` by the
//!    names of the asset's fields, in bytes and milliseconds; `started` with `unix_ms` and
//!    `utc_offset_minutes`, the parser's clock; `topic`; `records`, the number of lines that follow
//! 3. a line a record, in the batch's order: `partition`, `offset`, `timestamp` (milliseconds since
//!    the Unix epoch, -1 for none), `key`, `value`, `headers` (a list of `name` and `value`). Bytes
//!    are `{"text": …}` where they are UTF-8, else `{"base64": …}`; null is no key, no value
//! 4. the outcome, the last line: `{"parsed": …}` with `ingests` (the parser's JSON text, as a text:
//!    to the byte), `sources` and `rejections` (a list of `index` and `reason`), after validation;
//!    or `{"failed": …}` with `class` (`refused`, `limit`, `trap`, `invalid`), `limit` (the asset's
//!    field, of class `limit`) and `words`
//!
//! Records and not columns: the columns that a parser gets follow from them in one way, and a
//! person can read them. Lines of JSON and not a binary layout, because a recording is looked into
//! more often than it is run again: with `jq`, and with `diff` against another.

mod document;
mod folder;
mod outcome;

pub use document::{Identity, ReadError, Recording};
pub use folder::{FolderError, KeepError, RecordingFolder};
pub use outcome::{Failed, Outcome, Rejected, Returned};

/// The name of the format, in each file's first line.
pub const FORMAT: &str = "kafka-soar/recording";

/// The only version so far.
pub const VERSION: u32 = 1;

/// How the names of recordings end.
pub const SUFFIX: &str = ".recording";
