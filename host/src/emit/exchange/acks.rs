//! What the other program says: lines of JSON that acknowledge by number.

use std::{
    io::{BufRead, Read as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, channel},
    },
    thread,
};

use serde::Deserialize;

use crate::model::text::shorten;

/// Bytes of a line; room for thousands of acknowledgements.
const LINE: u64 = 1 << 20;

/// One acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ack {
    /// This line is dealt with, or could not be, with the cause.
    One(u64, Option<String>),
    /// This line is dealt with, and all before it.
    Through(u64),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    ack: Option<u64>,
    failed: Option<String>,
    ack_through: Option<u64>,
    acks: Option<Vec<Single>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Single {
    ack: u64,
    failed: Option<String>,
}

/// Reads to the end on a thread of its own, or to the first line that can't be understood.
pub(super) fn read(
    mut input: impl BufRead + Send + 'static,
    gone: Arc<AtomicBool>,
) -> Receiver<Result<Ack, String>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = (&mut input).take(LINE).read_until(b'\n', &mut line);
            if !matches!(read, Ok(1..)) {
                break;
            }
            match parse(&line) {
                Ok(acks) => {
                    for ack in acks {
                        // Nobody waits any more: the action is over.
                        let _ = sender.send(Ok(ack));
                    }
                }
                Err(problem) => {
                    let _ = sender.send(Err(problem));
                    break;
                }
            }
        }
        gone.store(true, Ordering::Relaxed);
    });
    receiver
}

fn parse(line: &[u8]) -> Result<Vec<Ack>, String> {
    if line.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    let shown = || shorten(String::from_utf8_lossy(line).trim(), 100).into_owned();
    let line: Line = serde_json::from_slice(line).map_err(|e| format!("{}: {e}", shown()))?;
    match line {
        Line {
            ack: Some(id),
            failed,
            ack_through: None,
            acks: None,
        } => Ok(vec![Ack::One(id, failed)]),
        Line {
            ack: None,
            failed: None,
            ack_through: Some(id),
            acks: None,
        } => Ok(vec![Ack::Through(id)]),
        Line {
            ack: None,
            failed: None,
            ack_through: None,
            acks: Some(acks),
        } => Ok(acks
            .into_iter()
            .map(|Single { ack, failed }| Ack::One(ack, failed))
            .collect()),
        _ => Err("expected one of ack, acks and ack_through in a line".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_understood_and_nothing_else() {
        let parsed = |text: &str| parse(text.as_bytes());
        assert_eq!(parsed(r#"{"ack":3}"#), Ok(vec![Ack::One(3, None)]));
        assert_eq!(
            parsed(r#"{"ack":3,"failed":"no"}"#),
            Ok(vec![Ack::One(3, Some("no".into()))])
        );
        assert_eq!(parsed(r#"{"ack_through":9}"#), Ok(vec![Ack::Through(9)]));
        assert_eq!(
            parsed(r#"{"acks":[{"ack":1},{"ack":2,"failed":"x"}]}"#),
            Ok(vec![Ack::One(1, None), Ack::One(2, Some("x".into()))])
        );
        assert_eq!(parsed(" \n"), Ok(vec![]));
        for bad in [
            "{}",
            "1",
            r#"{"ack":-1}"#,
            r#"{"ack":1,"ack_through":2}"#,
            r#"{"failed":"x"}"#,
            r#"{"ack":1,"fialed":"x"}"#,
        ] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }
}
