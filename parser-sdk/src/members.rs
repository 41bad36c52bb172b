//! Members of a JSON object, written one after another, and SOAR's names of them.

use std::fmt::Display;

use serde::Serialize;

use crate::{Error, escape};

/// A member of a container or an artifact that the SDK has a method for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Member {
    Name,
    Label,
    Description,
    Severity,
    Sensitivity,
    Status,
    Tags,
    CustomFields,
    Data,
    SourceDataIdentifier,
    StartTime,
    EndTime,
    DueTime,
    RunAutomation,
    KillChain,
    OwnerId,
    Cef,
    CefTypes,
    Type,
}

impl Member {
    /// In the order of the variants.
    const KEYS: [&str; 19] = [
        "name",
        "label",
        "description",
        "severity",
        "sensitivity",
        "status",
        "tags",
        "custom_fields",
        "data",
        "source_data_identifier",
        "start_time",
        "end_time",
        "due_time",
        "run_automation",
        "kill_chain",
        "owner_id",
        "cef",
        "cef_types",
        "type",
    ];

    /// SOAR's name.
    #[inline]
    pub(crate) fn key(self) -> &'static str {
        Self::KEYS[self as usize]
    }
}

/// The members that an object has so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seen(u32);

impl Seen {
    /// Notes a member; false when it is there already.
    #[inline]
    pub(crate) fn add(&mut self, member: Member) -> bool {
        let new = !self.has(member);
        self.0 |= 1 << member as u32;
        new
    }

    #[inline]
    pub(crate) fn has(self, member: Member) -> bool {
        self.0 & (1 << member as u32) != 0
    }

    /// Whether a member with this key, if the SDK knows it, is there already. Notes it.
    pub(crate) fn add_key(&mut self, key: &str) -> bool {
        let Some(bit) = Member::KEYS.iter().position(|known| *known == key) else {
            return true;
        };
        let new = self.0 & (1 << bit) == 0;
        self.0 |= 1 << bit;
        new
    }
}

/// Methods that containers and artifacts have in common, on a type with `out`, `seen` and
/// `buffer()`: where its members are written.
macro_rules! common_members {
    () => {
        /// `label`. Of a container: which kind of events it belongs to, required, and one that
        /// exists in SOAR. Of an artifact: what kind it is, `event` by default.
        pub fn label(self, label: &str) -> Self {
            self.text(Member::Label, label)
        }

        /// `description`.
        pub fn description(self, description: &str) -> Self {
            self.text(Member::Description, description)
        }

        /// `severity`: medium when it isn't set.
        pub fn severity(self, severity: Severity<'_>) -> Self {
            self.text(Member::Severity, severity.name())
        }

        /// `tags`.
        pub fn tags(mut self, tags: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
            if self.once(Member::Tags) {
                members::put_list(self.buffer(), Member::Tags.key(), tags);
            }
            self
        }

        /// `data`: whatever else is known, as a JSON object. Playbooks see it, the user
        /// interface doesn't show it.
        pub fn data(self, data: &impl Serialize) -> Self {
            self.value(Member::Data, data)
        }

        /// `source_data_identifier`: what makes it this one and no other, so that delivering it
        /// again makes no second one. The same input must give the same identifier.
        pub fn source_data_identifier(mut self, identifier: impl Display) -> Self {
            if self.once(Member::SourceDataIdentifier) {
                members::put_display(
                    self.buffer(),
                    Member::SourceDataIdentifier.key(),
                    identifier,
                );
            }
            self
        }

        /// `start_time`: ISO 8601, as a [`Timestamp`](crate::time::Timestamp) is displayed.
        pub fn start_time(self, time: impl Display) -> Self {
            self.text(Member::StartTime, &time.to_string())
        }

        /// `end_time`: ISO 8601, as a [`Timestamp`](crate::time::Timestamp) is displayed.
        pub fn end_time(self, time: impl Display) -> Self {
            self.text(Member::EndTime, &time.to_string())
        }

        /// `kill_chain`: the phase of an attack.
        pub fn kill_chain(self, phase: &str) -> Self {
            self.text(Member::KillChain, phase)
        }

        /// `owner_id`: the number or the name of a SOAR user.
        pub fn owner(self, owner: &(impl Serialize + ?Sized)) -> Self {
            self.value(Member::OwnerId, &owner)
        }

        /// `run_automation`: whether playbooks run when SOAR has stored this.
        pub fn run_automation(mut self, run: bool) -> Self {
            if self.once(Member::RunAutomation) {
                members::put_bool(self.buffer(), Member::RunAutomation.key(), run);
            }
            self
        }

        /// Any other member of the body. SOAR's SDK drops keys that it doesn't know, and the
        /// host reports them.
        pub fn field(mut self, key: &str, value: impl Serialize) -> Self {
            if !self.seen.add_key(key) {
                self.out.bug(&format!("it sets `{key}` twice"));
            } else if let Err(error) = members::put(self.buffer(), key, &value) {
                self.out.fault(error);
            }
            self
        }

        #[inline]
        fn text(mut self, member: Member, text: &str) -> Self {
            if self.once(member) {
                members::put_text(self.buffer(), member.key(), text);
            }
            self
        }

        fn value(mut self, member: Member, value: &impl Serialize) -> Self {
            if self.once(member)
                && let Err(error) = members::put(self.buffer(), member.key(), value)
            {
                self.out.fault(error);
            }
            self
        }

        #[inline]
        fn once(&mut self, member: Member) -> bool {
            let new = self.seen.add(member);
            if !new {
                self.out.bug(&format!("it sets `{}` twice", member.key()));
            }
            new
        }
    };
}
pub(crate) use common_members;

/// Writes `"key":value` to `json`, with a comma in front unless it is the first of its object.
/// When the value can't be written as JSON, `json` is as it was.
pub(crate) fn put(json: &mut Vec<u8>, key: &str, value: &impl Serialize) -> Result<(), Error> {
    let before = json.len();
    put_key(json, key);
    serde_json::to_writer(&mut *json, value).map_err(|error| {
        json.truncate(before);
        Error::new(format_args!("`{key}` can't be written as JSON: {error}"))
    })
}

/// As [`put`] for text, faster.
#[inline]
pub(crate) fn put_text(json: &mut Vec<u8>, key: &str, text: &str) {
    put_key(json, key);
    escape::write_string(json, text);
}

/// As [`put_text`] for something that is displayed.
pub(crate) fn put_display(json: &mut Vec<u8>, key: &str, value: impl Display) {
    put_text(json, key, &value.to_string());
}

pub(crate) fn put_bool(json: &mut Vec<u8>, key: &str, value: bool) {
    put_key(json, key);
    json.extend_from_slice(if value { b"true" } else { b"false" });
}

/// A list of texts.
pub(crate) fn put_list(
    json: &mut Vec<u8>,
    key: &str,
    texts: impl IntoIterator<Item = impl AsRef<str>>,
) {
    put_key(json, key);
    write_list(json, texts);
}

pub(crate) fn write_list(json: &mut Vec<u8>, texts: impl IntoIterator<Item = impl AsRef<str>>) {
    json.push(b'[');
    for text in texts {
        if json.last() != Some(&b'[') {
            json.push(b',');
        }
        escape::write_string(json, text.as_ref());
    }
    json.push(b']');
}

/// `"key":`, with a comma in front unless it is the first of its object.
#[inline]
pub(crate) fn put_key(json: &mut Vec<u8>, key: &str) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
    escape::write_string(json, key);
    json.push(b':');
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_member_has_its_key() {
        assert_eq!(Member::Type as usize + 1, Member::KEYS.len());
        assert_eq!(Member::Name.key(), "name");
        assert_eq!(Member::SourceDataIdentifier.key(), "source_data_identifier");
        assert_eq!(Member::Type.key(), "type");
    }

    #[test]
    fn members_are_separated_and_escaped() {
        let mut json = b"{".to_vec();
        put_text(&mut json, "a\"", "é\n");
        put(&mut json, "b", &[1, 2]).unwrap();
        put_bool(&mut json, "c", false);
        put_list(&mut json, "d", ["[", ""]);
        put_list(&mut json, "e", [""; 0]);
        json.push(b'}');
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"a\"":"é\n","b":[1,2],"c":false,"d":["[",""],"e":[]}"#
        );
    }

    #[test]
    fn a_value_that_is_not_json_leaves_nothing_behind() {
        let mut json = b"{".to_vec();
        let map = BTreeMap::from([((1, 2), 3)]);
        let error = put(&mut json, "m", &map).unwrap_err();
        assert_eq!(
            error.reason(),
            "`m` can't be written as JSON: key must be a string"
        );
        assert_eq!(json, b"{");
    }
}
