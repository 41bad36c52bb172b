//! A process that runs one parser.

use std::{io::Write as _, thread};

use wasmtime::{
    Engine,
    component::{Component, Linker},
};

use super::{
    CODE_FD,
    batch::Runner,
    engine,
    socket::Socket,
    state::State,
    wit::{Entry, Returned},
};
use crate::{
    config::ParserLimits,
    sandbox::wire::{self, Answer, Outcome, Ready, Setup},
    wall::{self, Report},
};

/// What the process needs beside what its guest may use: the engine, the code, the batch and its
/// copy inside the guest are in there.
const OWN_MEMORY: u64 = 1 << 30;

/// What the host's own calls need below a guest's.
const OWN_STACK: usize = 2 << 20;

/// Reads [`Setup`] from standard input, loads the native code behind [`CODE_FD`], and then
/// answers one batch after the other until standard input ends. Whether all went well.
#[must_use]
pub fn main() -> bool {
    super::close_inherited();
    let mut socket = Socket;
    let Ok(Some(setup)) = wire::receive::<Setup>(&mut socket, usize::MAX) else {
        return false;
    };
    let loaded = match load(&setup) {
        Ok(loaded) => loaded,
        Err(why) => {
            let _ = wire::send(&mut socket, &Ready::No(why));
            return false;
        }
    };
    // The guest's stack is this thread's, whatever the system gives a process's first. What stands
    // around that one stands around the threads that it starts.
    thread::Builder::new()
        .name("parser".into())
        .stack_size(engine::STACK_BYTES + OWN_STACK)
        .spawn(move || serve(setup, loaded))
        .is_ok_and(|serving| serving.join().unwrap_or(false))
}

struct Loaded {
    engine: Engine,
    entry: Entry,
    report: Report,
}

/// Loads the code, after which no file is to be had.
fn load(setup: &Setup) -> Result<Loaded, String> {
    let ParserLimits { memory, output, .. } = setup.limits;
    wall::Limits {
        // Output exists as the guest's, lifted, and on its way.
        memory: OWN_MEMORY
            .saturating_add(memory as u64)
            .saturating_add(3 * output as u64),
        time: None,
    }
    .set()?;
    let engine = engine::running().map_err(|e| format!("{e:#}"))?;
    let mut linker: Linker<State> = Linker::new(&engine);
    engine::link(&mut linker).map_err(|e| format!("{e:#}"))?;
    let entry = code(&engine)
        .and_then(|component| Entry::of(linker.instantiate_pre(&component)?))
        .map_err(|e| format!("{e:#}"))?;
    let mut report = Report::OFF;
    if setup.wall {
        report.landlock = wall::around_parser()?;
    }
    Ok(Loaded {
        engine,
        entry,
        report,
    })
}

/// On a thread of its own. Whether all went well.
fn serve(setup: Setup, loaded: Loaded) -> bool {
    let mut socket = Socket;
    // Entered for good: wasmtime-wasi would otherwise start a runtime with threads of its own.
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let Ok(runtime) = runtime else {
        return false;
    };
    let _entered = runtime.enter();
    let Loaded {
        engine,
        entry,
        mut report,
    } = loaded;
    engine::tick(&engine);
    if setup.wall {
        match wall::before_first_batch() {
            Ok(seccomp) => report.seccomp = seccomp,
            Err(why) => {
                let _ = wire::send(&mut socket, &Ready::No(why));
                return false;
            }
        }
    }
    if wire::send(&mut socket, &Ready::Yes(report)).is_err() {
        return false;
    }
    let Setup {
        limits,
        settings,
        script,
        ..
    } = setup;
    let mut runner = Runner::new(engine, entry, limits, &settings, script);
    match answer_all(&mut runner, &mut socket) {
        Ok(()) => true,
        // The host is gone, or took this for dead.
        Err(_) => false,
    }
}

#[expect(
    unsafe_code,
    reason = "deserialising native code; see the SAFETY comment"
)]
fn code(engine: &Engine) -> wasmtime::Result<Component> {
    let path = format!("/proc/self/fd/{CODE_FD}");
    // SAFETY: `deserialize_file` trusts that wasmtime made the bytes, and that they don't change.
    // The host gives this descriptor: a sealed file in memory that nobody can write to any more,
    // with what a compiling process of this program returned, or what the cache holds under a
    // MAC of this host's (`sandbox::cache`).
    unsafe { Component::deserialize_file(engine, path) }
}

fn answer_all(runner: &mut Runner, socket: &mut Socket) -> std::io::Result<()> {
    while let Some((batch, started)) = wire::receive_batch(socket)? {
        let answered = runner.parse(&batch, started);
        drop(batch);
        let mut answer = Answer {
            outcome: Outcome::Trap(String::new()),
            log: answered.log,
            peak_memory: answered.peak_memory as u64,
        };
        match answered.returned {
            Ok(Returned {
                ingests,
                sources,
                rejections,
            }) => {
                answer.outcome = Outcome::Returned {
                    ingests: ingests.len() as u64,
                    sources: sources.len() as u64,
                    rejections,
                };
                wire::send(socket, &answer)?;
                socket.write_all(ingests.as_bytes())?;
                let sources: Vec<u8> = sources.iter().flat_map(|n| n.to_le_bytes()).collect();
                socket.write_all(&sources)?;
            }
            Err(outcome) => {
                answer.outcome = outcome;
                wire::send(socket, &answer)?;
            }
        }
    }
    Ok(())
}
