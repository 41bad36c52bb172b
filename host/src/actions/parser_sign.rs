//! `parser sign`: a detached signature for a parser.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::{
    pkey::{Id, PKey, Private},
    sign::Signer,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Class, Failure};
use crate::{
    config::{Signature, of_file, read_file, signed_text},
    model::text::shorten,
};

/// A private key has three lines.
const MAX_KEY_BYTES: u64 = 16 << 10;
/// Others may read a signature: the user that runs kafka-soar must.
const SIGNATURE_MODE: u32 = 0o644;

#[derive(Debug, Clone)]
pub struct Options {
    /// The component, or the script.
    pub file: PathBuf,
    /// An Ed25519 private key in PEM, not encrypted.
    pub key: PathBuf,
    /// Where the signature goes; `None` for the file beside the component.
    pub output: Option<PathBuf>,
}

/// What was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// The signature's file.
    pub signature: String,
}

/// Signs a parser's digest and writes the signature.
///
/// # Errors
///
/// A parser failure when the file is no parser, a configuration failure when the key can't
/// be used or can be read by others, an output failure when the signature can't be written.
pub fn run(options: &Options) -> Result<Outcome, Failure> {
    let parser = read_file(&options.file)
        .and_then(|bytes| of_file(&options.file, bytes, None))
        .map_err(|fault| Failure::new(Class::Parser, fault.problem).hint(fault.remedy))?;
    let key = key(&options.key)?;
    let digest = hex::encode(Sha256::digest(parser.bytes().unwrap_or_default()));
    let signature = Signer::new_without_digest(&key)
        .and_then(|mut signer| signer.sign_oneshot_to_vec(signed_text(&digest).as_bytes()))
        .map_err(|e| Failure::new(Class::Internal, format!("signing failed: {e}")))?;
    let beside = Signature::path_beside(&options.file);
    let path = options.output.as_ref().unwrap_or(&beside);
    let shown = shorten(&path.display().to_string(), 300).into_owned();
    write(path, &STANDARD.encode(signature)).map_err(|e| {
        let problem = format!("the signature {shown} can't be written: {e}");
        Failure::new(Class::Output, problem).hint("its folder must be there and writable")
    })?;
    Ok(Outcome {
        digest: format!("sha256:{digest}"),
        signature: shown,
    })
}

/// Whole or not at all.
fn write(path: &Path, line: &str) -> io::Result<()> {
    let folder = path.parent().filter(|parent| *parent != Path::new(""));
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    writeln!(file, "{line}")?;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(SIGNATURE_MODE))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn key(path: &Path) -> Result<PKey<Private>, Failure> {
    let failed = |problem: &str, hint: &str| {
        let path = path.display().to_string();
        let problem = format!("the key {}: {problem}", shorten(&path, 300));
        Failure::new(Class::Config, problem).hint(hint)
    };
    let unreadable = |e: io::Error| failed(&format!("it can't be read: {e}"), "check the path");
    // Looked at before it is opened: opening a pipe would wait for its other end.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(failed("it is not a file", "give the path of a file"));
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(failed(
            &format!("others than its owner can use it (mode {mode:o})"),
            "chmod 600 it; if others could have read it, make a new pair",
        ));
    }
    if ![0, rustix::process::geteuid().as_raw()].contains(&metadata.uid()) {
        let problem = format!("it belongs to user {}", metadata.uid());
        return Err(failed(&problem, "sign with a key of your own"));
    }
    let mut text = String::new();
    file.take(MAX_KEY_BYTES)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    let text = SecretString::from(text);
    let pem = text.expose_secret();
    if pem.contains("ENCRYPTED") {
        return Err(failed(
            "it is encrypted",
            "sign with openssl, which asks for the password; docs/policy.md has the commands",
        ));
    }
    // With no callback OpenSSL would ask on the terminal.
    let key = PKey::private_key_from_pem_callback(pem.as_bytes(), |_| Ok(0)).map_err(|_| {
        failed(
            "it is not a private key in PEM",
            "openssl genpkey -algorithm ed25519 makes one",
        )
    })?;
    if key.id() != Id::ED25519 {
        return Err(failed(
            "it is not an Ed25519 key",
            "openssl genpkey -algorithm ed25519 makes one",
        ));
    }
    Ok(key)
}
