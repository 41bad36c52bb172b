//! A record in quarantine: everything that is needed to look into it and to bring it back.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Header, NO_TIMESTAMP, Origin, Position, Record, Rejection};

/// Where the records of a quarantine come from, and how often they have been tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The Kafka cluster's id.
    pub cluster_id: String,
    /// 1 for records that come from their topic; one more each time they are replayed in vain.
    pub attempt: u32,
}

/// A record, owned, and why it is in quarantine. As JSON it is a line of a quarantine file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    #[serde(default)]
    pub cluster_id: String,
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    /// Milliseconds since the Unix epoch; null when the record has none.
    pub timestamp: Option<i64>,
    /// The same as RFC 3339, in UTC.
    #[serde(default)]
    pub time: Option<String>,
    pub key: Option<Bytes>,
    /// Null is a tombstone.
    pub value: Option<Bytes>,
    pub headers: Vec<QuarantinedHeader>,
    /// A name of [`RejectionKind`](super::RejectionKind).
    #[serde(default)]
    pub kind: String,
    pub reason: String,
    /// SHA-256 of the parser's component, in hexadecimal digits.
    #[serde(default)]
    pub parser: String,
    #[serde(default = "first")]
    pub attempt: u32,
    /// RFC 3339, in UTC.
    pub quarantined_at: String,
}

fn first() -> u32 {
    1
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantinedHeader {
    pub name: String,
    pub value: Option<Bytes>,
}

/// `{"text": …}` for UTF-8, `{"base64": …}` for other bytes: nothing is lost, and a text that
/// looks like base64 is still a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelt", into = "Spelt")]
pub struct Bytes(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Spelt {
    Text(String),
    Base64(String),
}

impl From<Bytes> for Spelt {
    fn from(bytes: Bytes) -> Self {
        match String::from_utf8(bytes.0) {
            Ok(text) => Self::Text(text),
            Err(e) => Self::Base64(STANDARD.encode(e.as_bytes())),
        }
    }
}

impl TryFrom<Spelt> for Bytes {
    type Error = base64::DecodeError;

    fn try_from(spelt: Spelt) -> Result<Self, Self::Error> {
        match spelt {
            Spelt::Text(text) => Ok(Self(text.into_bytes())),
            Spelt::Base64(text) => STANDARD.decode(text).map(Self),
        }
    }
}

fn owned(bytes: Option<&[u8]>) -> Option<Bytes> {
    bytes.map(|bytes| Bytes(bytes.to_vec()))
}

impl Quarantined {
    /// A record that is put into quarantine now.
    #[must_use]
    pub fn new(
        topic: &str,
        record: &Record<'_>,
        rejection: &Rejection,
        origin: &Origin,
        provenance: &Provenance,
    ) -> Self {
        let timestamp = Some(record.timestamp).filter(|&ms| ms != NO_TIMESTAMP);
        let headers = record.headers.iter();
        Self {
            cluster_id: provenance.cluster_id.clone(),
            topic: topic.to_owned(),
            partition: record.position.partition,
            offset: record.position.offset,
            timestamp,
            time: timestamp.and_then(rfc3339),
            key: owned(record.key),
            value: owned(record.value),
            headers: headers
                .map(|header| QuarantinedHeader {
                    name: header.name.to_owned(),
                    value: owned(header.value),
                })
                .collect(),
            kind: rejection.kind.name().to_owned(),
            reason: rejection.reason.clone(),
            parser: origin.parser.clone(),
            attempt: provenance.attempt,
            quarantined_at: Timestamp::now().to_string(),
        }
    }

    /// The record as its topic had it.
    #[must_use]
    pub fn record(&self) -> Record<'_> {
        Record {
            position: Position {
                partition: self.partition,
                offset: self.offset,
            },
            timestamp: self.timestamp.unwrap_or(NO_TIMESTAMP),
            key: self.key.as_ref().map(|bytes| bytes.0.as_slice()),
            value: self.value.as_ref().map(|bytes| bytes.0.as_slice()),
            headers: self
                .headers
                .iter()
                .map(|header| Header {
                    name: &header.name,
                    value: header.value.as_ref().map(|bytes| bytes.0.as_slice()),
                })
                .collect(),
        }
    }
}

/// Milliseconds since the Unix epoch as a text.
#[must_use]
pub fn rfc3339(ms: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(ms).ok();
    time.map(|time| time.to_string())
}
