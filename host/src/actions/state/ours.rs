//! What this product adds to the state document.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{IDS, INTENTS, OURS, PATTERN, REPLAYED, VERSION, offsets};
use crate::{
    config::json::type_name,
    model::{Intent, Offsets, text::shorten},
};

/// Versions that can be read.
const READS: std::ops::RangeInclusive<u64> = 1..=VERSION;

/// What stands under our key.
#[derive(Default)]
pub(super) struct Ours {
    pub(super) cluster_id: Option<String>,
    pub(super) pattern: Option<String>,
    pub(super) ids: BTreeMap<String, String>,
    pub(super) intents: BTreeMap<String, Intent>,
    pub(super) replayed: BTreeMap<String, Offsets>,
}

impl Ours {
    /// Strict: what is misunderstood would be overwritten.
    pub(super) fn parse(ours: &Value) -> Result<Self, String> {
        let Value::Object(fields) = ours else {
            let found = type_name(ours);
            return Err(format!("key \"{OURS}\": expected an object, found {found}"));
        };
        let version = fields.get("version").unwrap_or(&Value::Null);
        if !version
            .as_u64()
            .is_some_and(|version| READS.contains(&version))
        {
            let found = shorten(&version.to_string(), 40).into_owned();
            return Err(format!(
                "key \"{OURS}\": this kafka-soar reads versions {} to {} of it, found {found}",
                READS.start(),
                READS.end()
            ));
        }
        let text = |key: &str, what: &str| match fields.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(other) => Err(format!(
                "key \"{OURS}.{key}\": expected {what}, found {}",
                shorten(&other.to_string(), 40)
            )),
        };
        let ids = match fields.get(IDS) {
            None | Some(Value::Null) => BTreeMap::new(),
            Some(ids) => serde_json::from_value(ids.clone()).map_err(|_| {
                format!(
                    "key \"{OURS}.{IDS}\": expected an object of topics and their ids, found {}",
                    shorten(&ids.to_string(), 40)
                )
            })?,
        };
        Ok(Self {
            cluster_id: text("cluster_id", "a cluster's id")?,
            pattern: text(PATTERN, "a pattern")?,
            ids,
            intents: intents_in(fields.get(INTENTS))?,
            replayed: replayed_in(fields.get(REPLAYED))?,
        })
    }
}

fn intents_in(found: Option<&Value>) -> Result<BTreeMap<String, Intent>, String> {
    let found = match found {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(found) => found,
    };
    let intents: BTreeMap<String, Intent> =
        serde_json::from_value(found.clone()).map_err(|error| {
            // It quotes names of fields as they stand there.
            let error = error.to_string();
            format!("key \"{OURS}.{INTENTS}\": {}", shorten(&error, 300))
        })?;
    for (topic, intent) in &intents {
        let fault = if *topic == intent.topic {
            intent.fault()
        } else {
            Some(format!("it is of topic \"{}\"", shorten(&intent.topic, 60)))
        };
        if let Some(fault) = fault {
            let topic = shorten(topic, 60);
            return Err(format!("key \"{OURS}.{INTENTS}.{topic}\": {fault}"));
        }
    }
    Ok(intents)
}

fn replayed_in(found: Option<&Value>) -> Result<BTreeMap<String, Offsets>, String> {
    let topics = match found {
        None | Some(Value::Null) => return Ok(BTreeMap::new()),
        Some(Value::Object(topics)) => topics,
        Some(other) => {
            let found = type_name(other);
            return Err(format!(
                "key \"{OURS}.{REPLAYED}\": expected an object of topics and their offsets, found \
                 {found}"
            ));
        }
    };
    let offsets_of = |(topic, value): (&String, &Value)| {
        let offsets = match value {
            Value::Object(partitions) => offsets::parse(partitions),
            other => Err(format!(
                "expected an object of partitions and offsets, found {}",
                type_name(other)
            )),
        };
        let name = shorten(topic, 60);
        let offsets =
            offsets.map_err(|problem| format!("key \"{OURS}.{REPLAYED}.{name}\": {problem}"))?;
        Ok((topic.clone(), offsets))
    };
    topics.iter().map(offsets_of).collect()
}
