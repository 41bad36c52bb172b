//! The other side: processes that handle what nobody trusts. This program starts itself again for
//! each, as `kafka-soar sandbox compile` and `kafka-soar sandbox run`, with a socket as standard
//! input and output and nothing else: no file, no network, and, once a parser is loaded, hardly a
//! system call (see [`wall`](crate::wall)). There is one process for each component that is
//! compiled, and one for each parser that runs.

mod batch;
mod compile;
mod engine;
mod failure;
mod meter;
mod run;
mod script;
mod socket;
mod state;
mod wasi;
mod wit;

pub use compile::main as compile;
pub use run::main as run;
pub(super) use {
    engine::compatibility,
    wit::{Contract, EXPORT, SCRIPT},
};

/// Closes what this process inherited by mistake: a library of the host's may have opened it so
/// that it stays open. To be called first. Older kernels (before 5.9) keep it open; the second wall
/// makes it useless.
#[expect(
    unsafe_code,
    reason = "closing descriptors by number; see the SAFETY comment"
)]
fn close_inherited() {
    let first = CODE_FD.unsigned_abs() + 1;
    // SAFETY: there is one thread, and nothing in this process has opened a descriptor yet: nobody
    // owns what is closed here.
    unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
}

/// Where a parser's process finds its native code: the descriptor that it inherits.
pub(super) const CODE_FD: i32 = 3;
