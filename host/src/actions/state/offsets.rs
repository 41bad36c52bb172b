//! A topic's entry in the state document: partitions, as text, and next offsets.

use serde_json::{Map, Value};

use crate::model::{Offsets, text::shorten};

/// Strict: an offset that was guessed at would skip or repeat records.
pub(super) fn parse(partitions: &Map<String, Value>) -> Result<Offsets, String> {
    let mut offsets = Offsets::new();
    for (key, value) in partitions {
        let partition = partition(key).ok_or_else(|| {
            format!(
                "partition \"{}\": a partition is a number from 0 to {}",
                shorten(key, 40),
                i32::MAX
            )
        })?;
        let offset = value
            .as_i64()
            .filter(|offset| *offset >= 0)
            .ok_or_else(|| {
                format!(
                    "partition {partition}: an offset is a whole number from 0, found {}",
                    shorten(&value.to_string(), 40)
                )
            })?;
        offsets.insert(partition, offset);
    }
    Ok(offsets)
}

/// Only as the original writes it: "01" or "+1" would be a second name of one partition.
fn partition(key: &str) -> Option<i32> {
    let number: i32 = key.parse().ok()?;
    (number >= 0 && number.to_string() == key).then_some(number)
}

pub(super) fn to_value(offsets: &Offsets) -> Value {
    offsets
        .iter()
        .map(|(partition, offset)| (partition.to_string(), Value::from(*offset)))
        .collect::<Map<_, _>>()
        .into()
}
