//! The binary: an allocator and the command line.

use std::process::ExitCode;

/// Batches are built and dropped on several threads; the system's allocator keeps their pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    kafka_soar::cli::main()
}
