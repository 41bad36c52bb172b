//! The rules for what a guest returns, said once more with `serde_json`: slowly, and without a
//! line of the product's.

use std::{collections::HashSet, fmt};

use serde_json::{
    Deserializer,
    de::StrRead,
    value::{RawValue, Value},
};

/// An object with all its members, repeated ones too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

/// Whether a text is a list of containers and artifacts that breaks no rule.
pub(crate) fn takes(text: &str) -> bool {
    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return true;
    }
    if serde_json::from_str::<Value>(text).is_err() {
        return false;
    }
    serde_json::from_str::<Vec<&RawValue>>(text)
        .is_ok_and(|list| list.into_iter().all(|one| ingest(one).unwrap_or(false)))
}

fn ingest(one: &RawValue) -> Option<bool> {
    let Members(members) = members(one)?;
    let [(first, a), (second, b)] = &members[..] else {
        return None;
    };
    let (container, artifacts) = match (&**first, &**second) {
        ("container", "artifacts") => (a, b),
        ("artifacts", "container") => (b, a),
        _ => return None,
    };
    let artifacts: Vec<&RawValue> = serde_json::from_str(artifacts.get()).ok()?;
    let mut objects = artifacts.into_iter().chain([*container]);
    Some(objects.all(|object| {
        let mut values = 0;
        object.get().starts_with('{') && value(object, 0, &mut values) && values <= 100_000
    }))
}

fn value(raw: &RawValue, depth: usize, values: &mut usize) -> bool {
    *values += 1;
    let text = raw.get();
    match text.as_bytes()[0] {
        b'{' => {
            let Some(Members(members)) = members(raw) else {
                return false;
            };
            let names: HashSet<&str> = members.iter().map(|(name, _)| &**name).collect();
            depth < 100
                && members.len() <= 10_000
                && names.len() == members.len()
                && names.iter().all(|name| name.len() <= 1024)
                && members
                    .iter()
                    .all(|(_, inner)| value(inner, depth + 1, values))
        }
        b'[' => {
            let list: Result<Vec<&RawValue>, _> = serde_json::from_str(text);
            depth < 100
                && list.is_ok_and(|list| list.iter().all(|inner| value(inner, depth + 1, values)))
        }
        b'-' | b'0'..=b'9' => text.len() <= 64 && number(text),
        _ => true,
    }
}

fn number(text: &str) -> bool {
    if text.contains(['.', 'e', 'E']) {
        serde_json::from_str::<f64>(text).is_ok_and(f64::is_finite)
    } else {
        text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok()
    }
}

fn members(raw: &RawValue) -> Option<Members<'_>> {
    let mut json: Deserializer<StrRead<'_>> = Deserializer::from_str(raw.get());
    serde::de::Deserializer::deserialize_map(&mut json, Collect).ok()
}

struct Collect;

impl<'de> serde::de::Visitor<'de> for Collect {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
