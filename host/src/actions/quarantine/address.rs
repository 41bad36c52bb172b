//! Which message is meant.

use std::{fmt, str::FromStr};

use crate::{config::Topic, model::Quarantined};

/// Where a message stood in the topic that it was read from, written `fw/0@123`: topic, partition
/// and offset.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
}

impl Address {
    #[must_use]
    pub fn of(message: &Quarantined) -> Self {
        Self {
            topic: message.topic.clone(),
            partition: message.partition,
            offset: message.offset,
        }
    }

    pub(super) fn is_of(&self, message: &Quarantined) -> bool {
        (self.partition, self.offset) == (message.partition, message.offset)
            && self.topic == message.topic
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.topic, self.partition, self.offset)
    }
}

/// A text that is no [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a position is written topic/partition@offset, such as fw/0@123, as kafka-soar quarantine list \
     shows it"
)]
pub struct AddressError;

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let parse = || {
            let (place, offset) = text.rsplit_once('@')?;
            let (topic, partition) = place.rsplit_once('/')?;
            let address = Self {
                topic: topic.parse::<Topic>().ok()?.to_string(),
                partition: partition.parse().ok()?,
                offset: offset.parse().ok()?,
            };
            (address.partition >= 0 && address.offset >= 0).then_some(address)
        };
        parse().ok_or(AddressError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_written_as_it_is_read() {
        for text in ["fw/0@123", "fw.events-1/2147483647@9223372036854775807"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "fw",
            "fw/0",
            "fw@1",
            "0@1",
            "/0@1",
            "fw/0@",
            "fw/-1@1",
            "fw/0@-1",
            "fw/x@1",
            "fw/2147483648@1",
            "f w/0@1",
            "fw/0@1 ",
        ] {
            assert_eq!(bad.parse::<Address>(), Err(AddressError), "{bad}");
        }
    }
}
