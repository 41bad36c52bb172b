//! A batch as a script gets it: text, and nothing but values and positions.

use crate::model::Batch;

/// The records of a batch whose values are UTF-8, in columns; see `wit/python-runner`.
pub(super) struct Texts {
    pub(super) text: String,
    pub(super) ends: Vec<u8>,
    pub(super) offsets: Vec<u8>,
    pub(super) partitions: Vec<u8>,
    /// The others, in the words of the Rust SDK.
    pub(super) rejections: Vec<(u32, String)>,
}

impl Texts {
    pub(super) fn of(batch: &Batch) -> Self {
        let mut texts = Self {
            text: String::with_capacity(batch.values().bytes().len()),
            ends: Vec::with_capacity(4 * batch.len()),
            offsets: Vec::with_capacity(8 * batch.len()),
            partitions: Vec::with_capacity(4 * batch.len()),
            rejections: Vec::new(),
        };
        let mut end = 0u32;
        for index in 0..batch.len() {
            match text(batch.values().get(index)) {
                Ok(value) => {
                    // No overflow: a batch's values have less than 4 GiB, as their `ends` say.
                    end += code_points(value);
                    texts.text.push_str(value);
                    texts.ends.extend(end.to_le_bytes());
                    texts.offsets.extend(batch.offsets()[index].to_le_bytes());
                    texts
                        .partitions
                        .extend(batch.partitions()[index].to_le_bytes());
                }
                Err(reason) => {
                    let index = u32::try_from(index).expect("a batch's length fits");
                    texts.rejections.push((index, reason));
                }
            }
        }
        texts
    }
}

fn text(value: Option<&[u8]>) -> Result<&str, String> {
    let value = value.ok_or("the message has no value (a tombstone)")?;
    std::str::from_utf8(value).map_err(|e| {
        let at = e.valid_up_to();
        let byte = value.get(at).copied().unwrap_or_default();
        format!("the value isn't UTF-8 text (byte {byte:#04x} at position {at})")
    })
}

fn code_points(text: &str) -> u32 {
    let count = if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    };
    u32::try_from(count).expect("a batch's values have less than 4 GiB")
}
