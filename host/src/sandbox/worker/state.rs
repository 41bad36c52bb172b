//! What the host keeps for one running instance.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtx;

use super::{
    meter::{Meter, Passed},
    wasi,
};
use crate::{
    config::ParserLimits,
    model::{Batch, Instant, text},
    sandbox::{
        LOG_LINE_BYTES,
        wire::{Level, Limit, Script},
    },
};

/// Resources that the host keeps for a guest (pollables, streams).
const MAX_RESOURCES: usize = 256;

/// Data of a store: lives as long as the instance.
pub(super) struct State {
    pub(super) meter: Meter,
    pub(super) settings: Arc<str>,
    pub(super) started: Instant,
    /// Made when the guest first asks: most have nothing to do with WASI.
    pub(super) wasi: Option<WasiCtx>,
    /// What the guest's random numbers follow from.
    pub(super) seed: wasi::Seed,
    pub(super) resources: ResourceTable,
    /// For the Python runner alone.
    pub(super) script: Option<Arc<Script>>,
    log: Log,
}

/// Guest's log lines, and how many bytes of them there may still be.
struct Log {
    lines: Vec<(Level, String)>,
    limit: usize,
    left: usize,
}

impl Log {
    fn new(limit: usize) -> Self {
        Self {
            lines: Vec::new(),
            limit,
            left: limit,
        }
    }
}

impl State {
    pub(super) fn new(
        limits: &ParserLimits,
        settings: &Arc<str>,
        started: Instant,
        batch: &Batch,
    ) -> Self {
        let mut resources = ResourceTable::new();
        resources.set_max_capacity(MAX_RESOURCES);
        Self {
            meter: Meter::new(limits.memory),
            settings: Arc::clone(settings),
            started,
            wasi: None,
            seed: wasi::Seed::of(batch),
            resources,
            script: None,
            log: Log::new(limits.log),
        }
    }

    /// Makes room for another batch in the same instance: its log is its own, and its random numbers
    /// don't tell what was before it.
    pub(super) fn next(&mut self, limits: &ParserLimits, batch: &Batch) {
        self.seed = wasi::Seed::of(batch);
        self.wasi = None;
        self.log = Log::new(limits.log);
    }

    /// Keeps a guest's log line for the host, which attributes and escapes it.
    pub(super) fn write_log(&mut self, level: Level, line: &str) -> Result<(), Passed> {
        let log = &mut self.log;
        // An empty line costs too.
        let cost = line.len().max(1);
        log.left = log.left.checked_sub(cost).ok_or_else(|| Passed {
            limit: Limit::Log,
            value: format!("{} bytes", log.limit),
            what: "it logged too much for one batch".into(),
        })?;
        let line = text::cut(line, LOG_LINE_BYTES).to_owned();
        log.lines.push((level, line));
        Ok(())
    }

    pub(super) fn take_log(&mut self) -> Vec<(Level, String)> {
        std::mem::take(&mut self.log.lines)
    }
}
