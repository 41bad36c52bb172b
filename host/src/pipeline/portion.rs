//! What is dealt with under one intent.

use std::collections::BTreeMap;

use super::bisect::{Outcome, Part};
use crate::model::{Intent, Origin};

/// Parts under one intent: bounds what an intent takes where it is kept.
const PARTS: usize = 64;

/// Consecutive parts of a batch, and their intent.
pub(super) struct Portion {
    pub(super) intent: Intent,
    pub(super) parts: Vec<Part>,
}

/// Nearly always one portion of one part.
pub(super) fn of(topic: &str, parts: Vec<Part>, origin: &Origin) -> Vec<Portion> {
    let mut portions = Vec::new();
    let mut parts = parts.into_iter().peekable();
    while parts.peek().is_some() {
        let parts: Vec<Part> = parts.by_ref().take(PARTS).collect();
        portions.push(Portion {
            intent: intent(topic, &parts, origin),
            parts,
        });
    }
    portions
}

fn intent(topic: &str, parts: &[Part], origin: &Origin) -> Intent {
    let mut intent = Intent {
        topic: topic.to_owned(),
        ranges: BTreeMap::new(),
        messages: 0,
        origin: origin.clone(),
        cuts: Vec::new(),
        rejected: Vec::new(),
    };
    for part in parts {
        if intent.messages > 0 {
            intent.cuts.push(intent.messages);
        }
        if matches!(part.outcome, Outcome::Rejected(_)) {
            intent.rejected.push(intent.messages);
        }
        intent.messages += part.batch.len();
        for (partition, (first, next)) in part.batch.ranges() {
            intent.ranges.entry(partition).or_insert((first, next)).1 = next;
        }
    }
    intent
}
