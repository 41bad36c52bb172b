//! JSON text, token by token: as strict as `serde_json` is when it builds a value, and refusing
//! what `serde_json` lets pass when it skips one.

use std::{borrow::Cow, ops::Range};

use super::fault::Fault;

/// Bytes of one string, as spelt: room for a record of 10 MiB of control characters, six bytes each.
pub(crate) const MAX_STRING_BYTES: usize = 64 << 20;

/// Bytes of a field's name, as spelt.
pub(crate) const MAX_NAME_BYTES: usize = 1 << 10;

/// Bytes of a number, as spelt. The shortest spelling of any double has 24.
pub(crate) const MAX_NUMBER_BYTES: usize = 64;

/// A place in a JSON text.
pub(super) struct Text<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Bytes before this place.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The byte at this place, white space skipped; `None` at the end.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.at += 1,
                found => return found.copied(),
            }
        }
    }

    /// Passes the byte that [`Text::peek`] showed.
    pub(super) fn pass(&mut self) {
        self.at += 1;
    }

    /// Passes `byte` if it comes next.
    pub(super) fn passes(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// What is wrong when something else than `expected` comes next.
    #[cold]
    pub(super) fn unexpected(&mut self, expected: &str) -> Fault {
        match self.peek() {
            None => Fault::new(self.at, format!("expected {expected}, but the text ends")),
            Some(_) => Fault::new(self.at, format!("expected {expected}")),
        }
    }

    /// Passes a field's name and the colon behind it.
    pub(super) fn name(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a field's name in double quotes"));
        }
        let start = self.at;
        let (letters, escaped) = self.string()?;
        if letters.len() > MAX_NAME_BYTES {
            let what = format!("a field's name has more than {MAX_NAME_BYTES} bytes");
            return Err(Fault::new(start, what));
        }
        let name = if escaped {
            let decoded = serde_json::from_str(&self.text[start..self.at]);
            Cow::Owned(decoded.map_err(|_| Fault::new(start, "a field's name is not a string"))?)
        } else {
            Cow::Borrowed(&self.text[letters])
        };
        if !self.passes(b':') {
            return Err(self.unexpected("a colon"));
        }
        Ok(name)
    }

    /// Passes a value that is neither an object nor a list.
    pub(super) fn scalar(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some(b'"') => {
                let start = self.at;
                let (letters, _) = self.string()?;
                if letters.len() > MAX_STRING_BYTES {
                    let what = format!("a string has more than {MAX_STRING_BYTES} bytes");
                    return Err(Fault::new(start, what));
                }
                Ok(())
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn word(&mut self, word: &str) -> Result<(), Fault> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.unexpected("a value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Passes the string that begins here. Its letters, between the quotes, and whether any is
    /// spelt as an escape.
    fn string(&mut self) -> Result<(Range<usize>, bool), Fault> {
        let bytes = self.text.as_bytes();
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at = plain(bytes, at);
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    at = escape(bytes, at)?;
                }
                Some(_) => return Err(Fault::new(at, "a control character in a string")),
                None => return Err(Fault::new(at, "a string without an end")),
            }
        }
        self.at = at + 1;
        Ok((start..at, escaped))
    }

    fn number(&mut self) -> Result<(), Fault> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let digits = |at: usize| {
            at + bytes[at..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count()
        };
        let malformed = |at| Err(Fault::new(at, "a malformed number"));

        let first = start + usize::from(bytes[start] == b'-');
        let mut end = digits(first);
        let whole = first..end;
        if whole.is_empty() || (whole.len() > 1 && bytes[first] == b'0') {
            return malformed(start);
        }
        let mut exact = true;
        if bytes.get(end) == Some(&b'.') {
            exact = false;
            let point = end;
            end = digits(point + 1);
            if end == point + 1 {
                return malformed(start);
            }
        }
        let mut exponent = false;
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            exponent = true;
            let sign = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
            let power = end + 1 + usize::from(sign);
            end = digits(power.min(bytes.len()));
            if end <= power {
                return malformed(start);
            }
        }
        let spelt = &self.text[start..end];
        if spelt.len() > MAX_NUMBER_BYTES {
            let what = format!("a number has more than {MAX_NUMBER_BYTES} characters");
            return Err(Fault::new(start, what));
        }
        if exponent {
            // So few digits are a double, unless an exponent makes them too large for one.
            if serde_json::from_str::<f64>(spelt).is_err() {
                return Err(Fault::new(start, "a number too large for a double"));
            }
        } else if exact && !fits(&spelt[first - start..], first > start) {
            return Err(Fault::new(start, "an integer of more than 64 bits"));
        }
        self.at = end;
        Ok(())
    }
}

/// Whether an integer is one of 64 bits: some readers take larger ones for doubles, and lose
/// digits.
fn fits(digits: &str, negative: bool) -> bool {
    let largest = if negative {
        "9223372036854775808"
    } else {
        "18446744073709551615"
    };
    digits.len() < largest.len() || (digits.len() == largest.len() && digits <= largest)
}

/// The first byte from `at` on that can't stand for itself in a string: a quote, a backslash or a
/// control character.
fn plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const TOPS: u64 = ONES << 7;
    // Eight at a time. A bit may be wrong only above one that is right, and the lowest counts.
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let below = |limit: u8, word: u64| word.wrapping_sub(ONES * u64::from(limit)) & !word;
        let is = |byte: u8| below(1, word ^ (ONES * u64::from(byte)));
        let found = (below(0x20, word) | is(b'"') | is(b'\\')) & TOPS;
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let ends = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(ends).map_or(bytes.len(), |n| at + n)
}

/// The place after the escape whose backslash is at `at`.
fn escape(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => {
            let lone = || Fault::new(at, "half a surrogate pair in a string");
            match hex(bytes, at)? {
                0xd800..0xdc00 if bytes[at + 6..].starts_with(b"\\u") => {
                    match hex(bytes, at + 6)? {
                        0xdc00..0xe000 => Ok(at + 12),
                        _ => Err(lone()),
                    }
                }
                0xd800..0xe000 => Err(lone()),
                _ => Ok(at + 6),
            }
        }
        _ => Err(Fault::new(at, "an unknown escape in a string")),
    }
}

/// The number in `\uXXXX`.
fn hex(bytes: &[u8], at: usize) -> Result<u32, Fault> {
    let digits = bytes.get(at + 2..at + 6);
    let number = digits.and_then(|digits| {
        digits.iter().try_fold(0, |number, &digit| {
            Some(number << 4 | char::from(digit).to_digit(16)?)
        })
    });
    number.ok_or_else(|| Fault::new(at, "an escape \\u without four hexadecimal digits"))
}
