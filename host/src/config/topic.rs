//! Topic names, by Kafka's rules.

use std::{fmt, str::FromStr};

/// The original connector's text for a topic that can't exist.
pub const INVALID_TOPIC: &str = "The specified topic contains invalid characters. Topics can only \
     contain numbers, letters, periods, hyphens, and underscores.";

const MAX_LENGTH: usize = 249;

/// A legal Kafka topic name: 1–249 characters of `[A-Za-z0-9._-]`, neither `.` nor `..`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic(String);

/// Why a text can't name a topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    #[error("no topic is given")]
    Empty,
    #[error("{INVALID_TOPIC}")]
    Characters,
    #[error("a topic's name has at most {MAX_LENGTH} characters, this one has {0}")]
    Long(usize),
    #[error("no topic can be named \".\" or \"..\"")]
    Dots,
}

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        if text.is_empty() {
            Err(TopicError::Empty)
        } else if !text.bytes().all(legal) {
            Err(TopicError::Characters)
        } else if text.len() > MAX_LENGTH {
            Err(TopicError::Long(text.len()))
        } else if text == "." || text == ".." {
            Err(TopicError::Dots)
        } else {
            Ok(Self(text.to_owned()))
        }
    }
}

impl Topic {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafkas_rules_hold() {
        for good in ["a", "fw.events_2026-v1", &"x".repeat(249), "...", "-"] {
            assert_eq!(good.parse::<Topic>().unwrap().as_str(), good);
        }
        assert_eq!("".parse::<Topic>(), Err(TopicError::Empty));
        assert_eq!("..".parse::<Topic>(), Err(TopicError::Dots));
        assert_eq!("x".repeat(250).parse::<Topic>(), Err(TopicError::Long(250)));
        for bad in ["a b", "a/b", "é", "a,b", "a\n", " a"] {
            assert_eq!(bad.parse::<Topic>(), Err(TopicError::Characters), "{bad:?}");
        }
    }
}
