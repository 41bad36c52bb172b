//! A parser that does what the first message's value tells it: a command, a space, an argument.
//! It speaks the contract without the SDK, which would not let it break a rule.
//!
//! Where nothing is said about the result, it is an empty one.

#![cfg(target_family = "wasm")]

mod echo;

use std::{
    hint::black_box,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use bindings::{
    exports::kafka_soar::parser::message_parser::{Batch, Column, Guest, Parsed, Rejection},
    kafka_soar::parser::{log, settings},
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

type Outcome = Result<Parsed, String>;

/// Takes its argument and the batch.
type Command = fn(&str, &Batch) -> Outcome;

/// What it can be told. `tests/build.rs` reads this table.
#[rustfmt::skip]
const COMMANDS: [(&str, Command); 29] = [
    // Fills N bytes of memory, in pieces of 1 MiB.
    ("alloc", |n, _| allocate(number(n)?)),
    // Never returns.
    ("loop", |_, _| loop { black_box(()); }),
    // Never returns, and is hardly ever outside a long `memory.copy`.
    ("memory-copy-loop", |_, _| copy_for_ever()),
    // Asks for its settings for ever, and forgets them each time without giving them back.
    ("settings-loop", |_, _| loop { black_box(settings::get().leak()); }),
    // Writes N bytes of log in lines of 1,000.
    ("log", |n, _| log_bytes(number(n)?)),
    // Writes one line of N bytes.
    ("log-long", |n, _| log_line(&"l".repeat(number(n)?))),
    // Writes one line of this text.
    ("log-line", |text, _| log_line(text)),
    // Writes empty lines for ever.
    ("log-loop", |_, _| loop { log::write(log::Level::Debug, ""); }),
    // Returns N bytes of JSON: one container with padding.
    ("output", |n, _| Ok(ingests(padding(number(n)?)))),
    // Returns one container with N artifacts.
    ("artifacts", |n, _| Ok(ingests(artifacts(number(n)?)))),
    // Returns N containers without artifacts.
    ("containers", |n, _| Ok(ingests(containers(number(n)?)))),
    // Returns a container in which lists are nested N deep.
    ("deep-json", |n, _| Ok(ingests(nested(number(n)?)))),
    // Returns an opening bracket N times and nothing that closes one.
    ("open-json", |n, _| Ok(ingests("[".repeat(number(n)?)))),
    // Returns this text as it is.
    ("ingests", |text, _| Ok(ingests(text.to_owned()))),
    // Returns an artifact for each index of A,B,…, said to come from that message.
    ("sources", |list, _| sources(numbers(list)?)),
    // Rejects the indices of A,B,…, and makes an artifact of message 0.
    ("reject", |list, _| Ok(rejections(numbers(list)?))),
    // Rejects message 0 for a reason of N bytes.
    ("reason", |n, _| Ok(rejected(&"r".repeat(number(n)?)))),
    // Rejects message 0 for this reason.
    ("reason-text", |text, _| Ok(rejected(text))),
    // Refuses the batch with this text.
    ("refuse", |text, _| Err(text.to_owned())),
    // Refuses the batch with N bytes of text.
    ("refuse-long", |n, _| Err("n".repeat(number(n)?))),
    // Panics.
    ("panic", |_, _| panic!("told to")),
    // Ends its process, which it hasn't.
    ("abort", |_, _| process::abort()),
    // Calls itself for ever.
    ("recurse", |_, _| Err(recurse(0, black_box(u64::MAX)).to_string())),
    // Calls itself for ever with so much in each frame that its own stack ends before the call stack.
    ("recurse-wide", |_, _| Err(recurse_wide(&[0; 4096], black_box(u64::MAX)).to_string())),
    // Says how not-a-number looks in bits, made in several ways.
    ("nan", |_, _| Err(not_a_number())),
    // Says where its memory lies: the addresses of something on the stack and on the heap.
    ("addresses", |_, _| Err(format!("{:p} {:p}", &black_box(0), black_box(Box::new(0))))),
    // Reads behind the end of a list.
    ("index-outside", |_, batch| Err(batch.offsets[black_box(batch.offsets.len())].to_string())),
    // Returns how many calls this instance has seen.
    ("count", |_, _| Ok(ingests(container(&CALLS.load(Ordering::Relaxed).to_string())))),
    // Returns everything that it can see.
    ("echo", |_, batch| Ok(ingests(container(&echo::all(batch).to_string())))),
];

impl Guest for Hostile {
    fn parse_messages(batch: Batch) -> Outcome {
        CALLS.fetch_add(1, Ordering::Relaxed);
        let value = item(&batch.values, 0).ok_or("the first message has no command")?;
        let value = String::from_utf8_lossy(value).into_owned();
        let (asked, argument) = value.split_once(' ').unwrap_or((&value, ""));
        let (_, command) = COMMANDS
            .iter()
            .find(|(name, _)| *name == asked)
            .ok_or_else(|| format!("no such command: {asked}"))?;
        command(argument, &batch)
    }
}

/// An outcome with nothing in it.
#[expect(clippy::unnecessary_wraps, reason = "the outcome of a command")]
fn nothing() -> Outcome {
    Ok(ingests(String::new()))
}

fn log_line(text: &str) -> Outcome {
    log::write(log::Level::Info, text);
    nothing()
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

fn allocate(mut bytes: usize) -> Outcome {
    const PIECE: usize = 1 << 20;
    let mut pieces = Vec::new();
    while bytes > 0 {
        pieces.push(vec![1_u8; bytes.min(PIECE)]);
        bytes = bytes.saturating_sub(PIECE);
    }
    black_box(&pieces);
    nothing()
}

fn copy_for_ever() -> Outcome {
    let mut memory = vec![1_u8; 64 << 20];
    loop {
        memory.copy_within(0..63 << 20, 1 << 20);
        black_box(&mut memory);
    }
}

fn log_bytes(mut bytes: usize) -> Outcome {
    let line = "l".repeat(1000);
    while bytes > 0 {
        let length = bytes.min(line.len());
        log::write(log::Level::Warn, &line[..length]);
        bytes -= length;
    }
    nothing()
}

/// Uses the call stack alone: with arrays in its frames it would meet the end of the stack that a
/// guest keeps in its own memory first.
fn recurse(depth: u64, last: u64) -> u64 {
    if depth == last {
        return depth;
    }
    recurse(depth + 1, last).rotate_left(7) ^ depth
}

fn recurse_wide(above: &[u8; 4096], left: u64) -> u8 {
    if left == 0 {
        return above[7];
    }
    let frame = black_box(above.map(|byte| byte.wrapping_add(1)));
    recurse_wide(&frame, left - 1).wrapping_add(frame[7])
}

fn not_a_number() -> String {
    let zero = || black_box(0.0_f64);
    let infinity = || black_box(f64::INFINITY);
    let odd = f64::from_bits(black_box(0x7ff0_dead_beef_0001));
    let made = [
        zero() / zero(),
        infinity() - infinity(),
        infinity() * zero(),
        odd + 1.0,
    ];
    let bits: Vec<String> = made
        .iter()
        .map(|nan| format!("{:x}", nan.to_bits()))
        .collect();
    bits.join(" ")
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

#[expect(clippy::unnecessary_wraps, reason = "a command's outcome")]
fn sources(sources: Vec<u32>) -> Outcome {
    Ok(Parsed {
        ingests: artifacts(sources.len()),
        sources,
        rejections: Vec::new(),
    })
}

fn rejections(indices: Vec<u32>) -> Parsed {
    let indices = indices.into_iter();
    Parsed {
        rejections: indices.map(|index| reject(index, "no")).collect(),
        sources: vec![0],
        ..ingests(artifacts(1))
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
