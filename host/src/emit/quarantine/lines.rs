//! Reading a quarantine file, a line at a time.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Seek as _},
    path::Path,
};

use crate::model::{Quarantined, text::shorten};

/// The records in a quarantine file, in the order in which they came. A last line without its
/// end, torn by a crash, is none.
#[derive(Debug)]
pub struct QuarantineLines {
    file: BufReader<File>,
    /// The last line that was read, and its number from 1.
    line: Vec<u8>,
    number: i64,
}

impl QuarantineLines {
    /// # Errors
    ///
    /// When the file can't be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufReader::new(File::open(path)?),
            line: Vec::new(),
            number: 0,
        })
    }

    /// The next record; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the file can't be read, or a line is no quarantined record: its number and what is
    /// wrong with it.
    pub fn next_line(&mut self) -> io::Result<Option<Quarantined>> {
        self.line.clear();
        self.file.read_until(b'\n', &mut self.line)?;
        if self.line.last() != Some(&b'\n') {
            return Ok(None);
        }
        self.number += 1;
        let letter = serde_json::from_slice(&self.line).map_err(|error| {
            let column = error.column();
            // serde_json counts lines within the text it was given: always the first.
            let what = error.to_string();
            let what = what.split(" at line 1 column ").next().unwrap_or_default();
            let number = self.number;
            io::Error::other(format!(
                "line {number} is no quarantined message: column {column}: {}",
                shorten(what, 300)
            ))
        })?;
        Ok(Some(letter))
    }

    /// The number of the line that was read last, from 1.
    #[must_use]
    pub fn number(&self) -> i64 {
        self.number
    }

    /// The line that was read last, as it stands in the file, its newline included.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Goes back to the beginning of the same file, whatever has its name by now.
    ///
    /// # Errors
    ///
    /// When it can't be read.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.number = 0;
        self.file.rewind()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_damaged_line_is_named_and_a_torn_one_is_none() {
        let line = r#"{"topic": "t", "partition": 0, "offset": 5, "timestamp": null, "key": null,
            "value": null, "headers": [], "reason": "r", "quarantined_at": ""}"#
            .replace('\n', "");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("q");
        fs::write(&path, format!("{line}\n{{\"topic\": 5}}\n{line}")).unwrap();
        let mut lines = QuarantineLines::open(&path).unwrap();
        assert_eq!(lines.next_line().unwrap().unwrap().offset, 5);
        let error = lines.next_line().unwrap_err().to_string();
        assert!(
            error.starts_with("line 2 is no quarantined message: column 11: invalid type"),
            "{error}"
        );
        assert!(!error.contains("line 1"), "{error}");
        assert_eq!(lines.next_line().unwrap(), None, "torn");
        lines.rewind().unwrap();
        assert_eq!(lines.next_line().unwrap().unwrap().attempt, 1);
        assert_eq!(lines.number(), 1);
    }
}
