//! What is wrong with a JSON text, and where. Of the text itself only names of fields are quoted.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

use crate::model::text::shorten;

/// Characters of a field's name.
const NAME: usize = 40;
/// Characters of the path to a value.
const PATH: usize = 160;

/// A rule that a text breaks.
#[derive(Debug)]
pub(super) struct Fault {
    at: usize,
    what: Cow<'static, str>,
    /// From the inside out.
    path: Vec<Step>,
    place: String,
}

/// From an object or a list to a value in it.
#[derive(Debug)]
enum Step {
    Field(String),
    Item(usize),
}

impl Fault {
    /// `at` is the byte where it begins.
    #[cold]
    pub(super) fn new(at: usize, what: impl Into<Cow<'static, str>>) -> Self {
        Self {
            at,
            what: what.into(),
            path: Vec::new(),
            place: String::new(),
        }
    }

    /// It is in this field of an object.
    #[cold]
    pub(super) fn in_field(mut self, name: &str) -> Self {
        self.path
            .push(Step::Field(shorten(name, NAME).into_owned()));
        self
    }

    /// It is in this item of a list.
    #[cold]
    pub(super) fn in_item(mut self, number: usize) -> Self {
        self.path.push(Step::Item(number));
        self
    }

    /// It is in this container or artifact.
    #[cold]
    pub(super) fn in_place(mut self, place: String) -> Self {
        self.place = place;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)?;
        let mut path = String::new();
        for step in self.path.iter().rev() {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => {
                    path.push('.');
                    path.push_str(name);
                }
                Step::Item(number) => write!(path, "[{number}]")?,
            }
        }
        if !path.is_empty() {
            write!(f, " at {}", shorten(&path, PATH))?;
        }
        if !self.place.is_empty() {
            f.write_str(": ")?;
        }
        write!(f, "{} (byte {})", self.what, self.at)
    }
}
