//! Which parser runs, on batches of what size, within what limits.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::Signature;

/// Which parser runs.
#[derive(Clone, PartialEq, Eq)]
pub enum ParserSource {
    /// The one inside this binary.
    Default,
    /// A component: its name for messages, its bytes, and the signature that came with it. The
    /// outline of the file is checked; what is in it, and who signed it, is the sandbox's to judge.
    Component {
        name: String,
        bytes: Vec<u8>,
        signature: Option<Signature>,
    },
    /// A Python script with `parse_messages(topic, messages)`: its name for messages, its text, and
    /// the signature that came with it.
    Script {
        name: String,
        text: String,
        signature: Option<Signature>,
    },
}

impl ParserSource {
    /// What it is called in messages; `None` for the default parser.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Default => None,
            Self::Component { name, .. } | Self::Script { name, .. } => Some(name),
        }
    }

    /// The file's bytes; `None` for the default parser.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Default => None,
            Self::Component { bytes, .. } => Some(bytes),
            Self::Script { text, .. } => Some(text.as_bytes()),
        }
    }
}

impl fmt::Debug for ParserSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("Default"),
            Self::Component {
                name,
                bytes,
                signature,
            } => f
                .debug_struct("Component")
                .field("name", name)
                .field("bytes", &bytes.len())
                .field("signature", signature)
                .finish(),
            Self::Script {
                name,
                text,
                signature,
            } => f
                .debug_struct("Script")
                .field("name", name)
                .field("text", &text.len())
                .field("signature", signature)
                .finish(),
        }
    }
}

/// What bounds a batch; whichever is reached first closes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    /// `batch_max_messages`.
    pub max_messages: usize,
    /// `batch_max_bytes`: keys, values and headers together. A single larger record is a batch
    /// of its own.
    pub max_bytes: usize,
}

impl BatchLimits {
    /// For batches whose boundaries are known beforehand.
    pub const UNLIMITED: Self = Self {
        max_messages: usize::MAX,
        max_bytes: usize::MAX,
    };
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self {
            max_messages: 10_000,
            max_bytes: 8 << 20,
        }
    }
}

/// What a parser may use for one batch. Every one of them stops the parse when it is passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParserLimits {
    /// `parser_memory_limit`: bytes of all memories and tables together.
    pub memory: usize,
    /// `parser_time_limit`: processor time of instantiation and call, in steps of 10 ms.
    pub time: Duration,
    /// `parser_message_time_limit`: processor time by the number of messages, where that gives less
    /// than `time`; a second for the instance comes on top. A batch of a few messages is then
    /// stopped long before the limit that is meant for ten thousand.
    pub message_time: Option<Duration>,
    /// `parser_output_limit`: bytes of JSON and everything else returned.
    pub output: usize,
    /// `parser_log_limit`: bytes of log text.
    pub log: usize,
    /// `parser_artifact_limit`: artifacts of a batch; containers count too.
    pub artifacts: usize,
}

impl ParserLimits {
    /// What a batch of this many messages may take, and the rate that it comes from.
    #[must_use]
    pub fn time_by_messages(&self, messages: usize) -> Option<(Duration, Duration)> {
        const INSTANCE: Duration = Duration::from_secs(1);
        let each = self.message_time?;
        let messages = u32::try_from(messages).unwrap_or(u32::MAX);
        let all = each.saturating_mul(messages).saturating_add(INSTANCE);
        Some((all, each))
    }
}

impl Default for ParserLimits {
    fn default() -> Self {
        Self {
            memory: Limit::MEMORY.default,
            time: Duration::from_millis(Limit::TIME.default as u64),
            message_time: None,
            output: Limit::OUTPUT.default,
            log: Limit::LOG.default,
            artifacts: Limit::ARTIFACTS.default,
        }
    }
}

/// One of the [`ParserLimits`] as an asset or a policy may write it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) field: &'static str,
    pub(super) default: usize,
    pub(super) min: usize,
    pub(super) max: usize,
}

impl Limit {
    pub(super) const MEMORY: Self = Self {
        field: "parser_memory_limit",
        default: 512 << 20,
        min: 1 << 20,
        max: 4 << 30,
    };
    pub(super) const TIME: Self = Self {
        field: "parser_time_limit",
        default: 30_000,
        min: 10,
        max: 3_600_000,
    };
    pub(super) const OUTPUT: Self = Self {
        field: "parser_output_limit",
        default: 128 << 20,
        min: 1 << 10,
        max: 1 << 30,
    };
    pub(super) const LOG: Self = Self {
        field: "parser_log_limit",
        default: 64 << 10,
        min: 0,
        max: 64 << 20,
    };
    pub(super) const ARTIFACTS: Self = Self {
        field: "parser_artifact_limit",
        default: 1_000_000,
        min: 1,
        max: 100_000_000,
    };
}
