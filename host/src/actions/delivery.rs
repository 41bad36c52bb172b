//! What the asset says about delivery, as the pipeline wants it.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    config::{Config, Topic},
    emit::QuarantineFile,
    kafka::DeadLetters,
    model::{Batch, Instant, Origin, Provenance, Rejection},
    pipeline::{Defaults, Policy, Threshold},
    ports::{Quarantine, QuarantineError},
};

/// SOAR wants a label of every container; every installation has this one.
const SOARS_LABEL: &str = "events";

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
            usual_label: config.soar.as_ref().map(|_| json!(SOARS_LABEL).to_string()),
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

/// Where an asset's messages go that can't be handled.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Topic(Topic),
    File(PathBuf),
}

impl Place {
    /// The asset's dead-letter topic, or the file.
    pub(super) fn of(config: &Config, file: &Path) -> Self {
        match &config.quarantine.topic {
            Some(topic) => Self::Topic(topic.clone()),
            None => Self::File(file.to_owned()),
        }
    }
}

/// How messages call the place.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(topic) => write!(f, "the dead-letter topic {topic}"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// Puts messages there.
pub(super) enum Refuge {
    Topic(Box<DeadLetters>),
    File(QuarantineFile),
}

impl Refuge {
    /// Connects or opens nothing before there is a first message.
    pub(super) fn at(place: &Place, config: &Config, provenance: Provenance) -> Self {
        match place {
            Place::Topic(topic) => {
                let letters = DeadLetters::new(&config.connection, topic, provenance);
                Self::Topic(Box::new(letters))
            }
            Place::File(path) => Self::File(QuarantineFile::new(path, provenance)),
        }
    }

    /// Where the next messages come from.
    pub(super) fn set_provenance(&mut self, provenance: Provenance) {
        match self {
            Self::Topic(topic) => topic.set_provenance(provenance),
            Self::File(file) => file.set_provenance(provenance),
        }
    }
}

impl Quarantine for Refuge {
    fn quarantine(
        &mut self,
        batch: &Batch,
        rejections: &[Rejection],
        origin: &Origin,
    ) -> Result<(), QuarantineError> {
        match self {
            Self::Topic(topic) => topic.quarantine(batch, rejections, origin),
            Self::File(file) => file.quarantine(batch, rejections, origin),
        }
    }
}
