//! The field `topic`: one topic, several, or a pattern.

use std::{collections::BTreeSet, fmt};

use regex::{Regex, RegexBuilder};

use super::{Topic, TopicError};

/// Larger ones than a name needs would only cost memory.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// Kafka's own bookkeeping, which no pattern matches.
const INTERNAL: [&str; 3] = [
    "__consumer_offsets",
    "__transaction_state",
    "__share_group_state",
];

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topics {
    /// At least one, none twice.
    Named(Vec<Topic>),
    Matching(Pattern),
}

/// A regular expression for whole names of topics. It begins with `^`, which is how librdkafka
/// tells a pattern from a name.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

/// Why a text names no topics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TopicsError {
    #[error("{1}")]
    Name(String, TopicError),
    #[error("the topic \"{0}\" is there twice")]
    Twice(Topic),
    #[error("the pattern can't be used: {0}")]
    Pattern(String),
}

impl Topics {
    /// Whether a topic is one of these.
    #[must_use]
    pub fn include(&self, topic: &Topic) -> bool {
        match self {
            Self::Named(topics) => topics.contains(topic),
            Self::Matching(pattern) => pattern.matches(topic.as_str()),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, TopicsError> {
        if text.starts_with('^') {
            return Pattern::new(text).map(Self::Matching);
        }
        let mut seen = BTreeSet::new();
        let mut topics = Vec::new();
        for name in text.split(',').map(str::trim) {
            let topic: Topic = name
                .parse()
                .map_err(|error| TopicsError::Name(name.to_owned(), error))?;
            if !seen.insert(name) {
                return Err(TopicsError::Twice(topic));
            }
            topics.push(topic);
        }
        Ok(Self::Named(topics))
    }

    /// The topic, if there is one by name.
    #[must_use]
    pub fn only(&self) -> Option<&Topic> {
        match self {
            Self::Named(topics) => match topics.as_slice() {
                [topic] => Some(topic),
                _ => None,
            },
            Self::Matching(_) => None,
        }
    }
}

impl Pattern {
    fn new(text: &str) -> Result<Self, TopicsError> {
        // The whole name must match, as in Kafka's Java clients.
        let regex = RegexBuilder::new(&format!("^(?:{})$", &text[1..]))
            .size_limit(MAX_COMPILED_BYTES)
            .build()
            .map_err(|error| {
                let error = error.to_string();
                let last = error.lines().last().unwrap_or_default();
                TopicsError::Pattern(last.trim_start_matches("error: ").to_owned())
            })?;
        Ok(Self {
            text: text.to_owned(),
            regex,
        })
    }

    /// Whether it matches the whole of a name that isn't Kafka's own.
    #[must_use]
    pub fn matches(&self, topic: &str) -> bool {
        !INTERNAL.contains(&topic) && self.regex.is_match(topic)
    }

    /// As typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl From<Topic> for Topics {
    fn from(topic: Topic) -> Self {
        Self::Named(vec![topic])
    }
}

impl fmt::Display for Topics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matching(pattern) => f.write_str(&pattern.text),
            Self::Named(topics) => {
                for (index, topic) in topics.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{topic}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_one_topic_and_several_keep_their_order() {
        let one = Topics::parse("fw.events").unwrap();
        assert_eq!(one.only().unwrap().as_str(), "fw.events");
        let several = Topics::parse("b, a ,c").unwrap();
        assert_eq!(several.to_string(), "b, a, c");
        assert_eq!(several.only(), None);
    }

    #[test]
    fn a_pattern_matches_whole_names_and_nothing_of_kafkas_own() {
        let Topics::Matching(pattern) = Topics::parse("^fw\\..*|proxy").unwrap() else {
            panic!()
        };
        for (name, matches) in [
            ("fw.", true),
            ("fw.events", true),
            ("proxy", true),
            ("proxy2", false),
            ("xfw.events", false),
            ("xproxy", false),
        ] {
            assert_eq!(pattern.matches(name), matches, "{name}");
        }
        let Topics::Matching(all) = Topics::parse("^.*").unwrap() else {
            panic!()
        };
        assert!(all.matches("__mine") && !all.matches("__consumer_offsets"));
    }

    #[test]
    fn what_names_no_topics_is_refused() {
        for text in ["a,", "a,,b", "a b", "", "a,a", "^(", "^a{1000}{1000}{1000}"] {
            assert!(Topics::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Topics::parse("^fw(").unwrap_err().to_string(),
            "the pattern can't be used: unclosed group"
        );
    }
}
