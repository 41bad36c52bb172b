//! What passes between the host and the process of a parser: frames over one socket.
//!
//! A frame is the length of its head (`u32`, little-endian), the head (postcard), and then, without
//! any framing, the bytes that the head announces: columns of a batch, JSON text, native code.
//! These are not copied on their way. Both ends are the same program, so there are no versions;
//! but the host believes nothing that a parser's process says, and bounds everything it reads.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    config::ParserLimits,
    model::{Batch, Column, Instant},
    wall::Report,
};

/// The first frame to a parser's process.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) limits: ParserLimits,
    /// JSON text.
    pub(super) settings: String,
    /// What the Python runner executes; no other component has one.
    pub(super) script: Option<Script>,
    /// Whether to put up the second wall.
    pub(super) wall: bool,
}

/// A Python script.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Script {
    pub(super) name: String,
    pub(super) text: String,
}

/// The first frame to a compiling process; the component's bytes follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) component: u64,
    pub(super) wall: bool,
    /// Bytes of memory.
    pub(super) memory: u64,
    /// Seconds of processor time.
    pub(super) seconds: u64,
}

/// What a compiling process answers; native code follows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Compiled {
    /// Bytes of native code.
    Code(u64),
    /// It does not validate.
    Invalid(String),
    /// It validates, but isn't of the type that the contract gives a parser.
    WrongType(String),
    /// Not the component's fault.
    Failed(String),
}

/// What a parser's process answers to its setup.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Ready {
    Yes(Report),
    No(String),
}

/// A batch to parse; its columns follow.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    started: Instant,
    topic: String,
    records: u64,
    headers: u64,
    header_ends: u64,
    keys: Lengths,
    values: Lengths,
    header_names: Lengths,
    header_values: Lengths,
}

/// Bytes and items of a column's three lists.
#[derive(Debug, Serialize, Deserialize)]
struct Lengths {
    bytes: u64,
    ends: u64,
    nulls: u64,
}

/// What became of a batch; the texts that it announces follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    /// Log lines, in their order.
    pub(super) log: Vec<(Level, String)>,
    /// The most bytes of memories and tables.
    pub(super) peak_memory: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// The JSON text and the sources follow.
    Returned {
        /// Bytes of JSON text.
        ingests: u64,
        /// Items.
        sources: u64,
        /// Index and reason.
        rejections: Vec<(u32, String)>,
    },
    Refused(String),
    /// A script raised, or broke its contract.
    Failed(String),
    /// A script can't run at all.
    Broken(String),
    Limit {
        limit: Limit,
        value: String,
        what: String,
    },
    Trap(String),
}

/// What a guest returned, not yet validated.
#[derive(Debug)]
pub(crate) struct Returned {
    /// JSON text.
    pub(crate) ingests: String,
    pub(crate) sources: Vec<u32>,
    /// Index and reason.
    pub(crate) rejections: Vec<(u32, String)>,
}

/// A limit that stops a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Limit {
    Memory,
    Time,
    MessageTime,
    Output,
    Log,
    Stack,
    TableElements,
    Instances,
}

impl Limit {
    /// The asset's field, where it is one.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Memory => "parser_memory_limit",
            Self::Time => "parser_time_limit",
            Self::MessageTime => "parser_message_time_limit",
            Self::Output => "parser_output_limit",
            Self::Log => "parser_log_limit",
            Self::Stack => "stack",
            Self::TableElements => "table elements",
            Self::Instances => "instances, tables and memories",
        }
    }
}

/// Level of a guest's log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

/// Heads are small: names, reasons, log lines.
const HEAD_BYTES: usize = 1 << 20;

/// Writes a head.
pub(super) fn send<T: Serialize>(to: &mut impl Write, head: &T) -> io::Result<()> {
    let head = postcard::to_stdvec(head).map_err(io::Error::other)?;
    let length = u32::try_from(head.len()).map_err(io::Error::other)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(&head)
}

/// Reads a head of at most `limit` bytes beyond what every head may have; `None` at the end of the
/// stream.
pub(super) fn receive<T: DeserializeOwned>(
    from: &mut impl Read,
    limit: usize,
) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    if !read_or_end(from, &mut length)? {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length) as usize;
    if length > limit.saturating_add(HEAD_BYTES) {
        return Err(invalid(format!("a frame's head of {length} bytes")));
    }
    let head = bytes(from, length as u64, length)?;
    postcard::from_bytes(&head)
        .map(Some)
        .map_err(|e| invalid(format!("a frame's head: {e}")))
}

/// Reads `length` bytes that a head announced, if they are no more than `limit`.
pub(super) fn bytes(from: &mut impl Read, length: u64, limit: usize) -> io::Result<Vec<u8>> {
    let length = usize::try_from(length)
        .ok()
        .filter(|&length| length <= limit)
        .ok_or_else(|| invalid(format!("{length} bytes where {limit} are allowed")))?;
    let mut bytes = Vec::with_capacity(length);
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

/// Reads `items` numbers that a head announced.
pub(super) fn indices(from: &mut impl Read, items: u64, limit: usize) -> io::Result<Vec<u32>> {
    let bytes = bytes(from, items.saturating_mul(4), limit)?;
    Ok(numbers(&bytes, u32::from_le_bytes))
}

/// Writes a batch.
pub(super) fn send_batch(to: &mut impl Write, batch: &Batch, started: Instant) -> io::Result<()> {
    let columns = [
        batch.keys(),
        batch.values(),
        batch.header_names(),
        batch.header_values(),
    ];
    let [keys, values, header_names, header_values] = columns.map(|column| Lengths {
        bytes: column.bytes().len() as u64,
        ends: column.ends().len() as u64,
        nulls: column.nulls().len() as u64,
    });
    let head = Head {
        started,
        topic: batch.topic().to_owned(),
        records: batch.len() as u64,
        headers: batch.header_names().len() as u64,
        header_ends: batch.header_ends().len() as u64,
        keys,
        values,
        header_names,
        header_values,
    };
    send(to, &head)?;
    to.write_all(&packed(batch.partitions(), i32::to_le_bytes))?;
    to.write_all(&packed(batch.offsets(), i64::to_le_bytes))?;
    to.write_all(&packed(batch.timestamps(), i64::to_le_bytes))?;
    to.write_all(&packed(batch.header_ends(), u32::to_le_bytes))?;
    for column in columns {
        to.write_all(column.bytes())?;
        to.write_all(&packed(column.ends(), u32::to_le_bytes))?;
        to.write_all(&packed(column.nulls(), u32::to_le_bytes))?;
    }
    Ok(())
}

/// Reads a batch; `None` at the end of the stream. The host that sent it is believed.
pub(super) fn receive_batch(from: &mut impl Read) -> io::Result<Option<(Batch, Instant)>> {
    let Some(head) = receive::<Head>(from, 0)? else {
        return Ok(None);
    };
    let mut list = |items: u64, size: u64| bytes(from, items * size, usize::MAX);
    let partitions = numbers(&list(head.records, 4)?, i32::from_le_bytes);
    let offsets = numbers(&list(head.records, 8)?, i64::from_le_bytes);
    let timestamps = numbers(&list(head.records, 8)?, i64::from_le_bytes);
    let header_ends = numbers(&list(head.header_ends, 4)?, u32::from_le_bytes);
    let mut column = |lengths: &Lengths, items: u64| -> io::Result<Column> {
        let bytes = list(lengths.bytes, 1)?;
        let ends = numbers(&list(lengths.ends, 4)?, u32::from_le_bytes);
        let nulls = numbers(&list(lengths.nulls, 4)?, u32::from_le_bytes);
        Column::from_parts(bytes, ends, nulls, items).ok_or_else(|| invalid("a column".to_owned()))
    };
    let columns = [
        column(&head.keys, head.records)?,
        column(&head.values, head.records)?,
        column(&head.header_names, head.headers)?,
        column(&head.header_values, head.headers)?,
    ];
    let batch = Batch::from_parts(
        head.topic,
        partitions,
        offsets,
        timestamps,
        header_ends,
        columns,
    );
    let batch = batch.ok_or_else(|| invalid("a batch".to_owned()))?;
    Ok(Some((batch, head.started)))
}

fn packed<T: Copy, const N: usize>(items: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    items.iter().flat_map(|&item| bytes(item)).collect()
}

fn numbers<T, const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks();
    chunks.iter().map(|&chunk| number(chunk)).collect()
}

/// Fills `buffer`; `false` when the stream ends before its first byte.
fn read_or_end(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    let first = loop {
        match from.read(buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            other => break other?,
        }
    };
    if first == 0 {
        return Ok(false);
    }
    from.read_exact(&mut buffer[first..])?;
    Ok(true)
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Header, Position, Record};

    const STARTED: Instant = Instant {
        unix_ms: 1,
        utc_offset_minutes: -60,
    };

    fn batch() -> Batch {
        let mut batch = Batch::new("topic");
        let header = Header {
            name: "trace",
            value: None,
        };
        for (offset, (key, value)) in (0..).zip([
            (None, Some(&b"one"[..])),
            (Some(&b"key"[..]), None),
            (None, Some(&b""[..])),
        ]) {
            batch.push(&Record {
                position: Position {
                    partition: 7,
                    offset,
                },
                timestamp: -1,
                key,
                value,
                headers: vec![header; usize::try_from(offset).unwrap()],
            });
        }
        batch
    }

    #[test]
    fn a_batch_arrives_as_it_was_sent() {
        let mut stream = Vec::new();
        for batch in [batch(), Batch::new("empty")] {
            send_batch(&mut stream, &batch, STARTED).unwrap();
        }
        let mut stream = stream.as_slice();
        let (first, started) = receive_batch(&mut stream).unwrap().unwrap();
        assert_eq!((first, started), (batch(), STARTED));
        let (second, _) = receive_batch(&mut stream).unwrap().unwrap();
        assert_eq!(second, Batch::new("empty"));
        assert!(receive_batch(&mut stream).unwrap().is_none());
    }

    #[test]
    fn a_stream_that_is_cut_off_is_an_error_wherever() {
        let mut stream = Vec::new();
        send_batch(&mut stream, &batch(), STARTED).unwrap();
        for end in 1..stream.len() {
            receive_batch(&mut &stream[..end]).unwrap_err();
        }
    }

    #[test]
    fn more_is_announced_than_allowed() {
        let mut stream = u32::MAX.to_le_bytes().to_vec();
        stream.extend([0; 100]);
        let error = receive::<Answer>(&mut stream.as_slice(), 1_000).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        bytes(&mut &b"abc"[..], u64::MAX, 1_000).unwrap_err();
        bytes(&mut &b"abc"[..], 4, 1_000).unwrap_err();
        assert_eq!(bytes(&mut &b"abc"[..], 2, 2).unwrap(), b"ab");
    }
}
