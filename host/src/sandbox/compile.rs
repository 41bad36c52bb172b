//! Compiling, in a process of its own: nothing in a component can exhaust this one.

use std::{
    io::{self, Write as _},
    os::unix::process::ExitStatusExt as _,
    time::Duration,
};

use super::{
    Refusal,
    process::{Process, Program, describe},
    wire::{self, Compiled, Order},
};

/// What compiling a component may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// Bytes of memory.
    pub memory: u64,
    /// Until the host gives up. The processor time over all threads may be twice as much.
    pub time: Duration,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            // A Python component takes 1 GiB and some seconds.
            memory: 4 << 30,
            time: Duration::from_mins(2),
        }
    }
}

/// Bytes of native code that are taken: a component may have 64 MiB, and grows three times at most.
const MAX_CODE_BYTES: usize = 512 << 20;

/// Why there is no native code.
#[derive(Debug)]
pub(super) enum Failure {
    Refused(Refusal),
    /// Not the component's fault.
    Host(String),
}

/// Compiles an admitted component.
pub(super) fn compile(
    program: &Program,
    wall: bool,
    limits: CompileLimits,
    component: &[u8],
) -> Result<Vec<u8>, Failure> {
    let mut process = Process::start(program, "compile", None, limits.time)
        .map_err(|e| Failure::Host(format!("a process that compiles can't be started: {e}")))?;
    let order = Order {
        component: component.len() as u64,
        wall,
        memory: limits.memory,
        seconds: limits.time.as_secs().max(1).saturating_mul(2),
    };
    match converse(&mut process, &order, component) {
        Ok((Compiled::Code(_), code)) => Ok(code),
        Ok((Compiled::Invalid(why), _)) => Err(Failure::Refused(Refusal::Invalid(why))),
        Ok((Compiled::WrongType(why), _)) => Err(Failure::Refused(Refusal::WrongType(why))),
        Ok((Compiled::Failed(why), _)) => Err(Failure::Host(why)),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            Err(Failure::Refused(too_long(limits)))
        }
        Err(_) => {
            let status = process.end();
            Err(Failure::Refused(match status.and_then(|s| s.signal()) {
                Some(libc::SIGXCPU) => too_long(limits),
                Some(libc::SIGABRT) => Refusal::CompileMemory {
                    bytes: limits.memory,
                },
                _ => Refusal::CompileCrash(describe(status)),
            }))
        }
    }
}

fn too_long(limits: CompileLimits) -> Refusal {
    Refusal::CompileTime {
        seconds: limits.time.as_secs(),
    }
}

fn converse(
    process: &mut Process,
    order: &Order,
    component: &[u8],
) -> io::Result<(Compiled, Vec<u8>)> {
    wire::send(process, order)?;
    process.write_all(component)?;
    let answer = wire::receive::<Compiled>(process, 0)?;
    let answer = answer.ok_or(io::ErrorKind::UnexpectedEof)?;
    let code = match answer {
        Compiled::Code(length) => wire::bytes(process, length, MAX_CODE_BYTES)?,
        _ => Vec::new(),
    };
    Ok((answer, code))
}
