//! `kafka-soar parser verify`

use std::path::PathBuf;

use crate::{
    actions::Failure,
    cli::{end::End, terminal::Terminal},
    toolchain::verify::{self, Options},
};

/// Verify a parser's signature with a public key, whatever the policy says
///
/// Exit code 65 when it isn't valid.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser verify their-parser.wasm --key signer.pub
  kafka-soar parser verify their-parser.wasm --key signer.pub --signature their.sig --json")]
pub(in crate::cli) struct Verify {
    /// The component, or the Python script
    file: PathBuf,
    /// The signer's public key: Ed25519, PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Its signature, if that isn't in FILE.sig
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
}

impl Verify {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        let outcome = verify::run(&Options {
            file: self.file.clone(),
            key: self.key.clone(),
            signature: self.signature.clone(),
        })?;
        let written = if terminal.json {
            terminal.print_json(&outcome)
        } else {
            terminal.print(&match &outcome.reason {
                None => format!("valid: {} in {}", outcome.digest, outcome.signature),
                Some(why) => format!("not valid: {why} ({})", outcome.signature),
            })
        };
        Ok(match written {
            End::Done if !outcome.valid => End::Refused,
            end => end,
        })
    }
}
