//! Kerberos keytabs: who is in one, and a view of it with one principal alone.
//!
//! The format is MIT's file format version 2, as its documentation gives it ("The keytab file
//! format"): `05 02`, then entries, each a 32-bit length and, within it, the principal, a
//! timestamp and the key. Numbers are big-endian; a negative length is a hole.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretSlice};

/// The keys of one principal.
#[derive(Clone)]
pub struct Keytab {
    /// The file they come from.
    pub file: String,
    /// `name@REALM`, or `service/host@REALM`.
    pub principal: String,
    bytes: SecretSlice<u8>,
}

impl Keytab {
    /// The keys of `principal` in the keytab `bytes`; of its first principal when `None`. A
    /// principal without realm is found in any.
    ///
    /// # Errors
    ///
    /// What is wrong with the bytes, or who is in them instead.
    pub(super) fn select(
        file: &str,
        bytes: &[u8],
        principal: Option<&str>,
    ) -> Result<Self, String> {
        let entries = entries(bytes)?;
        let matches = |entry: &Entry<'_>| match principal {
            None => true,
            Some(wanted) => {
                let name = entry
                    .principal
                    .rsplit_once('@')
                    .map_or("", |(name, _)| name);
                wanted == entry.principal || (!wanted.contains('@') && wanted == name)
            }
        };
        let Some(first) = entries.iter().find(|entry| matches(entry)) else {
            let mut there: Vec<&str> = entries.iter().map(|e| e.principal.as_str()).collect();
            there.dedup();
            return Err(match there.as_slice() {
                [] => "it has no entry".to_owned(),
                there => format!("it is the keytab of {}", there.join(", ")),
            });
        };
        let mut only = MAGIC.to_vec();
        for entry in entries.iter().filter(|e| e.principal == first.principal) {
            only.extend_from_slice(entry.bytes);
        }
        Ok(Self {
            file: file.to_owned(),
            principal: first.principal.clone(),
            bytes: only.into(),
        })
    }

    /// A keytab with this principal's keys and no others: libkrb5 takes the first it finds.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.expose_secret()
    }
}

impl fmt::Debug for Keytab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keytab({} in {})", self.principal, self.file)
    }
}

const MAGIC: [u8; 2] = [5, 2];

struct Entry<'a> {
    principal: String,
    /// With its length.
    bytes: &'a [u8],
}

fn entries(bytes: &[u8]) -> Result<Vec<Entry<'_>>, String> {
    let mut rest = bytes
        .strip_prefix(&MAGIC)
        .ok_or("it is not a keytab of version 2")?;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let cut_off = || "it is cut off".to_owned();
        let length = rest
            .first_chunk()
            .map(|b| i32::from_be_bytes(*b))
            .ok_or_else(cut_off)?;
        // Some writers fill the file up with zeros.
        if length == 0 {
            break;
        }
        let size = 4 + length.unsigned_abs() as usize;
        let (entry, after) = rest.split_at_checked(size).ok_or_else(cut_off)?;
        if length > 0 {
            let principal = principal(&entry[4..]).ok_or("an entry of it is damaged")?;
            entries.push(Entry {
                principal,
                bytes: entry,
            });
        }
        rest = after;
    }
    Ok(entries)
}

/// The principal that an entry begins with: the number of components, the realm, the components.
fn principal(mut entry: &[u8]) -> Option<String> {
    let count = number(&mut entry)?;
    let realm = text(&mut entry)?;
    let components: Option<Vec<String>> = (0..count).map(|_| text(&mut entry)).collect();
    Some(format!("{}@{realm}", components?.join("/")))
}

fn number(entry: &mut &[u8]) -> Option<usize> {
    let (number, rest) = entry.split_first_chunk()?;
    *entry = rest;
    Some(usize::from(u16::from_be_bytes(*number)))
}

fn text(entry: &mut &[u8]) -> Option<String> {
    let length = number(entry)?;
    let (text, rest) = entry.split_at_checked(length)?;
    *entry = rest;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(realm: &str, components: &[&str]) -> Vec<u8> {
        let mut entry = u16::try_from(components.len())
            .unwrap()
            .to_be_bytes()
            .to_vec();
        for text in [realm].iter().chain(components) {
            entry.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
            entry.extend(text.as_bytes());
        }
        // Name type, time, version of the key, its type and itself.
        entry.extend([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 18, 0, 2, 7, 7]);
        let mut whole = i32::try_from(entry.len()).unwrap().to_be_bytes().to_vec();
        whole.extend(entry);
        whole
    }

    fn keytab(entries: &[Vec<u8>]) -> Vec<u8> {
        [MAGIC.to_vec(), entries.concat()].concat()
    }

    #[test]
    fn a_principal_is_found_and_stands_alone() {
        let host = entry("LAB.TEST", &["host", "a.example.com"]);
        let app = entry("LAB.TEST", &["app"]);
        let hole = [(-8_i32).to_be_bytes().to_vec(), vec![0; 8]].concat();
        let all = keytab(&[host.clone(), hole, app.clone(), app.clone()]);

        let first = Keytab::select("k", &all, None).unwrap();
        assert_eq!(first.principal, "host/a.example.com@LAB.TEST");
        assert_eq!(first.bytes(), keytab(&[host]));
        for name in ["app", "app@LAB.TEST"] {
            let found = Keytab::select("k", &all, Some(name)).unwrap();
            assert_eq!(found.principal, "app@LAB.TEST");
            assert_eq!(found.bytes(), keytab(&[app.clone(), app.clone()]));
        }
        assert_eq!(
            format!("{first:?}"),
            "Keytab(host/a.example.com@LAB.TEST in k)"
        );
        assert_eq!(
            Keytab::select("k", &all, Some("app@OTHER")).unwrap_err(),
            "it is the keytab of host/a.example.com@LAB.TEST, app@LAB.TEST"
        );
    }

    #[test]
    fn what_is_no_keytab_is_told() {
        let whole = keytab(&[entry("R", &["a"])]);
        for end in 3..whole.len() {
            assert_eq!(
                Keytab::select("k", &whole[..end], None).unwrap_err(),
                "it is cut off"
            );
        }
        for (bytes, problem) in [
            (&b""[..], "it is not a keytab of version 2"),
            (b"\x05\x01", "it is not a keytab of version 2"),
            (b"\x05\x02", "it has no entry"),
            (b"\x05\x02\0\0\0\0", "it has no entry"),
            (b"\x05\x02\0\0\0\x02\0\x09", "an entry of it is damaged"),
            (b"\x05\x02\x80\0\0\0", "it is cut off"),
        ] {
            assert_eq!(Keytab::select("k", bytes, None).unwrap_err(), problem);
        }
    }
}
