//! `parser watch`: waits until a project's files change.

use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    time::{Duration, Instant as Clock},
};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::Project;
use crate::actions::{Class, Failure};

/// An editor writes a file in several steps: it is done when nothing has changed for so long.
const QUIET: Duration = Duration::from_millis(200);

/// How often it is asked whether to end.
const BEAT: Duration = Duration::from_millis(100);

/// What builds and tools write, which is no change of the project.
const WRITTEN_BY_TOOLS: [&str; 9] = [
    "target",
    "node_modules",
    "dist",
    "__pycache__",
    ".git",
    ".kafka-soar",
    ".venv",
    ".mypy_cache",
    ".pytest_cache",
];

/// Watches a project's folder, or a script, from its creation on.
pub struct Watch {
    /// Stops when it is dropped.
    _watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    folder: PathBuf,
    /// The script, when only that matters.
    script: Option<PathBuf>,
}

impl Watch {
    /// # Errors
    ///
    /// A configuration failure when there is no project, an internal one when the system can't watch
    /// it.
    pub fn start(path: &Path) -> Result<Self, Failure> {
        let project = Project::at(path)?;
        let folder = project.absolute()?;
        let failed = |e: notify::Error| {
            Failure::new(
                Class::Internal,
                format!("{} can't be watched: {e}", folder.display()),
            )
            .hint("raise fs.inotify.max_user_watches, or watch a smaller folder")
        };
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(sender).map_err(failed)?;
        let mode = match project.script {
            Some(_) => RecursiveMode::NonRecursive,
            None => RecursiveMode::Recursive,
        };
        watcher.watch(&folder, mode).map_err(failed)?;
        let script = project.script.as_deref().and_then(Path::file_name);
        Ok(Self {
            _watcher: watcher,
            events,
            script: script.map(|name| folder.join(name)),
            folder,
        })
    }

    /// Waits for changes and then for quiet: what has changed, as paths in the folder. `None` when
    /// `stop` was set.
    ///
    /// # Errors
    ///
    /// An internal failure when the system watches no more.
    pub fn next(&self, stop: &AtomicBool) -> Result<Option<BTreeSet<PathBuf>>, Failure> {
        let mut changed = BTreeSet::new();
        let mut last = Clock::now();
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            if !changed.is_empty() && last.elapsed() >= QUIET {
                return Ok(Some(changed));
            }
            match self.events.recv_timeout(BEAT) {
                Ok(Ok(event)) => {
                    let sources = self.changes(&event);
                    if !sources.is_empty() {
                        changed.extend(sources);
                        last = Clock::now();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Err(error)) => return Err(ended(&error.to_string())),
                Err(RecvTimeoutError::Disconnected) => return Err(ended("it ended")),
            }
        }
    }

    /// What of an event is a change of the project.
    fn changes(&self, event: &Event) -> Vec<PathBuf> {
        if matches!(event.kind, EventKind::Access(_) | EventKind::Other) {
            return Vec::new();
        }
        let own = |path: &&PathBuf| match &self.script {
            Some(script) => *path == script,
            None => is_source(path.strip_prefix(&self.folder).unwrap_or(path)),
        };
        let inside = |path: &PathBuf| path.strip_prefix(&self.folder).unwrap_or(path).to_owned();
        event.paths.iter().filter(own).map(inside).collect()
    }
}

fn ended(why: &str) -> Failure {
    Failure::new(Class::Internal, format!("watching ended: {why}"))
}

/// Whether a path in the folder is the author's: not what tools and editors leave there.
fn is_source(path: &Path) -> bool {
    let by_tools = path.components().any(|part| match part {
        Component::Normal(name) => WRITTEN_BY_TOOLS.iter().any(|written| name == *written),
        _ => false,
    });
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = name.is_empty()
        || name.starts_with('.')
        || name.ends_with('~')
        || [".wasm", ".sig", ".swp", ".tmp", ".lock"]
            .iter()
            .any(|end| name.ends_with(end));
    !by_tools && !temporary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_write_is_no_change() {
        for path in [
            "src/lib.rs",
            "tests/cases/a/in.ndjson",
            "message_parser.py",
            "Cargo.toml",
        ] {
            assert!(is_source(Path::new(path)), "{path}");
        }
        for path in [
            "target/release/x.d",
            "mine.wasm",
            ".tmp0Ab",
            "src/.lib.rs.swp",
            "src/lib.rs~",
            "sdk/__pycache__/a.pyc",
            "Cargo.lock",
            "",
        ] {
            assert!(!is_source(Path::new(path)), "{path}");
        }
    }
}
