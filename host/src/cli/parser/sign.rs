//! `kafka-soar parser sign`

use std::path::PathBuf;

use crate::{
    actions::{self, Failure, parser_sign::Options},
    cli::{end::End, terminal::Terminal},
};

/// Sign a parser, for policies that name the signer's public key
///
/// Signs the component's digest with an Ed25519 key and writes one line of base64. docs/policy.md
/// has the same with openssl alone.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  openssl genpkey -algorithm ed25519 -out signer.pem && chmod 600 signer.pem
  openssl pkey -in signer.pem -pubout -out signer.pub
  kafka-soar parser sign my-parser.wasm --key signer.pem")]
pub(in crate::cli) struct Sign {
    /// The component
    file: PathBuf,
    /// The signer's private key: Ed25519, PEM, not encrypted, readable by its owner alone
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the signature goes, instead of the component's name with .sig
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Sign {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        let outcome = actions::parser_sign::run(&Options {
            file: self.file.clone(),
            key: self.key.clone(),
            output: self.output.clone(),
        })?;
        if terminal.json {
            return Ok(terminal.print_json(&outcome));
        }
        let line = format!("signed {} in {}", outcome.digest, outcome.signature);
        Ok(terminal.print(&line))
    }
}
