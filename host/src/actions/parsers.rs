//! The parser that an asset names, loaded.

use std::{env, path::PathBuf};

use etcetera::{BaseStrategy as _, choose_base_strategy};
use jiff::{Timestamp, Zoned};

use super::{Class, Failure};
use crate::{
    config::{Config, ParserLimits, ParserSource},
    model::Instant,
    sandbox::{Cache, LoadError, Parser, Sandbox},
};

/// Names the directory of compiled parsers; empty switches the cache off.
const CACHE_VARIABLE: &str = "KAFKA_SOAR_CACHE_DIR";

/// Loads the asset's parser into a sandbox of its own, with `started` as its clock.
///
/// # Errors
///
/// [`Class::Parser`] when it isn't a parser that this host runs.
pub(super) fn load(config: &Config, started: Instant) -> Result<Parser, Failure> {
    load_source(
        &config.parser,
        &config.limits,
        &config.parser_settings,
        started,
    )
}

pub(super) fn load_source(
    source: &ParserSource,
    limits: &ParserLimits,
    settings: &str,
    started: Instant,
) -> Result<Parser, Failure> {
    Sandbox::new(cache())
        .and_then(|sandbox| sandbox.load(source, limits, settings, started))
        .map_err(|error| match error {
            LoadError::Refused { .. } => Failure::new(Class::Parser, error.to_string()),
            LoadError::Engine(_) => Failure::new(
                Class::Internal,
                format!("the sandbox can't be set up: {error}"),
            ),
        })
}

/// This moment, and the offset of local time.
pub(super) fn now() -> Instant {
    let now = Zoned::now();
    Instant {
        unix_ms: u64::try_from(Timestamp::as_millisecond(now.timestamp())).unwrap_or(0),
        utc_offset_minutes: i16::try_from(now.offset().seconds() / 60).unwrap_or(0),
    }
}

/// Without a private directory parsers are compiled at each start, which is slower and no less
/// safe.
fn cache() -> Option<Cache> {
    Cache::open(cache_dir()?)
        .inspect_err(|e| tracing::warn!("compiled parsers are not cached: {e}"))
        .ok()
}

fn cache_dir() -> Option<PathBuf> {
    match env::var_os(CACHE_VARIABLE) {
        Some(dir) if dir.is_empty() => None,
        Some(dir) => Some(dir.into()),
        None => choose_base_strategy()
            .ok()
            .map(|base| base.cache_dir().join("kafka-soar").join("parsers")),
    }
}
