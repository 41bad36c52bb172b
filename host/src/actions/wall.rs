//! The second wall around this process, and what stands of it around all its processes.

use std::{fs::DirBuilder, os::unix::fs::DirBuilderExt as _, path::PathBuf, sync::OnceLock};

use serde::Serialize;

use super::{
    Class, Failure,
    parsers::{cache_dir, cache_key},
};
use crate::wall::{self, Paths, Report};

/// What stands around this process. Once up, it stays.
static STANDING: OnceLock<Report> = OnceLock::new();

/// What stands of the second wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Walls {
    /// Around this process.
    pub connector: Report,
    /// Around the parser's; absent while nothing was parsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parser: Option<Report>,
}

impl Walls {
    pub(super) fn with(parser: Option<Report>) -> Self {
        Self {
            connector: STANDING.get().copied().unwrap_or(Report::OFF),
            parser,
        }
    }
}

impl Default for Walls {
    fn default() -> Self {
        Self::with(None)
    }
}

/// Gives up what no poll needs, but for the files in the folders of `written`. To be called when
/// the configuration has been read, and before anything starts a thread.
///
/// # Errors
///
/// [`Class::Config`] when the setting can't be understood, [`Class::Internal`] when the wall could
/// not be put up on a kernel that has it: going on without would be a hole that nobody sees.
pub fn raise(written: impl IntoIterator<Item = PathBuf>) -> Result<(), Failure> {
    let wanted = wall::wanted().map_err(|value| {
        Failure::new(
            Class::Config,
            format!("{} is {value:?}, neither on nor off", wall::VARIABLE),
        )
        .hint("set it to on or off, or not at all")
    })?;
    if !wanted {
        tracing::warn!("the second wall is off ({}=off)", wall::VARIABLE);
        return Ok(());
    }
    let mut paths = Paths::of_system();
    let cache = cache_dir();
    let key = cache.as_deref().map(cache_key);
    for path in written.into_iter().chain(key) {
        paths.writes_to(&path);
    }
    if let Some(dir) = cache {
        // Landlock wants to see it; and what makes it later finds it, closed to others as it insists.
        let mut made = DirBuilder::new();
        if made.recursive(true).mode(0o700).create(&dir).is_ok() {
            paths.write.push(dir);
        }
    }
    let report = wall::around_host(&paths).map_err(|why| {
        Failure::new(
            Class::Internal,
            format!("the second wall can't be put up: {why}"),
        )
        .hint(format!(
            "report it; to go on without it set {}=off",
            wall::VARIABLE
        ))
    })?;
    tracing::debug!("second wall: {report}");
    let _ = STANDING.set(report);
    Ok(())
}
