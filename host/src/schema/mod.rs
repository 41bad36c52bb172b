//! Layer 2: Schema Registry's wire format. Messages that begin with its magic byte become JSON
//! before the parser sees them.
//!
//! - [`Decoder`] stands before a parser
//! - [`Registry`] asks for schemas, once each
//!
//! The format: a zero byte, the schema's id in four bytes, big-endian, and the payload; with
//! Protobuf the path to the message's type comes first.
//! <https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format>

mod avro;
mod decoder;
#[doc(hidden)]
pub mod fuzzing;
mod protobuf;
mod registry;

pub use decoder::Decoder;
pub use registry::{Registry, Trouble};

/// The most bytes of JSON that one message becomes: a few bytes of Avro can stand for any number
/// of nulls.
const MAX_JSON: usize = 16 << 20;
/// How deep a message may nest.
const MAX_DEPTH: usize = 64;

/// Payloads that differ from a good one in some bytes and in length.
#[cfg(test)]
fn mutations(good: &[u8], count: u64) -> impl Iterator<Item = Vec<u8>> {
    use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

    let random = BuildHasherDefault::<DefaultHasher>::default();
    (0..count).map(move |round| {
        let mut payload = good.to_vec();
        let mut number = random.hash_one(round);
        for _ in 0..=number % 3 {
            number = random.hash_one(number);
            let place = usize::try_from(number % payload.len() as u64).unwrap();
            match number >> 60 {
                0 => payload.truncate(place + 1),
                1 => payload.insert(place, number.to_le_bytes()[4]),
                _ => payload[place] = number.to_le_bytes()[5],
            }
        }
        payload
    })
}
