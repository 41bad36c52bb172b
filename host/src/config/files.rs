//! Files that a configuration names.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::Fault;
use crate::model::text::shorten;

/// What is wrong with a file that a field names.
pub(super) fn fault(field: &str, path: &Path, problem: &str, remedy: &str) -> Fault {
    let path = path.display().to_string();
    Fault::new(field, format!("{}: {problem}", shorten(&path, 300)), remedy)
}

/// Reads a file of at most `max` bytes whole. The fault names the field and the path.
pub(super) fn read(field: &str, path: &Path, max: u64) -> Result<Vec<u8>, Fault> {
    let fault = |problem: &str, remedy: &str| fault(field, path, problem, remedy);
    let failed = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound => fault("no such file", "correct the path"),
        io::ErrorKind::PermissionDenied => fault(
            "permission denied",
            "let the user that runs kafka-soar read it",
        ),
        _ => fault(&format!("can't be read: {e}"), "check the file"),
    };
    // Looked at before it is opened: opening a pipe would wait for its other end.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(fault("not a file", "give the path of a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(max + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > max {
        let problem = format!("larger than {} MiB", max >> 20);
        return Err(fault(&problem, "check that it is the right file"));
    }
    Ok(bytes)
}
