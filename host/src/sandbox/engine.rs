//! The engine, and how a component becomes a parser.

use std::{
    num::NonZeroUsize,
    sync::Arc,
    thread,
    time::{Duration, Instant as Clock},
};

use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, WasmFeatures,
    component::{Component, Linker},
};

use super::{
    Cache, DEFAULT_PARSER, DEFAULT_PARSER_NAME, Parser, Refusal, admit,
    limits::{MAX_INSTANCES, MAX_MEMORIES, MAX_TABLE_ELEMENTS, MAX_TABLES},
    state::State,
    wasi, wit,
};
use crate::{
    config::{ParserLimits, ParserSource},
    model::Instant,
};

/// How often running guests look at their deadline. The time limit is rounded up to it.
pub(crate) const TICK: Duration = Duration::from_millis(10);

/// What a guest's call stack may take. Room for a Python interpreter's recursion.
pub(crate) const STACK_BYTES: usize = 1 << 20;

/// Compiles and runs parsers. One a process: it owns the thread that lets time pass for guests.
pub struct Sandbox {
    engine: Engine,
    linker: Linker<State>,
    cache: Option<Cache>,
}

/// Why a parser can't run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It isn't a parser that this host runs.
    #[error("{name}: {refusal}")]
    Refused { name: String, refusal: Refusal },
    /// The engine could not be set up, or compiling failed in a way that is no fault of the
    /// component.
    #[error("{0}")]
    Engine(String),
}

impl Sandbox {
    /// Sets the engine up. With a cache, native code survives the process.
    ///
    /// # Errors
    ///
    /// [`LoadError::Engine`] when this machine can't run the engine.
    pub fn new(cache: Option<Cache>) -> Result<Self, LoadError> {
        let engine = engine().map_err(|e| LoadError::Engine(format!("{e:#}")))?;
        let mut linker = Linker::new(&engine);
        wit::link(&mut linker)
            .and_then(|()| wasi::link(&mut linker))
            .map_err(|e| LoadError::Engine(format!("{e:#}")))?;
        tick(&engine);
        Ok(Self {
            engine,
            linker,
            cache,
        })
    }

    /// Admits, compiles and links a parser. Compiling the default parser takes some tenths of a
    /// second, a Python component some seconds; from the cache either is loaded in milliseconds.
    ///
    /// `settings` is the JSON text that the guest sees as its settings, `started` its clock.
    ///
    /// # Errors
    ///
    /// [`LoadError::Refused`] when the component isn't a parser that this host runs.
    pub fn load(
        &self,
        source: &ParserSource,
        limits: &ParserLimits,
        settings: &str,
        started: Instant,
    ) -> Result<Parser, LoadError> {
        let (name, bytes) = match source {
            ParserSource::Default => (DEFAULT_PARSER_NAME, DEFAULT_PARSER),
            ParserSource::Component { name, bytes } => (name.as_str(), bytes.as_slice()),
        };
        let refused = |refusal| LoadError::Refused {
            name: name.to_owned(),
            refusal,
        };
        let inspection = admit::inspect(bytes).map_err(refused)?;
        let begun = Clock::now();
        let component = self.compile(&inspection.digest, bytes).map_err(refused)?;
        let pre = self
            .linker
            .instantiate_pre(&component)
            .map_err(|e| refused(Refusal::WrongType(format!("{e:#}"))))?;
        let entry = wit::Entry::of(pre, inspection.contract)
            .map_err(|e| refused(Refusal::WrongType(format!("{e:#}"))))?;
        tracing::debug!(
            parser = name,
            digest = inspection.digest,
            milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "parser loaded"
        );
        Ok(Parser::new(
            self.engine.clone(),
            entry,
            inspection.digest,
            name.into(),
            limits.clone(),
            Arc::from(settings),
            started,
        ))
    }

    /// A parser that this host ran before, from its native code in the cache: for batches that
    /// were begun with it. It was admitted then; `None` when its code is no longer there.
    #[must_use]
    pub fn load_former(
        &self,
        digest: &str,
        limits: &ParserLimits,
        settings: &str,
        started: Instant,
    ) -> Option<Parser> {
        let hex = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
        let cache = self.cache.as_ref().filter(|_| hex)?;
        let component = cache.load(&self.engine, digest)?;
        let version = component
            .component_type()
            .exports(&self.engine)
            .find_map(|(name, _)| {
                let version = name.strip_prefix(wit::EXPORT)?.strip_prefix('@')?;
                Some(version.to_owned())
            })?;
        let contract = wit::Contract::of_version(&version)?;
        let pre = self.linker.instantiate_pre(&component).ok()?;
        let entry = wit::Entry::of(pre, contract).ok()?;
        Some(Parser::new(
            self.engine.clone(),
            entry,
            digest.to_owned(),
            "the parser of before".into(),
            limits.clone(),
            Arc::from(settings),
            started,
        ))
    }

    fn compile(&self, digest: &str, bytes: &[u8]) -> Result<Component, Refusal> {
        let cached = self
            .cache
            .as_ref()
            .and_then(|c| c.load(&self.engine, digest));
        if let Some(component) = cached {
            return Ok(component);
        }
        let component = Component::from_binary(&self.engine, bytes)
            .map_err(|e| Refusal::Invalid(format!("{e:#}")))?;
        if let Some(cache) = &self.cache {
            // A cache that can't be written makes the next start slower and nothing else.
            let stored = component
                .serialize()
                .map_err(|e| format!("{e:#}"))
                .and_then(|code| cache.store(&self.engine, digest, &code));
            if let Err(e) = stored {
                tracing::warn!("the parser's native code could not be cached: {e}");
            }
        }
        Ok(component)
    }
}

/// With a pool of instances where the address space has room for it, else without. The pool is
/// faster and changes nothing that a guest could see.
fn engine() -> wasmtime::Result<Engine> {
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

/// Starts the thread that advances the engine's epoch. It ends with the engine.
fn tick(engine: &Engine) {
    let weak = engine.weak();
    thread::Builder::new()
        .name("parser-epoch".into())
        .spawn(move || {
            while let Some(engine) = weak.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        })
        .expect("a thread can be started");
}
