//! WASI for guests whose toolchain insists on it: linked, and empty. No file, no argument, no
//! environment variable, no network; standard output goes nowhere; the clock stands at the
//! poll's start; random numbers follow from the batch. Nothing waits: a sleep is over at once.

use std::time::Duration;

use sha2::{Digest, Sha256};
use wasmtime::component::{HasSelf, Linker, Resource};
use wasmtime_wasi::{
    Deterministic, HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder, WasiCtxView,
    WasiView,
    p2::{
        self, DynPollable, Pollable,
        bindings::clocks::monotonic_clock::{self, Duration as Nanoseconds, Instant as Nanosecond},
    },
};

use super::state::State;
use crate::model::{Batch, Instant, Position};

/// Bytes that a guest may ask for in one call to `wasi:random`.
const MAX_RANDOM_BYTES: u64 = 64 << 10;

/// Length of the cycle of random bytes.
const RANDOM_CYCLE_BYTES: usize = 4 << 10;

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: self
                .wasi
                .get_or_insert_with(|| context(self.started, &self.seed)),
            table: &mut self.resources,
        }
    }
}

/// Adds WASI 0.2 to the linker.
pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    p2::add_to_linker_sync(linker)?;
    // wasmtime-wasi's monotonic clock waits in real time, in a host call, where no deadline
    // reaches. Ours takes its place.
    linker.allow_shadowing(true);
    monotonic_clock::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// A context that grants nothing.
fn context(started: Instant, seed: &Seed) -> WasiCtx {
    let seed = seed.digest();
    let mut insecure_seed = [0; 16];
    insecure_seed.copy_from_slice(&seed[..16]);
    WasiCtxBuilder::new()
        .wall_clock(Stopped(started))
        .monotonic_clock(Stopped(started))
        .secure_random(Deterministic::new(stream(&seed, b"secure")))
        .insecure_random(Deterministic::new(stream(&seed, b"insecure")))
        .insecure_random_seed(u128::from_le_bytes(insecure_seed))
        .max_random_size(MAX_RANDOM_BYTES)
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false)
        .build()
}

/// Where a batch stands in its topic: the same batch, the same random numbers.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    topic: String,
    first: Option<Position>,
}

impl Seed {
    pub(super) fn of(batch: &Batch) -> Self {
        Self {
            topic: batch.topic().to_owned(),
            first: (!batch.is_empty()).then(|| batch.position(0)),
        }
    }

    fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(&self.topic);
        if let Some(Position { partition, offset }) = self.first {
            hash.update(partition.to_le_bytes());
            hash.update(offset.to_le_bytes());
        }
        hash.finalize().into()
    }
}

fn stream(seed: &[u8; 32], purpose: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(RANDOM_CYCLE_BYTES);
    let mut block = 0u64;
    while bytes.len() < RANDOM_CYCLE_BYTES {
        let hash = Sha256::new()
            .chain_update(seed)
            .chain_update(purpose)
            .chain_update(block.to_le_bytes());
        bytes.extend_from_slice(&hash.finalize());
        block += 1;
    }
    bytes
}

/// A clock that stands still.
struct Stopped(Instant);

impl HostWallClock for Stopped {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.0.unix_ms)
    }
}

impl HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        0
    }
}

impl monotonic_clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<Nanosecond> {
        Ok(0)
    }

    fn resolution(&mut self) -> wasmtime::Result<Nanoseconds> {
        Ok(1_000_000)
    }

    fn subscribe_instant(&mut self, _when: Nanosecond) -> wasmtime::Result<Resource<DynPollable>> {
        self.over_at_once()
    }

    fn subscribe_duration(
        &mut self,
        _duration: Nanoseconds,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        self.over_at_once()
    }
}

impl State {
    fn over_at_once(&mut self) -> wasmtime::Result<Resource<DynPollable>> {
        let over = self.resources.push(Over)?;
        p2::subscribe(&mut self.resources, over)
    }
}

/// A wait that is over.
struct Over;

#[wasmtime_wasi::async_trait]
impl Pollable for Over {
    async fn ready(&mut self) {}
}
