//! An artifact being written.

#![expect(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "an artifact is complete when it is dropped"
)]

use std::fmt::Display;

use serde::Serialize;

use crate::{
    Error, Output, Severity,
    members::{self, Member, Seen},
};

/// An artifact that [`Output::artifact`] has added: the body of SOAR's POST /rest/artifact. It
/// is complete when it goes out of scope.
///
/// CEF fields can be set one by one with [`Artifact::cef`] and from whole objects with
/// [`Artifact::cef_from`]; each other member can be set once. A value that can't be written as
/// JSON makes the message (within [`Batch::each`](crate::Batch::each)) or the batch fail.
///
/// CEF fields go straight into the output. The other members are put behind them at the end, so
/// that the order of calls doesn't matter.
#[derive(Debug)]
pub struct Artifact<'o> {
    out: &'o mut Output,
    seen: Seen,
    /// The text ends within the object of CEF fields.
    cef_open: bool,
}

impl<'o> Artifact<'o> {
    #[inline]
    pub(crate) fn open(out: &'o mut Output) -> Self {
        out.json.push(b'{');
        out.members.clear();
        Self {
            out,
            seen: Seen::default(),
            cef_open: false,
        }
    }

    /// `name`.
    pub fn name(self, name: &str) -> Self {
        self.text(Member::Name, name)
    }

    members::common_members!();

    /// `type`: network, host, user …
    pub fn kind(self, kind: &str) -> Self {
        self.text(Member::Type, kind)
    }

    /// A field of `cef`: `sourceAddress`, `fileHashSha256`, or a name of your own. A key that
    /// comes twice is in the text twice, of which SOAR keeps the last.
    pub fn cef(mut self, key: &str, value: impl Serialize) -> Self {
        self.open_cef();
        if let Err(error) = members::put(&mut self.out.json, key, &value) {
            self.out.fault(error);
        }
        self
    }

    /// As [`Artifact::cef`] for text; faster where it is long.
    pub fn cef_text(mut self, key: &str, text: &str) -> Self {
        self.open_cef();
        members::put_text(&mut self.out.json, key, text);
        self
    }

    /// All fields of a struct or map as fields of `cef`.
    pub fn cef_from(mut self, fields: &impl Serialize) -> Self {
        self.open_cef();
        if let Err(error) = self.append_object(fields) {
            self.out.fault(error);
        }
        self
    }

    /// `cef_types`: for CEF fields of your own, what they hold (`ip`, `domain`, `hash` …), so
    /// that SOAR offers the actions that go with it.
    ///
    /// ```
    /// # use kafka_soar_parser::{Message, Output};
    /// # fn parse(message: Message, out: &mut Output) {
    /// out.artifact(message)
    ///     .cef("jumpHost", "10.1.2.3")
    ///     .cef_types([("jumpHost", ["ip"])]);
    /// # }
    /// ```
    pub fn cef_types<K, T>(mut self, types: impl IntoIterator<Item = (K, T)>) -> Self
    where
        K: AsRef<str>,
        T: IntoIterator<Item: AsRef<str>>,
    {
        if self.once(Member::CefTypes) {
            let json = self.buffer();
            members::put_key(json, Member::CefTypes.key());
            json.push(b'{');
            for (key, contains) in types {
                members::put_list(json, key.as_ref(), contains);
            }
            json.push(b'}');
        }
        self
    }

    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out.members
    }

    #[inline]
    fn open_cef(&mut self) {
        if !self.cef_open {
            self.once(Member::Cef);
            self.cef_open = true;
            members::put_key(&mut self.out.json, Member::Cef.key());
            self.out.json.push(b'{');
        }
    }

    /// Writes the members of a JSON object behind those that are there.
    fn append_object(&mut self, object: &impl Serialize) -> Result<(), Error> {
        let json = &mut self.out.json;
        let start = json.len();
        let written = serde_json::to_writer(&mut *json, object);
        let outline = (json.get(start), json.last());
        if written.is_err() || outline != (Some(&b'{'), Some(&b'}')) {
            json.truncate(start);
            written.map_err(|error| {
                Error::new(format_args!("`cef` can't be written as JSON: {error}"))
            })?;
            return Err(Error::new("`cef` can't be written: it isn't a JSON object"));
        }
        json.pop();
        // What is there ends in `{` or a value; the new `{` becomes nothing or a comma.
        if json.len() == start + 1 {
            json.truncate(start);
        } else if json[start - 1] == b'{' {
            json.remove(start);
        } else {
            json[start] = b',';
        }
        Ok(())
    }
}

impl Drop for Artifact<'_> {
    #[inline]
    fn drop(&mut self) {
        let Output {
            json,
            members,
            place,
            ..
        } = &mut *self.out;
        if self.cef_open {
            json.push(b'}');
        }
        // Members come with a comma in front.
        let members = match json.last() {
            Some(b'{') => members.get(1..).unwrap_or_default(),
            _ => &members[..],
        };
        json.extend_from_slice(members);
        if self.seen.has(Member::RunAutomation) {
            json.push(b'}');
        } else {
            place.unfinished = true;
        }
    }
}
