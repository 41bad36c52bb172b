//! Decoding, as a step before a parser.

use super::{
    MAX_JSON,
    registry::{Registry, Trouble},
};
use crate::{
    model::{Batch, Origin, Parsed, Rejection, RejectionKind, text::escape},
    ports::{Parse, ParseError},
};

const MAGIC: u8 = 0;
const HEADER: usize = 5;
/// The most bytes of JSON that a batch becomes.
const MAX_BATCH: usize = 16 * MAX_JSON;
/// Characters of a reason.
const REASON: usize = 500;

/// Decodes what has the magic byte and lets the rest pass as it is: text, and tombstones.
///
/// A message whose schema the registry doesn't have, or that doesn't fit it, is rejected with
/// the reason. A registry that can't be asked stops the poll instead: what it would have known
/// must not end in quarantine.
pub struct Decoder<'a> {
    registry: Registry,
    parser: &'a mut dyn Parse,
}

impl<'a> Decoder<'a> {
    pub fn new(registry: Registry, parser: &'a mut dyn Parse) -> Self {
        Self { registry, parser }
    }

    /// The message as JSON, or why it can't be.
    fn decode(&mut self, framed: &[u8]) -> Result<String, Trouble> {
        let (header, payload) = framed.split_at(HEADER);
        let id = header[1..].try_into().map_or(0, u32::from_be_bytes);
        let schema = self.registry.schema(id)?;
        schema
            .decode(payload)
            .map_err(|problem| Trouble::Message(format!("it does not fit schema {id}: {problem}")))
    }
}

impl Parse for Decoder<'_> {
    fn digest(&self) -> &str {
        self.parser.digest()
    }

    fn parse(&mut self, batch: &Batch, origin: &Origin) -> Result<Parsed, ParseError> {
        if !(0..batch.len()).any(|index| batch.values().get(index).is_some_and(is_framed)) {
            return self.parser.parse(batch, origin);
        }
        let mut decoded = Batch::with_room(batch.topic(), batch.len(), batch.bytes() * 2);
        // By index in `decoded`: the index in `batch`.
        let mut kept = Vec::with_capacity(batch.len());
        let mut rejections = Vec::new();
        for index in 0..batch.len() {
            let mut record = batch.record(index);
            let json = match record.value {
                Some(value) if is_framed(value) => match self.decode(value) {
                    Ok(json) => Some(json),
                    Err(Trouble::Message(reason)) => {
                        let reason: String = escape(&reason).chars().take(REASON).collect();
                        rejections.push(Rejection {
                            index,
                            kind: RejectionKind::Undecodable,
                            reason,
                        });
                        continue;
                    }
                    Err(Trouble::Registry { message, hint }) => {
                        return Err(ParseError::Unavailable { message, hint });
                    }
                },
                _ => None,
            };
            record.value = json.as_ref().map(String::as_bytes).or(record.value);
            decoded.push(&record);
            kept.push(index);
            if decoded.bytes() > MAX_BATCH {
                return Err(ParseError::Limit {
                    limit: "batch_max_messages",
                    value: kept.len().to_string(),
                    what: format!("decoded messages of more than {} MiB", MAX_BATCH >> 20),
                });
            }
        }
        let mut parsed = if decoded.is_empty() {
            Parsed::default()
        } else {
            self.parser.parse(&decoded, origin)?
        };
        for source in &mut parsed.sources {
            *source = kept[*source];
        }
        for rejection in &mut parsed.rejections {
            rejection.index = kept[rejection.index];
        }
        parsed.rejections.append(&mut rejections);
        parsed.rejections.sort_by_key(|rejection| rejection.index);
        Ok(parsed)
    }
}

fn is_framed(value: &[u8]) -> bool {
    value.len() >= HEADER && value[0] == MAGIC
}

/// A payload that is JSON already.
pub(super) fn json(payload: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(payload).map_err(|error| format!("not UTF-8: {error}"))?;
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map_err(|error| format!("not JSON: {error}"))?;
    Ok(text.to_owned())
}
