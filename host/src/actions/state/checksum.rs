//! Whether a state document is as it was written.

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{CHECKSUM, OURS};

/// The checksum of a document that has none yet. Offsets and what is ours are objects; texts and
/// the like are SOAR's (`app_version`), which changes them as it keeps the document.
pub(super) fn of(document: &Map<String, Value>) -> String {
    let objects = document.iter().filter(|(_, value)| value.is_object());
    digest(
        objects
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

fn digest(document: Map<String, Value>) -> String {
    let mut hash = Sha256::new();
    absorb(&mut hash, &Value::Object(document));
    format!("sha256:{}", hex::encode(hash.finalize()))
}

/// Holds a document against the checksum in `ours`. One without is as a person corrected it, or as
/// an earlier version wrote it.
pub(super) fn check(document: &Map<String, Value>, ours: &Value) -> Result<(), String> {
    let Some(found) = ours.get(CHECKSUM) else {
        return Ok(());
    };
    let mut without = document.clone();
    if let Some(ours) = without.get_mut(OURS).and_then(Value::as_object_mut) {
        ours.shift_remove(CHECKSUM);
    }
    // The second one is over everything, as documents have it that were written before.
    if found.as_str() == Some(of(&without).as_str()) || found.as_str() == Some(&digest(without)) {
        return Ok(());
    }
    Err(format!(
        "it is not as it was written: its checksum does not fit. If a person changed it on \
         purpose, remove \"{CHECKSUM}\" from \"{OURS}\""
    ))
}

/// Compact JSON with sorted keys: the same for every way to write the document.
fn absorb(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            hash.update(b"{");
            for (key, value) in members {
                hash.update(Value::from(key.as_str()).to_string());
                hash.update(b":");
                absorb(hash, value);
                hash.update(b",");
            }
            hash.update(b"}");
        }
        Value::Array(items) => {
            hash.update(b"[");
            for item in items {
                absorb(hash, item);
                hash.update(b",");
            }
            hash.update(b"]");
        }
        simple => hash.update(simple.to_string()),
    }
}
