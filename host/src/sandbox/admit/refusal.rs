//! Why a file isn't admitted.

use std::fmt;

use crate::{
    config::{MAX_COMPONENT_BYTES, Measure},
    model::text::shorten,
    sandbox::worker::{Contract, EXPORT},
};

/// Characters of a component's name for something that a message shows.
const SHOWN: usize = 200;
/// Exports that a message lists.
const LISTED: usize = 10;

/// Why a file isn't admitted. Each message says which rule it breaks, what was found and what to
/// do. `policy` is the file of the policy whose rule it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    TooLarge {
        bytes: usize,
    },
    NotWasm {
        start: Vec<u8>,
    },
    CoreModule,
    Precompiled,
    /// Truncated or malformed; or it does not validate.
    Invalid(String),
    /// It holds more of something than a component may.
    Outline {
        measure: Measure,
        found: u64,
        most: u64,
        /// `None` when it is the sandbox's own limit.
        policy: Option<String>,
    },
    Import {
        name: String,
    },
    NotAParser {
        exports: Vec<String>,
    },
    Version {
        found: String,
    },
    /// Name right, types wrong.
    WrongType(String),
    /// Compiling it takes too long.
    CompileTime {
        seconds: u64,
    },
    /// Compiling it takes too much memory.
    CompileMemory {
        bytes: u64,
    },
    /// The process that compiles it died.
    CompileCrash(String),
    /// `default_parser = false`.
    DefaultParser {
        policy: String,
    },
    /// `python_scripts = false`.
    Script {
        policy: String,
    },
    /// `max_size`.
    Oversize {
        bytes: usize,
        most: usize,
        policy: String,
    },
    /// `deny`.
    Denied {
        digest: String,
        policy: String,
    },
    /// `digests`.
    Unlisted {
        digest: String,
        policy: String,
    },
    /// `[[signers]]`: there is no signature.
    Unsigned {
        signers: String,
        policy: String,
    },
    /// `[[signers]]`: the signature is not one, or by nobody whom the policy names.
    Signature {
        from: String,
        why: String,
        policy: String,
    },
    /// `imports`.
    PolicyImport {
        name: String,
        family: &'static str,
        allowed: Vec<&'static str>,
        policy: String,
    },
}

impl Refusal {
    /// The rule that is broken: a policy's field where it may be one's.
    #[must_use]
    pub fn rule(&self) -> String {
        let rule = match self {
            Self::Empty | Self::NotWasm { .. } | Self::CoreModule | Self::Precompiled => "kind",
            Self::TooLarge { .. } | Self::Oversize { .. } => "max_size",
            Self::Invalid(_) => "validity",
            Self::CompileTime { .. } => "compile.time",
            Self::CompileMemory { .. } => "compile.memory",
            Self::CompileCrash(_) => "compile",
            Self::Outline { measure, .. } => return format!("outline.{}", measure.name()),
            Self::Import { .. } | Self::PolicyImport { .. } => "imports",
            Self::NotAParser { .. } | Self::Version { .. } | Self::WrongType(_) => "contract",
            Self::DefaultParser { .. } => "default_parser",
            Self::Script { .. } => "python_scripts",
            Self::Denied { .. } => "deny",
            Self::Unlisted { .. } => "digests",
            Self::Unsigned { .. } | Self::Signature { .. } => "signers",
        };
        rule.to_owned()
    }

    fn of_a_policy(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultParser { policy } => write!(
                f,
                "the policy {policy} lets the default parser not run (default_parser = false); \
                 name a component in message_parser that it admits"
            ),
            Self::Script { policy } => write!(
                f,
                "the policy {policy} lets no Python script run (python_scripts = false); build a \
                 component of it, which the policy then judges, or have the policy changed"
            ),
            Self::Oversize {
                bytes,
                most,
                policy,
            } => write!(
                f,
                "the file has {bytes} bytes, more than the {most} that the policy {policy} allows \
                 (max_size); strip it, or have the policy changed"
            ),
            Self::Denied { digest, policy } => write!(
                f,
                "the policy {policy} denies it (deny has sha256:{digest}); use another build of it"
            ),
            Self::Unlisted { digest, policy } => write!(
                f,
                "it is none of the parsers that the policy {policy} lists (digests lacks \
                 sha256:{digest}); use one of those, or have it added after a look at it with \
                 kafka-soar parser inspect"
            ),
            Self::Unsigned { signers, policy } => write!(
                f,
                "it has no signature, and the policy {policy} asks for one by {signers} (signers); put \
                 it beside the component as its name with .sig, or give \
                 message_parser_signature"
            ),
            Self::Signature { from, why, policy } => write!(
                f,
                "the signature that the policy {policy} asks for (signers) does not hold: {why} \
                 (from {from}); have a signer sign this very file: kafka-soar parser sign"
            ),
            Self::PolicyImport {
                name,
                family,
                allowed,
                policy,
            } => write!(
                f,
                "it imports `{}`, and the policy {policy} (imports) allows no {family}, but {}; \
                 build it without, or have the policy changed",
                shorten(name, SHOWN),
                if allowed.is_empty() {
                    "nothing".to_owned()
                } else {
                    format!("only {}", allowed.join(", "))
                }
            ),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty; give a WebAssembly component"),
            Self::TooLarge { bytes } => write!(
                f,
                "the file has {bytes} bytes, more than the {MAX_COMPONENT_BYTES} that a parser \
                 may have; strip it, or leave out what it doesn't need"
            ),
            Self::NotWasm { start } => write!(
                f,
                "the file is not WebAssembly: it begins with {}, not with \"\\0asm\"; give a \
                 component (.wasm)",
                start.escape_ascii()
            ),
            Self::CoreModule => f.write_str(
                "the file is a core WebAssembly module, not a component; turn it into one with \
                 `wasm-tools component new`, or build it for wasm32-wasip2",
            ),
            Self::Precompiled => f.write_str(
                "the file holds native code that was compiled ahead of time; such files are never \
                 loaded, since their code would run outside the sandbox: give the component that \
                 it was made from",
            ),
            Self::Invalid(why) => write!(
                f,
                "the file is not a valid component ({}); it may be truncated, or use a proposal \
                 that is switched off: build it again",
                shorten(why, 4 * SHOWN)
            ),
            Self::Outline {
                measure,
                found,
                most,
                policy,
            } => {
                write!(
                    f,
                    "it has {found} {} (outline.{}), and {most} are what ",
                    measure.meaning(),
                    measure.name()
                )?;
                match policy {
                    Some(file) => write!(f, "the policy {file} allows")?,
                    None => f.write_str("a parser may have")?,
                }
                f.write_str("; leave out what it doesn't need")
            }
            Self::Import { name } => write!(
                f,
                "it imports `{}`, which parsers may not have; allowed are \
                 kafka-soar:parser/{{settings, poll, log}}@1.x and wasi:{{cli, clocks, filesystem, \
                 io, random, sockets}}@0.2.x (linked, but empty)",
                shorten(name, SHOWN)
            ),
            Self::NotAParser { exports } => {
                write!(
                    f,
                    "it does not export `{EXPORT}@1.0.0`, so it is no parser; "
                )?;
                if exports.is_empty() {
                    f.write_str("it exports nothing")?;
                } else {
                    let listed = exports.iter().take(LISTED);
                    let listed: Vec<_> = listed.map(|name| shorten(name, SHOWN)).collect();
                    write!(f, "it exports {}", listed.join(", "))?;
                    if exports.len() > LISTED {
                        write!(f, " and {} more", exports.len() - LISTED)?;
                    }
                }
                f.write_str(": build it for the world `parser` of wit/v1")
            }
            Self::Version { found } => write!(
                f,
                "it was made for version {} of kafka-soar:parser, and this host runs {}: build it \
                 against wit/v1, or use another kafka-soar",
                shorten(found, SHOWN),
                Contract::known()
            ),
            Self::CompileTime { seconds } => write!(
                f,
                "compiling it takes more than {seconds} s; leave out what it doesn't need, or cut \
                 up its largest functions"
            ),
            Self::CompileMemory { bytes } => write!(
                f,
                "compiling it takes more than {bytes} bytes of memory; leave out what it doesn't \
                 need, or cut up its largest functions"
            ),
            Self::CompileCrash(how) => write!(
                f,
                "the process that compiled it died ({how}); build it again with current tools, and \
                 report it if it happens again"
            ),
            Self::WrongType(why) => write!(
                f,
                "it does not fit the contract kafka-soar:parser@1.0.0: {}; build it for the world \
                 `parser` of wit/v1",
                shorten(why, 4 * SHOWN)
            ),
            of_a_policy => of_a_policy.of_a_policy(f),
        }
    }
}

impl std::error::Error for Refusal {}
