//! One container or artifact: a JSON object that every reader understands alike, and none chokes
//! on.

use std::borrow::Cow;

use super::{fault::Fault, text::Text};

/// Objects and lists inside one another. `serde_json` and others stop at 127, and what is returned
/// is wrapped on its way: in a line of output, in a request with many artifacts.
pub(crate) const MAX_DEPTH: usize = 100;

/// Fields of one object.
pub(crate) const MAX_FIELDS: usize = 10_000;

/// Values in one container or artifact: objects, lists and what is in them.
pub(crate) const MAX_VALUES: usize = 100_000;

/// Up to here comparing each name with each is faster than sorting.
const FEW: usize = 8;

/// Reads objects one after the other.
#[derive(Default)]
pub(super) struct Objects<'a> {
    /// Names of the fields of all objects that are open, the innermost's last.
    names: Vec<Cow<'a, str>>,
    depth: usize,
    /// In this container or artifact.
    values: usize,
}

impl<'a> Objects<'a> {
    /// Passes the object that begins at this place of the text.
    pub(super) fn pass(&mut self, text: &mut Text<'a>) -> Result<(), Fault> {
        (self.depth, self.values) = (0, 0);
        self.names.clear();
        self.value(text)
    }

    fn value(&mut self, text: &mut Text<'a>) -> Result<(), Fault> {
        self.values += 1;
        if self.values > MAX_VALUES {
            let what = format!("more than {MAX_VALUES} values in one container or artifact");
            return Err(Fault::new(text.at(), what));
        }
        match text.peek() {
            Some(b'{') => self.deeper(text, Self::object),
            Some(b'[') => self.deeper(text, Self::list),
            _ => text.scalar(),
        }
    }

    fn deeper(
        &mut self,
        text: &mut Text<'a>,
        read: impl FnOnce(&mut Self, &mut Text<'a>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        if self.depth == MAX_DEPTH {
            let what = format!("more than {MAX_DEPTH} objects and lists inside one another");
            return Err(Fault::new(text.at(), what));
        }
        self.depth += 1;
        text.pass();
        read(self, text)?;
        self.depth -= 1;
        Ok(())
    }

    fn list(&mut self, text: &mut Text<'a>) -> Result<(), Fault> {
        if text.passes(b']') {
            return Ok(());
        }
        for number in 0.. {
            self.value(text).map_err(|fault| fault.in_item(number))?;
            if text.passes(b']') {
                break;
            }
            if !text.passes(b',') {
                return Err(text.unexpected("a comma or the end of a list"));
            }
        }
        Ok(())
    }

    fn object(&mut self, text: &mut Text<'a>) -> Result<(), Fault> {
        if text.passes(b'}') {
            return Ok(());
        }
        let first = self.names.len();
        loop {
            let start = text.at();
            let name = text.name()?;
            if self.names.len() - first == MAX_FIELDS {
                let what = format!("more than {MAX_FIELDS} fields in one object");
                return Err(Fault::new(start, what));
            }
            self.names.push(name);
            let last = self.names.len() - 1;
            self.value(text)
                .map_err(|fault| fault.in_field(&self.names[last]))?;
            if text.passes(b'}') {
                break;
            }
            if !text.passes(b',') {
                return Err(text.unexpected("a comma or the end of an object"));
            }
        }
        if let Some(name) = repeated(&mut self.names[first..]) {
            return Err(Fault::new(text.at(), "a field that stands twice").in_field(name));
        }
        self.names.truncate(first);
        Ok(())
    }
}

/// A name that stands twice. Reorders many.
fn repeated<'n>(names: &'n mut [Cow<'_, str>]) -> Option<&'n str> {
    if names.len() <= FEW {
        let twice = |(at, name): (usize, &Cow<'_, str>)| names[..at].contains(name);
        let at = (0..names.len()).find(|&at| twice((at, &names[at])))?;
        return Some(&names[at]);
    }
    names.sort_unstable();
    let pair = names.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(&pair[0])
}
