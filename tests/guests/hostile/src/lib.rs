//! A parser that does what the first message's value tells it: a command, a space, an argument.
//! It speaks the contract without the SDK, which would not let it break a rule.
//!
//! | command | what it does |
//! |---|---|
//! | `alloc N` | fills N bytes of memory, in pieces of 1 MiB |
//! | `loop` | never returns |
//! | `memory-copy-loop` | never returns, and is hardly ever outside a long `memory.copy` |
//! | `log N` | writes N bytes of log in lines of 1,000 |
//! | `log-line TEXT` | writes one line |
//! | `log-loop` | writes empty lines for ever |
//! | `output N` | returns N bytes of JSON: one container with padding |
//! | `artifacts N` | returns one container with N artifacts |
//! | `containers N` | returns N containers without artifacts |
//! | `deep-json N` | returns a container in which lists are nested N deep |
//! | `ingests TEXT` | returns the text as it is |
//! | `sources A,B,…` | returns an artifact for each index, said to come from that message |
//! | `reject A,B,…` | rejects these indices, and makes an artifact of message 0 |
//! | `reason N` | rejects message 0 for a reason of N bytes |
//! | `reason-text TEXT` | rejects message 0 for that reason |
//! | `refuse TEXT` | refuses the batch |
//! | `panic` | panics |
//! | `recurse` | calls itself for ever |
//! | `count` | returns how many calls this instance has seen |
//! | `echo` | returns everything that it can see |
//!
//! Where nothing is said about the result, it is an empty one.

#![cfg(target_family = "wasm")]

mod echo;

use std::{
    hint::black_box,
    sync::atomic::{AtomicU32, Ordering},
};

use bindings::{
    exports::kafka_soar::parser::message_parser::{Batch, Column, Guest, Parsed, Rejection},
    kafka_soar::parser::log,
};

#[allow(
    clippy::all,
    clippy::pedantic,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated"
)]
mod bindings {
    use super::Hostile;

    wit_bindgen::generate!({ path: "../../../wit/v1", world: "parser" });
    export!(Hostile);
}

struct Hostile;

/// Calls that this instance has seen.
static CALLS: AtomicU32 = AtomicU32::new(0);

impl Guest for Hostile {
    fn parse_messages(batch: Batch) -> Result<Parsed, String> {
        let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
        let value = item(&batch.values, 0).ok_or("the first message has no command")?;
        let value = String::from_utf8_lossy(value).into_owned();
        let (command, argument) = value.split_once(' ').unwrap_or((&value, ""));
        match command {
            "alloc" => allocate(number(argument)?),
            "loop" => loop {
                black_box(());
            },
            "memory-copy-loop" => copy_for_ever(),
            "log" => log_bytes(number(argument)?),
            "log-line" => log::write(log::Level::Info, argument),
            "log-loop" => loop {
                log::write(log::Level::Debug, "");
            },
            "output" => return Ok(ingests(padding(number(argument)?))),
            "artifacts" => return Ok(ingests(artifacts(number(argument)?))),
            "containers" => return Ok(ingests(containers(number(argument)?))),
            "deep-json" => return Ok(ingests(nested(number(argument)?))),
            "ingests" => return Ok(ingests(argument.to_owned())),
            "sources" => {
                let sources = numbers(argument)?;
                return Ok(Parsed {
                    sources: sources.clone(),
                    ..ingests(artifacts(sources.len()))
                });
            }
            "reject" => {
                let rejections = numbers(argument)?.into_iter();
                return Ok(Parsed {
                    rejections: rejections.map(|index| reject(index, "no")).collect(),
                    sources: vec![0],
                    ..ingests(artifacts(1))
                });
            }
            "reason" => return Ok(rejected(&"r".repeat(number(argument)?))),
            "reason-text" => return Ok(rejected(argument)),
            "refuse" => return Err(argument.to_owned()),
            "panic" => panic!("told to"),
            "recurse" => drop(black_box(recurse(0, black_box(u64::MAX)))),
            "count" => return Ok(ingests(container(&calls.to_string()))),
            "echo" => return Ok(ingests(container(&echo::all(&batch).to_string()))),
            _ => return Err(format!("no such command: {command}")),
        }
        Ok(ingests(String::new()))
    }
}

fn item(column: &Column, index: usize) -> Option<&[u8]> {
    let end = *column.ends.get(index)? as usize;
    if column.nulls.iter().any(|&null| null as usize == index) {
        return None;
    }
    let start = match index {
        0 => 0,
        _ => column.ends[index - 1] as usize,
    };
    Some(&column.bytes[start..end])
}

fn number(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|error| format!("the argument {text:?} isn't a number: {error}"))
}

fn numbers(text: &str) -> Result<Vec<u32>, String> {
    text.split(',')
        .map(|one| {
            one.parse()
                .map_err(|error| format!("the argument {one:?} isn't an index: {error}"))
        })
        .collect()
}

fn allocate(mut bytes: usize) {
    const PIECE: usize = 1 << 20;
    let mut pieces = Vec::new();
    while bytes > 0 {
        pieces.push(vec![1_u8; bytes.min(PIECE)]);
        bytes = bytes.saturating_sub(PIECE);
    }
    black_box(&pieces);
}

fn copy_for_ever() {
    let mut memory = vec![1_u8; 64 << 20];
    loop {
        memory.copy_within(0..63 << 20, 1 << 20);
        black_box(&mut memory);
    }
}

fn log_bytes(mut bytes: usize) {
    let line = "l".repeat(1000);
    while bytes > 0 {
        let length = bytes.min(line.len());
        log::write(log::Level::Warn, &line[..length]);
        bytes -= length;
    }
}

/// Uses the call stack alone: with arrays in its frames it would meet the end of the stack that a
/// guest keeps in its own memory first.
fn recurse(depth: u64, last: u64) -> u64 {
    if depth == last {
        return depth;
    }
    recurse(depth + 1, last).rotate_left(7) ^ depth
}

/// One container whose `data` is the given JSON.
fn container(data: &str) -> String {
    format!(r#"[{{"container":{{"name":"hostile","data":{data}}},"artifacts":[]}}]"#)
}

/// Exactly `bytes` of JSON.
fn padding(bytes: usize) -> String {
    let around = container(r#""""#).len();
    container(&format!("\"{}\"", "p".repeat(bytes.saturating_sub(around))))
}

fn artifacts(count: usize) -> String {
    let artifacts = vec!["{}"; count].join(",");
    format!(r#"[{{"container":{{"name":"hostile"}},"artifacts":[{artifacts}]}}]"#)
}

fn containers(count: usize) -> String {
    let containers = vec![r#"{"container":{},"artifacts":[]}"#; count].join(",");
    format!("[{containers}]")
}

fn nested(depth: usize) -> String {
    container(&format!("{}{}", "[".repeat(depth), "]".repeat(depth)))
}

fn ingests(ingests: String) -> Parsed {
    Parsed {
        ingests,
        sources: Vec::new(),
        rejections: Vec::new(),
    }
}

fn reject(index: u32, reason: &str) -> Rejection {
    Rejection {
        index,
        reason: reason.to_owned(),
    }
}

fn rejected(reason: &str) -> Parsed {
    Parsed {
        rejections: vec![reject(0, reason)],
        ..ingests(String::new())
    }
}
