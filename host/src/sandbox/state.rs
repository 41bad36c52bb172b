//! What the host keeps for one running instance.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::WasiCtx;

use super::{
    limits::{Meter, Passed},
    wasi,
};
use crate::{
    config::ParserLimits,
    model::{Batch, Instant, text},
};

/// A log line is cut to this many bytes.
const LOG_LINE_BYTES: usize = 4 << 10;

/// Resources that the host keeps for a guest (pollables, streams).
const MAX_RESOURCES: usize = 256;

/// Data of a store: lives as long as the instance, which is one batch.
pub(crate) struct State {
    pub(crate) meter: Meter,
    pub(crate) settings: Arc<str>,
    pub(crate) started: Instant,
    /// Made when the guest first asks: most have nothing to do with WASI.
    pub(crate) wasi: Option<WasiCtx>,
    /// What the guest's random numbers follow from.
    pub(crate) seed: wasi::Seed,
    pub(crate) resources: ResourceTable,
    log: Log,
}

/// Guest's log lines, and how many bytes of them there may still be.
struct Log {
    parser: Arc<str>,
    limit: usize,
    left: usize,
}

/// Level of a guest's log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl State {
    pub(crate) fn new(
        parser: &Arc<str>,
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
            log: Log {
                parser: Arc::clone(parser),
                limit: limits.log,
                left: limits.log,
            },
        }
    }

    /// Writes a guest's log line: attributed, escaped and bounded.
    pub(crate) fn write_log(&mut self, level: Level, line: &str) -> Result<(), Passed> {
        let log = &mut self.log;
        log.left = log.left.checked_sub(line.len()).ok_or_else(|| Passed {
            limit: "parser_log_limit",
            value: format!("{} bytes", log.limit),
            what: "it logged too much for one batch".into(),
        })?;
        let line = text::escape(text::cut(line, LOG_LINE_BYTES));
        let parser = &*log.parser;
        match level {
            Level::Debug => tracing::debug!(target: "parser", parser, "{line}"),
            Level::Info => tracing::info!(target: "parser", parser, "{line}"),
            Level::Warn => tracing::warn!(target: "parser", parser, "{line}"),
            Level::Error => tracing::error!(target: "parser", parser, "{line}"),
        }
        Ok(())
    }
}
