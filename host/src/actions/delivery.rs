//! What the asset says about delivery, as the pipeline wants it.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    config::Config,
    emit::QuarantineFile,
    kafka::DeadLetters,
    model::{Instant, Provenance},
    pipeline::{Defaults, Policy, Threshold},
    ports::Quarantine,
};

pub(super) fn policy<'a>(
    config: &Config,
    cluster_id: &'a str,
    clock: &'a dyn Fn() -> Instant,
) -> Policy<'a> {
    let containers = &config.containers;
    let text = |text: &Option<String>| text.as_deref().map(|t| Value::from(t).to_string());
    let tags = &containers.tags;
    Policy {
        cluster_id,
        defaults: Defaults {
            label: text(&containers.label),
            severity: text(&containers.severity),
            tags: (!tags.is_empty()).then(|| json!(tags).to_string()),
        },
        max_artifacts: containers.max_artifacts,
        threshold: Threshold {
            percent: config.quarantine.threshold,
        },
        clock,
    }
}

/// The asset's dead-letter topic, or the file.
pub(super) fn quarantine(
    config: &Config,
    file: &Path,
    provenance: Provenance,
) -> Box<dyn Quarantine> {
    match &config.quarantine.topic {
        Some(topic) => Box::new(DeadLetters::new(&config.connection, topic, provenance)),
        None => Box::new(QuarantineFile::new(file, provenance)),
    }
}

/// How messages call the quarantine.
pub(super) fn place(config: &Config, file: &Path) -> String {
    match &config.quarantine.topic {
        Some(topic) => format!("the dead-letter topic {topic}"),
        None => file.display().to_string(),
    }
}
