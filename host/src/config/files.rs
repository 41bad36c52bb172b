//! Files that a configuration names.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::Fault;
use crate::model::text::shorten;

/// Far above any bundle of authorities; bounds what a wrong path makes us read.
const MAX_PEM_BYTES: u64 = 16 << 20;

/// Reads a file of at most `max` bytes whole. The fault names the field and the path.
pub(super) fn read(field: &str, path: &Path, max: u64) -> Result<Vec<u8>, Fault> {
    let fault = |problem: &str, remedy: &str| {
        let path = path.display().to_string();
        Fault::new(field, format!("{}: {problem}", shorten(&path, 300)), remedy)
    };
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

/// Checks that a file for TLS can be read and is PEM.
pub(super) fn check_pem(field: &str, path: &Path) -> Result<(), Fault> {
    let bytes = read(field, path, MAX_PEM_BYTES)?;
    if memchr::memmem::find(&bytes, b"-----BEGIN ").is_some() {
        return Ok(());
    }
    let found = if bytes.is_empty() {
        "empty"
    } else {
        "not PEM: no line \"-----BEGIN …\""
    };
    Err(Fault::new(
        field,
        format!("{}: {found}", path.display()),
        "give a PEM file; DER is converted by openssl x509 (or pkey) -inform DER -outform PEM",
    ))
}
