//! A container being written.

#![expect(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "a container is complete when it is dropped"
)]

use std::fmt::Display;

use serde::Serialize;

use crate::{
    Output, Sensitivity, Severity,
    members::{self, Member, Seen},
};

/// A container that [`Output::container`] has opened: the body of SOAR's POST /rest/container.
/// It is complete when it goes out of scope.
///
/// Each member can be set once. A value that can't be written as JSON makes the message (within
/// [`Batch::each`](crate::Batch::each)) or the batch fail.
#[derive(Debug)]
pub struct Container<'o> {
    out: &'o mut Output,
    seen: Seen,
}

impl<'o> Container<'o> {
    pub(crate) fn open(out: &'o mut Output, name: &str) -> Self {
        out.json.extend_from_slice(b"{\"container\":{");
        let container = Self {
            out,
            seen: Seen::default(),
        };
        container.text(Member::Name, name)
    }

    members::common_members!();

    /// `sensitivity`: with whom it may be shared. Amber when it isn't set.
    pub fn sensitivity(self, sensitivity: Sensitivity) -> Self {
        self.text(Member::Sensitivity, sensitivity.name())
    }

    /// `status`: `new`, `open`, `closed`, or one that the administrator has added.
    pub fn status(self, status: &str) -> Self {
        self.text(Member::Status, status)
    }

    /// `custom_fields`, as a JSON object.
    pub fn custom_fields(self, fields: &impl Serialize) -> Self {
        self.value(Member::CustomFields, fields)
    }

    /// `due_time`: ISO 8601, as a [`Timestamp`](crate::time::Timestamp) is displayed.
    pub fn due_time(self, time: impl Display) -> Self {
        self.text(Member::DueTime, &time.to_string())
    }

    /// Leaves the container out if it gets no artifact, because every message is rejected, say.
    pub fn skip_if_empty(self) -> Self {
        self.out.place.skip_if_empty = true;
        self
    }

    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out.json
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        self.out.json.extend_from_slice(b"},\"artifacts\":[");
    }
}
