//! `parser verify`: whether a signature is that of a public key, whatever policy there is.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    actions::{Class, Failure},
    config::{Fault, Signature, Signer, of_file, read_file},
    model::text::shorten,
};

#[derive(Debug, Clone)]
pub struct Options {
    /// The component, or the script.
    pub file: PathBuf,
    /// The signer's public key: Ed25519, PEM.
    pub key: PathBuf,
    /// The signature, if it isn't in the file beside the component.
    pub signature: Option<PathBuf>,
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub valid: bool,
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// The signature's file.
    pub signature: String,
    /// Why it isn't valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Verifies a component's signature.
///
/// # Errors
///
/// A parser failure when the file is no parser, a configuration failure when there is no
/// signature or the key isn't one. A signature that isn't valid is no failure: the outcome tells.
pub fn run(options: &Options) -> Result<Outcome, Failure> {
    let failed = |class| move |fault: Fault| Failure::new(class, fault.problem).hint(fault.remedy);
    let parser = read_file(&options.file)
        .and_then(|bytes| of_file(&options.file, bytes, None))
        .map_err(failed(Class::Parser))?;
    let key = key(&options.key)?;
    let signature = Signature::of(&options.file, options.signature.as_deref());
    let signature = signature.map_err(failed(Class::Config))?.ok_or_else(|| {
        let beside = Signature::path_beside(&options.file);
        Failure::new(
            Class::Config,
            format!("there is no signature: {} is not there", beside.display()),
        )
        .hint("name it with --signature, or sign the parser with kafka-soar parser sign")
    })?;
    let digest = hex::encode(Sha256::digest(parser.bytes().unwrap_or_default()));
    let reason = match signature.decode() {
        Err(why) => Some(why),
        Ok(bytes) if key.signed(&digest, &bytes) => None,
        Ok(_) => Some("it is not by this key, or of another component".to_owned()),
    };
    Ok(Outcome {
        valid: reason.is_none(),
        digest: format!("sha256:{digest}"),
        signature: signature.origin().to_owned(),
        reason,
    })
}

fn key(path: &Path) -> Result<Signer, Failure> {
    let failed = |problem: &str, hint: &str| {
        let path = path.display().to_string();
        let problem = format!("the key {}: {problem}", shorten(&path, 300));
        Failure::new(Class::Config, problem).hint(hint)
    };
    let text = fs::read_to_string(path)
        .map_err(|e| failed(&format!("it can't be read: {e}"), "check the path"))?;
    Signer::new("the key".to_owned(), &text).map_err(|(problem, hint)| failed(&problem, hint))
}
