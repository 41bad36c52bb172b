//! Files that are said to be parsers.

use kafka_soar::{
    config::Policy,
    sandbox::{DEFAULT_PARSER, inspect},
};

use super::harmless;

/// The file; or `m` and a recipe for spoiling the default parser.
pub fn check(bytes: &[u8]) {
    match bytes.split_first() {
        Some((b'm', recipe)) => judged(&spoilt(recipe)),
        _ => judged(bytes),
    }
}

/// A file is refused harmlessly; or what it is said to be is what stands in it.
fn judged(bytes: &[u8]) {
    let inspection = inspect(bytes, None, &Policy::default());
    assert_eq!(inspection.size, bytes.len());
    assert_eq!(inspection.digest.len(), 64);
    for name in inspection.imports.iter().chain(&inspection.exports) {
        let stands = |window: &[u8]| window == name.as_bytes();
        assert!(name.is_empty() || bytes.windows(name.len()).any(stands));
    }
    match inspection.verdict {
        Ok(_) => assert!(inspection.contract_version.unwrap().starts_with('1')),
        Err(refusal) => harmless(&refusal.to_string()),
    }
}

/// The default parser after some steps of four bytes: what is done, to which section (2 bytes),
/// and with what byte or where.
fn spoilt(recipe: &[u8]) -> Vec<u8> {
    let (header, mut sections) = sections(DEFAULT_PARSER);
    for step in recipe.chunks_exact(4).take(32) {
        let &[action, low, high, value] = step else {
            continue;
        };
        if sections.is_empty() {
            break;
        }
        let at = usize::from(u16::from_le_bytes([low, high])) % sections.len();
        let other = usize::from(value) % sections.len();
        match action % 8 {
            0 => drop(sections.remove(at)),
            1 => sections.swap(at, other),
            2 => sections.push(sections[at].clone()),
            3 => sections[at].0 = value,
            4 => sections[at].1.truncate(usize::from(value)),
            5 => sections[at].1.push(value),
            6 => {
                // A byte near the beginning, where counts and names are.
                let place = usize::from(action / 8 % 32);
                if let Some(byte) = sections[at].1.get_mut(place) {
                    *byte = value;
                }
            }
            // Once doubled is enough: 32 times would be 4 GiB.
            _ if sections[at].1.len() > DEFAULT_PARSER.len() => {}
            _ => {
                let inner = sections[other].1.clone();
                sections[at].1.splice(..0, inner);
            }
        }
    }
    let mut bytes = header.to_vec();
    for (id, body) in sections {
        bytes.push(id);
        let mut length = body.len();
        while length >= 0x80 {
            bytes.push(0x80 | u8::try_from(length & 0x7f).unwrap_or_default());
            length >>= 7;
        }
        bytes.push(u8::try_from(length).unwrap_or_default());
        bytes.extend(body);
    }
    bytes
}

/// Magic and version, and the sections: id and contents.
fn sections(component: &[u8]) -> (&[u8], Vec<(u8, Vec<u8>)>) {
    let (header, mut rest) = component.split_at(8);
    let mut sections = Vec::new();
    while let Some((&id, after)) = rest.split_first() {
        let mut length = 0;
        let mut at = 0;
        while let Some(&byte) = after.get(at) {
            length |= usize::from(byte & 0x7f) << (7 * at);
            at += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        sections.push((id, after[at..at + length].to_vec()));
        rest = &after[at + length..];
    }
    (header, sections)
}
