//! The engine: every knob.

use std::{
    hash::{Hash as _, Hasher},
    num::NonZeroUsize,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use sha2::{Digest as _, Sha256};
use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmFeatures,
    component::Linker,
};

use super::{
    meter::{MAX_INSTANCES, MAX_MEMORIES, MAX_TABLE_ELEMENTS, MAX_TABLES},
    state::State,
    wasi, wit,
};

/// How often running guests look at their deadline. The time limit is rounded up to it.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// What a guest's call stack may take. Room for a Python interpreter that recurses through its own C
/// as deep as it lets itself.
pub(super) const STACK_BYTES: usize = 16 << 20;

/// Everything that native code depends on beside the component: wasmtime's version, its
/// configuration, the processor. In hexadecimal digits.
///
/// # Errors
///
/// When this machine can't run the engine.
pub(in crate::sandbox) fn compatibility() -> Result<String, String> {
    let engine = compiling().map_err(|e| format!("{e:#}"))?;
    let mut hash = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hash);
    Ok(hex::encode(&hash.0.finalize()[..8]))
}

/// An engine that compiles and runs nothing.
pub(super) fn compiling() -> wasmtime::Result<Engine> {
    Engine::new(&config())
}

/// Adds what guests may import.
pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wit::link(linker)?;
    wasi::link(linker)
}

/// With a pool of instances where the address space has room for it, else without. The pool is
/// faster and changes nothing that a guest could see.
pub(super) fn running() -> wasmtime::Result<Engine> {
    let mut pooled = config();
    pooled.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    Engine::new(&pooled).or_else(|e| {
        tracing::debug!("no pool of instances ({e:#}): a limit on the address space?");
        Engine::new(&config())
    })
}

/// A fresh instance a batch, without the page faults: memory that the last instance touched is
/// zeroed and kept, up to a bound. Took a quarter off the default parser's time a message
/// (docs/ARCHITECTURE.md). The numbers bound what may exist at once, in address space alone.
fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(4)
        .total_core_instances(2 * MAX_INSTANCES)
        .max_core_instances_per_component(MAX_INSTANCES)
        .total_memories(MAX_MEMORIES)
        .max_memories_per_component(MAX_MEMORIES)
        .max_memory_size(1 << 32)
        .total_tables(2 * MAX_TABLES)
        .max_tables_per_component(MAX_TABLES)
        .table_elements(MAX_TABLE_ELEMENTS)
        .max_unused_warm_slots(2)
        .linear_memory_keep_resident(16 << 20)
        .table_keep_resident(1 << 20);
    pool
}

/// Every knob that keeps a guest in, and everything off that no guest toolchain needs.
fn config() -> Config {
    let mut config = Config::new();
    config
        // Without the component model's async tasks a call costs a third, with less surface.
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        // No stack of this kind is ever made, but it must be the larger of the two.
        .async_stack_size(2 * STACK_BYTES)
        // A parse is a pure function: no NaN bit patterns, no relaxed SIMD by machine.
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_backtrace_max_frames(NonZeroUsize::new(16))
        // Copied into guests page by page on demand; see docs/ARCHITECTURE.md for the figures.
        .memory_init_cow(true)
        .wasm_features(
            WasmFeatures::MEMORY64
                | WasmFeatures::MULTI_MEMORY
                | WasmFeatures::THREADS
                | WasmFeatures::SHARED_EVERYTHING_THREADS
                | WasmFeatures::GC
                | WasmFeatures::EXCEPTIONS
                | WasmFeatures::STACK_SWITCHING
                | WasmFeatures::CM_ASYNC
                | WasmFeatures::CM_THREADING
                | WasmFeatures::CUSTOM_PAGE_SIZES,
            false,
        );
    config
}

/// Starts the thread that advances the engine's epoch, and waits until it runs: what a thread calls
/// at its start the second wall no longer allows. It ends with the engine.
pub(super) fn tick(engine: &Engine) {
    let weak = engine.weak();
    let running = Arc::new(Barrier::new(2));
    let started = Arc::clone(&running);
    thread::Builder::new()
        .name("parser-epoch".into())
        .spawn(move || {
            started.wait();
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        })
        .expect("a thread can be started");
    running.wait();
}

/// A hash that is the same in every build, unlike the standard library's.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        u64::from_le_bytes(digest[..8].try_into().expect("eight bytes"))
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}
