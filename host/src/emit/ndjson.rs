//! Containers as lines of JSON: `{"container":{…},"artifacts":[{…},…]}`, one a container.

use std::{
    borrow::Cow,
    io::{self, Write},
    path::Path,
};

use memchr::memchr2;

use super::append::{AppendFile, OpenError};
use crate::{
    model::{Batch, Ingest, Parsed, Rejection, text::escape_json},
    ports::{Deliver, DeliverError},
};

/// Bytes that are collected before they are written.
const CHUNK: usize = 1 << 20;
/// Before the umask: an output is a file like any other.
const MODE: u32 = 0o666;

/// Writes each container with its artifacts as one line, spliced from the parser's text.
#[derive(Debug)]
pub struct Ndjson<W> {
    sink: Sink<W>,
    /// Whether a person looks on.
    seen: bool,
    buffer: Vec<u8>,
    closed: bool,
}

#[derive(Debug)]
enum Sink<W> {
    Stream(W),
    File(AppendFile),
}

impl<W: Write> Ndjson<W> {
    /// To a stream: what was flushed counts as delivered.
    pub fn to_stream(stream: W) -> Self {
        Self::new(Sink::Stream(stream))
    }

    /// To a terminal: the same JSON, in which nothing that a terminal would act on stands raw.
    pub fn to_terminal(stream: W) -> Self {
        Self {
            seen: true,
            ..Self::to_stream(stream)
        }
    }

    /// To a file, appended to: what was synced to the disk counts as delivered.
    ///
    /// # Errors
    ///
    /// When it can't be opened for this process alone.
    pub fn to_file(path: &Path) -> Result<Self, OpenError> {
        Ok(Self::new(Sink::File(AppendFile::open(path, MODE)?)))
    }

    fn new(sink: Sink<W>) -> Self {
        Self {
            sink,
            seen: false,
            buffer: Vec::new(),
            closed: false,
        }
    }

    /// Whether the reader of the stream has gone away (`| head`): a failed delivery, but
    /// nothing to complain about.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn deliver_lines(&mut self, parsed: &Parsed) -> Result<(), DeliverError> {
        self.buffer.clear();
        for ingest in parsed.ingests() {
            self.push(ingest);
            if self.buffer.len() >= CHUNK {
                self.write()?;
            }
        }
        self.write()?;
        let settled = match &mut self.sink {
            Sink::Stream(stream) => stream.flush(),
            Sink::File(file) => file.settle(),
        };
        settled.map_err(|e| self.failed(&e))
    }

    fn push(&mut self, ingest: Ingest<'_>) {
        let (line, seen) = (&mut self.buffer, self.seen);
        line.extend_from_slice(b"{\"container\":");
        push_on_one_line(line, ingest.container(), seen);
        line.extend_from_slice(b",\"artifacts\":[");
        for (i, artifact) in ingest.artifacts().enumerate() {
            if i > 0 {
                line.push(b',');
            }
            push_on_one_line(line, artifact, seen);
        }
        line.extend_from_slice(b"]}\n");
    }

    fn write(&mut self) -> Result<(), DeliverError> {
        let written = match &mut self.sink {
            Sink::Stream(stream) => stream.write_all(&self.buffer),
            Sink::File(file) => file.write(&self.buffer),
        };
        self.buffer.clear();
        written.map_err(|e| self.failed(&e))
    }

    fn failed(&mut self, error: &io::Error) -> DeliverError {
        self.closed |= error.kind() == io::ErrorKind::BrokenPipe;
        let what = match &self.sink {
            Sink::Stream(_) => "standard output".to_owned(),
            Sink::File(file) => file.path().display().to_string(),
        };
        DeliverError {
            message: format!("{what} can't be written: {error}"),
            hint: "make room or mend the output, and poll again: nothing is lost".to_owned(),
        }
    }
}

impl<W: Write> Deliver for Ndjson<W> {
    fn deliver(
        &mut self,
        _: &Batch,
        parsed: &Parsed,
        _: bool,
    ) -> Result<Vec<Rejection>, DeliverError> {
        self.deliver_lines(parsed).map(|()| Vec::new())
    }
}

/// Appends JSON without its line breaks. They can only stand between tokens, where they mean
/// nothing: in a string JSON wants them escaped.
pub(super) fn push_on_one_line(out: &mut Vec<u8>, json: &str, seen: bool) {
    let json = if seen {
        escape_json(json)
    } else {
        Cow::Borrowed(json)
    };
    let mut rest = json.as_bytes();
    // Nearly always there is none: one pass of memchr and one copy.
    while let Some(at) = memchr2(b'\n', b'\r', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::emit::tests::parsed;

    fn stream(ingests: &[(&str, &[&str])]) -> String {
        let mut out = Vec::new();
        Ndjson::to_stream(&mut out)
            .deliver(&Batch::new("t"), &parsed(ingests), false)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_container_is_a_line_in_the_parsers_own_letters() {
        assert_eq!(
            stream(&[
                (
                    r#"{"name": "é\n", "n": 1.10}"#,
                    &[r#"{"a":1}"#, r#"{"a":2}"#]
                ),
                ("{\n  \"name\": \"b\"\r\n}", &[]),
            ]),
            "{\"container\":{\"name\": \"é\\n\", \"n\": 1.10},\"artifacts\":[{\"a\":1},{\"a\":2}]}\n\
             {\"container\":{  \"name\": \"b\"},\"artifacts\":[]}\n"
        );
        assert_eq!(stream(&[]), "");
    }

    #[test]
    fn a_terminal_gets_nothing_that_it_would_act_on() {
        let container = "{\"name\":\"\u{9b}2J\u{202e}é\u{e0041}\"}";
        let parsed = parsed(&[(container, &["{\n\"a\":\"\u{7f}\"}"])]);
        let mut out = Vec::new();
        Ndjson::to_terminal(&mut out)
            .deliver(&Batch::new("t"), &parsed, false)
            .unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"container\":{\"name\":\"\\u009b2J\\u202eé\\udb40\\udc41\"},\
             \"artifacts\":[{\"a\":\"\\u007f\"}]}\n"
        );
    }

    #[test]
    fn a_reader_that_went_away_is_told_from_other_failures() {
        struct Gone(io::ErrorKind);
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(self.0.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for (kind, closed) in [
            (io::ErrorKind::BrokenPipe, true),
            (io::ErrorKind::StorageFull, false),
        ] {
            let mut out = Ndjson::to_stream(Gone(kind));
            let batch = Batch::new("t");
            assert!(out.deliver(&batch, &parsed(&[("{}", &[])]), false).is_err());
            assert_eq!(out.is_closed(), closed);
        }
    }

    #[test]
    fn a_file_grows_by_whole_lines() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.ndjson");
        fs::write(&path, "{\"container\":{},\"artifacts\":[]}\n{\"contai").unwrap();
        for _ in 0..2 {
            let mut out = Ndjson::<io::Sink>::to_file(&path).unwrap();
            out.deliver(&Batch::new("t"), &parsed(&[("{}", &["{}"])]), false)
                .unwrap();
        }
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "{\"container\":{},\"artifacts\":[]}\n\
             {\"container\":{},\"artifacts\":[{}]}\n\
             {\"container\":{},\"artifacts\":[{}]}\n"
        );
    }

    #[test]
    fn more_than_a_chunk_is_written_whole() {
        let artifact = format!("{{\"a\":\"{}\"}}", "x".repeat(1000));
        let artifacts = vec![artifact.as_str(); 3000];
        let text = stream(&[("{}", &artifacts), ("{}", &artifacts)]);
        assert_eq!(text.lines().count(), 2);
        for line in text.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["artifacts"].as_array().unwrap().len(), 3000);
        }
    }
}
