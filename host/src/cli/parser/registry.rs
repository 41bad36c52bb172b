//! `kafka-soar parser push` and `pull`

use std::path::PathBuf;

use crate::{
    actions::Failure,
    cli::{end::End, progress::grouped, terminal::Terminal},
    toolchain::registry::{Place as At, pull, push},
};

/// A place in a registry, and how to get at it.
#[derive(Debug, clap::Args)]
struct Place {
    /// Speak HTTP instead of HTTPS to a registry on this machine
    #[arg(long)]
    plain_http: bool,
    /// Log in with this name; the password, or token, is in `KAFKA_SOAR_REGISTRY_PASSWORD`
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

impl Place {
    fn of(&self, reference: &str) -> At {
        At {
            reference: reference.to_owned(),
            plain_http: self.plain_http,
            user: self.user.clone(),
        }
    }
}

/// Push a parser, and its signature, to an OCI registry
///
/// Prints the reference to pull, with the digest. The same parser has the same.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser push my-parser.wasm registry.example.com/soc/my-parser:1.0.0
  kafka-soar parser push my-parser.wasm localhost:5000/my-parser:dev --plain-http")]
pub(in crate::cli) struct Push {
    /// The component; its signature is in FILE.sig, if there is one
    file: PathBuf,
    /// Where it goes: registry/repository:tag
    #[arg(value_name = "REFERENCE")]
    reference: String,
    #[command(flatten)]
    place: Place,
}

impl Push {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        let pushed = push::run(&push::Options {
            file: self.file.clone(),
            place: self.place.of(&self.reference),
        })?;
        if terminal.json {
            return Ok(terminal.print_json(&pushed));
        }
        let with = if pushed.signed {
            "with its signature"
        } else {
            "unsigned"
        };
        let size = grouped(pushed.size as u128);
        terminal.remark(&format!(
            "pushed {size} bytes, {with}; the component is {}",
            pushed.digest
        ));
        Ok(terminal.print(&pushed.reference))
    }
}

/// Pull a parser, and its signature, from an OCI registry by digest
///
/// Every byte is checked against the digest. A file that is there already is not written over.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser pull registry.example.com/soc/my-parser@sha256:4f…
  kafka-soar parser pull localhost:5000/my-parser@sha256:4f… --plain-http --output p.wasm")]
pub(in crate::cli) struct Pull {
    /// What push has printed: registry/repository@sha256:…
    #[arg(value_name = "REFERENCE")]
    reference: String,
    /// Where the component goes, instead of the repository's name with .wasm
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

impl Pull {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<End, Failure> {
        let pulled = pull::run(&pull::Options {
            place: self.place.of(&self.reference),
            output: self.output.clone(),
        })?;
        if terminal.json {
            return Ok(terminal.print_json(&pulled));
        }
        let with = match &pulled.signature {
            Some(signature) => format!("signature {signature}"),
            None => "unsigned".to_owned(),
        };
        Ok(terminal.print(&format!(
            "pulled {}: {} bytes, {}, {with}",
            pulled.component,
            grouped(pulled.size as u128),
            pulled.digest,
        )))
    }
}
