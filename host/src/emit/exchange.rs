//! Lines to a program that acknowledges them (docs/protocol.md): containers that it saves in SOAR,
//! states that it keeps, progress, and a result at the end.
//!
//! What it has not acknowledged is bounded in lines and in bytes, so that neither side has more
//! than that in memory, however slow SOAR is.

mod acks;
mod pending;

use std::{
    cell::RefCell,
    io::{self, BufRead, Write},
    rc::Rc,
    sync::{Arc, atomic::AtomicBool, mpsc::Receiver},
};

use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

use self::{acks::Ack, pending::Pending};
use super::ndjson::push_on_one_line;
use crate::{
    model::{Batch, Ingest, Parsed, Rejection},
    ports::{Deliver, DeliverError},
};

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reply {
    pub status: &'static str,
    pub message: String,
    /// What a person can do about a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    pub data: Value,
    pub summary: Value,
}

/// The two ends of the conversation. Clones are the same conversation.
#[derive(Clone)]
pub struct Exchange(Rc<RefCell<Ends>>);

struct Ends {
    out: Box<dyn Write>,
    acks: Receiver<Result<Ack, String>>,
    /// The next line's number.
    next: u64,
    pending: Pending,
    /// The state that was acknowledged last.
    state: Option<Box<RawValue>>,
    closed: bool,
}

/// The conversation can't go on, or the other program could not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    #[error("the program that reads the containers went away")]
    Closed,
    #[error("standard output can't be written: {0}")]
    Unwritable(String),
    #[error("an acknowledgement can't be understood: {0}")]
    Confused(String),
    /// In the other program's words.
    #[error("{0}")]
    Failed(String),
}

impl Exchange {
    /// Writes lines to `out` and reads acknowledgements from `input`, on a thread of its own, so
    /// that the other program never waits for this one. `gone` is set when the other one is.
    pub fn start(
        input: impl BufRead + Send + 'static,
        out: impl Write + 'static,
        gone: Arc<AtomicBool>,
    ) -> Self {
        Self(Rc::new(RefCell::new(Ends {
            out: Box::new(out),
            acks: acks::read(input, gone),
            next: 1,
            pending: Pending::default(),
            state: None,
            closed: false,
        })))
    }

    /// Whether the other program went away: nothing to complain about, and nobody to complain to.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.borrow().closed
    }

    /// Says something to whoever waits.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::Closed`] or [`ExchangeError::Unwritable`].
    pub fn progress(&self, text: &str) -> Result<(), ExchangeError> {
        let line = json!({"type": "progress", "text": text}).to_string();
        self.0.borrow_mut().write(line.into_bytes())
    }

    /// Returns once the state, a JSON object's text, is kept.
    ///
    /// # Errors
    ///
    /// [`ExchangeError`]: the state that was kept before still is.
    pub fn state(&self, text: &str) -> Result<(), ExchangeError> {
        let mut ends = self.0.borrow_mut();
        let id = ends.number();
        let mut line = format!("{{\"type\":\"state\",\"id\":{id},\"state\":").into_bytes();
        push_on_one_line(&mut line, text, false);
        line.push(b'}');
        ends.pending.add(id, line.len());
        ends.write(line)?;
        while ends.pending.holds(id) {
            ends.hear()?;
        }
        if let Some(text) = ends.pending.failure_of(id) {
            return Err(ExchangeError::Failed(text));
        }
        ends.state = RawValue::from_string(text.trim().to_owned()).ok();
        Ok(())
    }

    /// Says how the action ended: the last line.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::Closed`] or [`ExchangeError::Unwritable`].
    ///
    /// # Panics
    ///
    /// Never: a reply has text for keys.
    pub fn result(&self, reply: &Reply) -> Result<(), ExchangeError> {
        #[derive(Serialize)]
        struct Line<'a> {
            r#type: &'static str,
            #[serde(flatten)]
            reply: &'a Reply,
        }
        let mut ends = self.0.borrow_mut();
        let line = Line {
            r#type: "result",
            reply,
        };
        let mut line = serde_json::to_vec(&line).expect("text for keys");
        // Spliced: flattening would take its numbers apart.
        if let Some(state) = &ends.state {
            line.pop();
            line.extend_from_slice(b",\"state\":");
            push_on_one_line(&mut line, state.get(), false);
            line.push(b'}');
        }
        ends.write(line)
    }
}

impl Ends {
    fn number(&mut self) -> u64 {
        let id = self.next;
        self.next += 1;
        id
    }

    fn container(&mut self, ingest: Ingest<'_>, again: bool) -> Result<(), ExchangeError> {
        let id = self.number();
        let again = if again { ",\"again\":true" } else { "" };
        let mut line =
            format!("{{\"type\":\"container\",\"id\":{id}{again},\"container\":").into_bytes();
        push_on_one_line(&mut line, ingest.container(), false);
        line.extend_from_slice(b",\"artifacts\":[");
        for (i, artifact) in ingest.artifacts().enumerate() {
            if i > 0 {
                line.push(b',');
            }
            push_on_one_line(&mut line, artifact, false);
        }
        line.extend_from_slice(b"]}");
        while !self.pending.has_room(line.len()) {
            self.hear()?;
        }
        self.pending.add(id, line.len());
        self.write(line)
    }

    fn write(&mut self, mut line: Vec<u8>) -> Result<(), ExchangeError> {
        line.push(b'\n');
        let written = self.out.write_all(&line).and_then(|()| self.out.flush());
        written.map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => self.close(),
            _ => ExchangeError::Unwritable(error.to_string()),
        })
    }

    /// Waits for an acknowledgement.
    fn hear(&mut self) -> Result<(), ExchangeError> {
        match self.acks.recv() {
            Ok(Ok(ack)) => self
                .pending
                .take(&ack, self.next)
                .map_err(ExchangeError::Confused),
            Ok(Err(problem)) => Err(ExchangeError::Confused(problem)),
            Err(_) => Err(self.close()),
        }
    }

    fn close(&mut self) -> ExchangeError {
        self.closed = true;
        ExchangeError::Closed
    }

    fn deliver(&mut self, parsed: &Parsed, again: bool) -> Result<(), ExchangeError> {
        self.pending.forget_failures();
        for ingest in parsed.ingests() {
            self.container(ingest, again)?;
            // What follows would be saved for nothing: the batch comes again.
            if let Some(text) = self.pending.failure() {
                return Err(ExchangeError::Failed(text));
            }
        }
        while !self.pending.is_empty() {
            self.hear()?;
            if let Some(text) = self.pending.failure() {
                return Err(ExchangeError::Failed(text));
            }
        }
        Ok(())
    }
}

impl Deliver for Exchange {
    fn deliver(
        &mut self,
        _: &Batch,
        parsed: &Parsed,
        begun: bool,
    ) -> Result<Vec<Rejection>, DeliverError> {
        let delivered = self.0.borrow_mut().deliver(parsed, begun);
        delivered
            .map(|()| Vec::new())
            .map_err(|error| {
                DeliverError {
            hint: match &error {
                ExchangeError::Failed(_) => {
                    "mend what SOAR complains about; the next poll goes on with this batch, and \
                     nothing is lost"
                }
                ExchangeError::Confused(_) => "install app and binary from one package",
                _ => "poll again: nothing is lost",
            }
            .to_owned(),
            message: error.to_string(),
        }
            })
    }
}

#[cfg(test)]
mod tests;
