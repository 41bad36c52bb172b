//! One Kafka record.

use serde::Deserialize;

use crate::{Batch, Error, batch::Column, error, time::Timestamp};

/// A Kafka record: a view into its [`Batch`], as cheap to copy as a pointer and an index.
#[derive(Debug, Clone, Copy)]
pub struct Message<'b> {
    batch: &'b Batch,
    index: usize,
}

/// A record's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'b> {
    /// Names may repeat within a record.
    pub name: &'b str,
    /// `None` where the header has no value, which isn't the same as an empty one.
    pub value: Option<&'b [u8]>,
}

impl<'b> Message<'b> {
    pub(crate) fn new(batch: &'b Batch, index: usize) -> Self {
        Self { batch, index }
    }

    /// Index in the batch, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The partition it was read from.
    #[must_use]
    pub fn partition(&self) -> i32 {
        self.batch.partitions[self.index]
    }

    /// Its offset in that partition.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.batch.offsets[self.index]
    }

    /// When it was produced or appended, whichever the topic keeps; `None` when it keeps nothing.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        let ms = self.batch.timestamps[self.index];
        (ms >= 0).then_some(Timestamp::from_unix_ms(ms))
    }

    /// The key's bytes.
    #[must_use]
    pub fn key(&self) -> Option<&'b [u8]> {
        self.batch.keys.get(self.index)
    }

    /// The key as text; `None` for a message without a key.
    ///
    /// # Errors
    ///
    /// When the key isn't UTF-8.
    pub fn key_text(&self) -> Result<Option<&'b str>, Error> {
        self.key().map(|key| text("the key", key)).transpose()
    }

    /// The value's bytes; `None` is a tombstone. See also [`Message::bytes`].
    #[must_use]
    #[inline]
    pub fn value(&self) -> Option<&'b [u8]> {
        self.batch.values.get(self.index)
    }

    /// The value's bytes.
    ///
    /// # Errors
    ///
    /// When the message has no value.
    #[inline]
    pub fn bytes(&self) -> Result<&'b [u8], Error> {
        self.value()
            .ok_or_else(|| Error::new("the message has no value (a tombstone)"))
    }

    /// The value as text.
    ///
    /// # Errors
    ///
    /// When the message has no value, or one that isn't UTF-8; the reason names the first byte
    /// at fault and its position from 0.
    #[inline]
    pub fn text(&self) -> Result<&'b str, Error> {
        text("the value", self.bytes()?)
    }

    /// The value as JSON.
    ///
    /// # Errors
    ///
    /// When the message has no value, or one that isn't JSON or not of type `T`; the reason
    /// names the line and column.
    pub fn json<T: Deserialize<'b>>(&self) -> Result<T, Error> {
        serde_json::from_slice(self.bytes()?).map_err(|error| error::json("the value", &error))
    }

    /// The headers in order.
    #[must_use]
    pub fn headers(&self) -> impl ExactSizeIterator<Item = Header<'b>> + DoubleEndedIterator {
        let ends = &self.batch.header_ends;
        let range = match (self.index, ends.get(self.index)) {
            (_, None) => 0..0,
            (0, Some(&end)) => 0..end as usize,
            (index, Some(&end)) => ends[index - 1] as usize..end as usize,
        };
        let (names, values): (&'b Column, &'b Column) =
            (&self.batch.header_names, &self.batch.header_values);
        range.map(move |header| Header {
            // The host hands names over as UTF-8 and never as null.
            name: str::from_utf8(names.get(header).unwrap_or_default()).unwrap_or_default(),
            value: values.get(header),
        })
    }

    /// The value of the last header with this name: where a name repeats, Kafka's clients take
    /// the last one. `None` when there is no such header or it has no value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'b [u8]> {
        self.headers()
            .rfind(|header| header.name == name)
            .and_then(|header| header.value)
    }
}

#[inline]
fn text<'b>(what: &str, bytes: &'b [u8]) -> Result<&'b str, Error> {
    str::from_utf8(bytes).map_err(|error| {
        let position = error.valid_up_to();
        let byte = bytes[position];
        Error::new(format_args!(
            "{what} isn't UTF-8 text (byte {byte:#04x} at position {position})"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Record, batch};

    #[test]
    fn a_message_gives_back_what_kafka_held() {
        let topic = batch("t")
            .record(&Record {
                partition: 3,
                offset: 7,
                timestamp: Some(1_700_000_000_123),
                key: Some(b"k"),
                value: None,
                headers: &[("a", Some(b"1")), ("a", Some(b"2")), ("b", None)],
            })
            .value("plain");
        let messages: Vec<_> = topic.batch().messages().collect();
        let [first, second] = messages[..] else {
            panic!("{messages:?}")
        };
        assert_eq!(
            (first.partition(), first.offset(), first.index()),
            (3, 7, 0)
        );
        assert_eq!(
            first.timestamp().unwrap().to_string(),
            "2023-11-14T22:13:20.123Z"
        );
        assert_eq!(first.key_text(), Ok(Some("k")));
        assert_eq!(
            first.text().unwrap_err().reason(),
            "the message has no value (a tombstone)"
        );
        assert_eq!(first.headers().len(), 3);
        assert_eq!(first.header("a"), Some(&b"2"[..]));
        assert_eq!(first.header("b"), None);

        assert_eq!((second.key(), second.timestamp()), (None, None));
        assert_eq!(second.text(), Ok("plain"));
        assert_eq!(second.headers().len(), 0);
    }

    #[test]
    fn text_that_is_not_utf8_names_the_byte() {
        let topic = batch("t")
            .value(b"0123456789abcdefg\xff")
            .value(b"\xe2\x82");
        let reasons: Vec<_> = topic
            .batch()
            .messages()
            .map(|message| message.text().unwrap_err())
            .collect();
        assert_eq!(
            reasons[0].reason(),
            "the value isn't UTF-8 text (byte 0xff at position 17)"
        );
        assert_eq!(
            reasons[1].reason(),
            "the value isn't UTF-8 text (byte 0xe2 at position 0)"
        );
    }

    #[test]
    fn json_is_typed_and_may_borrow() {
        #[derive(Deserialize, Debug)]
        struct Event<'a> {
            host: &'a str,
        }
        let topic = batch("t").value(r#"{"host":"h1"}"#).value("{\"host\":\n7}");
        let mut messages = topic.batch().messages();
        assert_eq!(messages.next().unwrap().json::<Event>().unwrap().host, "h1");
        assert_eq!(
            messages
                .next()
                .unwrap()
                .json::<Event>()
                .unwrap_err()
                .reason(),
            "the value isn't the JSON that this parser expects: invalid type: integer `7`, \
             expected a borrowed string at line 2 column 1"
        );
    }
}
