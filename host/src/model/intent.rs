//! What makes a batch the same batch after a crash.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Instant;

/// What a batch's output depends on beside its records and the parser's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The parser's clock.
    pub started: Instant,
    /// SHA-256 of the parser's component, in hexadecimal digits.
    pub parser: String,
    /// Artifacts that a container has at most; larger ones are split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_artifacts: Option<usize>,
}

/// Offsets of one partition: the first, and the one after the last.
pub type Range = (i64, i64);

/// What is made durable before anything of a batch is delivered. Whoever finds it after a crash
/// forms the same batch again and makes the same of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    pub topic: String,
    pub ranges: BTreeMap<i32, Range>,
    /// Records in the ranges; offsets without a record don't count.
    pub messages: usize,
    pub origin: Origin,
    /// Where the batch is cut into parts that are parsed by themselves, as indices of the
    /// records, ascending: nowhere, unless a part of it could not be parsed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<usize>,
    /// Indices of records, parts by themselves, that could not be parsed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<usize>,
}

impl Intent {
    /// What is wrong with an intent that was read from somewhere.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let mut offsets = 0_i64;
        for (partition, (first, next)) in &self.ranges {
            if *partition < 0 || *first < 0 || first >= next {
                return Some(format!(
                    "partition {partition} from offset {first} to before {next} is no range"
                ));
            }
            offsets = offsets.saturating_add(next - first);
        }
        if i64::try_from(self.messages).map_or(true, |messages| messages > offsets) {
            return Some(format!(
                "{} messages in {offsets} offsets can't be",
                self.messages
            ));
        }
        let ascends = |list: &[usize]| {
            list.windows(2).all(|pair| pair[0] < pair[1])
                && list.last().is_none_or(|last| *last < self.messages)
        };
        if !ascends(&self.cuts) || !ascends(&self.rejected) {
            return Some(format!(
                "cuts and rejected must ascend and be below {}",
                self.messages
            ));
        }
        None
    }
}
