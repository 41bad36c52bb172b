//! Whether a file is a parser that this host runs. Looks at the outline only: nothing of it is
//! compiled, let alone run, before it is admitted.

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};
use wasmparser::{BinaryReaderError, Encoding, Parser as Reader, Payload};
use wasmtime::Engine;

use super::worker::{Contract, EXPORT};
use crate::config::MAX_COMPONENT_BYTES;

/// Imports that are linked. WASI is for toolchains that insist on it; it grants nothing.
const ALLOWED_IMPORTS: &[&str] = &[
    "kafka-soar:parser/settings@1.",
    "kafka-soar:parser/poll@1.",
    "kafka-soar:parser/log@1.",
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

/// The only WASI that is linked.
const WASI_VERSION: &str = "@0.2.";

/// What a component is, from its outline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub digest: String,
    /// Bytes.
    pub size: usize,
    /// Version of the contract, from the exported interface's name.
    pub contract_version: String,
    /// Names of imported interfaces, in the file's order.
    pub imports: Vec<String>,
    /// Names of exports, in the file's order.
    pub exports: Vec<String>,
    #[serde(skip)]
    pub(crate) contract: Contract,
}

impl Inspection {
    /// Whether it imports nothing at all, and so can do nothing but compute.
    #[must_use]
    pub fn pure(&self) -> bool {
        self.imports.is_empty()
    }
}

/// Why a file isn't admitted. Each message says what was found and what to do.
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
                "the file is not a valid component ({why}); it may be truncated, or use a \
                 proposal that is switched off: build it again"
            ),
            Self::Import { name } => write!(
                f,
                "it imports `{name}`, which parsers may not have; allowed are \
                 kafka-soar:parser/{{settings, poll, log}}@1.x and wasi:{{cli, clocks, filesystem, \
                 io, random, sockets}}@0.2.x (linked, but empty)"
            ),
            Self::NotAParser { exports } => {
                write!(
                    f,
                    "it does not export `{EXPORT}@1.0.0`, so it is no parser; "
                )?;
                if exports.is_empty() {
                    f.write_str("it exports nothing")?;
                } else {
                    write!(f, "it exports {}", exports.join(", "))?;
                }
                f.write_str(": build it for the world `parser` of wit/v1")
            }
            Self::Version { found } => write!(
                f,
                "it was made for version {found} of kafka-soar:parser, and this host runs {}: \
                 build it against wit/v1, or use another kafka-soar",
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
                "it does not fit the contract kafka-soar:parser@1.0.0: {why}; build it for the \
                 world `parser` of wit/v1"
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// Reads a component's outline and decides whether it is admitted.
///
/// # Errors
///
/// The first [`Refusal`] that applies.
pub fn inspect(bytes: &[u8]) -> Result<Inspection, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() > MAX_COMPONENT_BYTES {
        return Err(Refusal::TooLarge { bytes: bytes.len() });
    }
    if Engine::detect_precompiled(bytes).is_some() {
        return Err(Refusal::Precompiled);
    }
    if !bytes.starts_with(b"\0asm") {
        let start = bytes[..bytes.len().min(16)].to_vec();
        return Err(Refusal::NotWasm { start });
    }
    let Outline { imports, exports } = outline(bytes)?;
    if let Some(name) = imports.iter().find(|name| !allowed(name)) {
        return Err(Refusal::Import { name: name.clone() });
    }
    let Some(version) = exports.iter().find_map(|name| {
        name.strip_prefix(EXPORT)
            .map(|rest| rest.strip_prefix('@').unwrap_or("none").to_owned())
    }) else {
        return Err(Refusal::NotAParser { exports });
    };
    let Some(contract) = Contract::of_version(&version) else {
        return Err(Refusal::Version { found: version });
    };
    Ok(Inspection {
        digest: hex::encode(Sha256::digest(bytes)),
        size: bytes.len(),
        contract_version: version,
        imports,
        exports,
        contract,
    })
}

struct Outline {
    imports: Vec<String>,
    exports: Vec<String>,
}

/// Imports and exports of the outermost component. What is inside is validated when it is
/// compiled.
fn outline(bytes: &[u8]) -> Result<Outline, Refusal> {
    let invalid = |e: BinaryReaderError| Refusal::Invalid(e.to_string());
    let mut imports = Vec::new();
    let mut exports = Vec::new();
    let mut depth = 0u32;
    for payload in Reader::new(0).parse_all(bytes) {
        match payload.map_err(invalid)? {
            Payload::Version { encoding, .. } => {
                if depth == 0 && encoding == Encoding::Module {
                    return Err(Refusal::CoreModule);
                }
                depth += 1;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import.map_err(invalid)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export.map_err(invalid)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(Outline { imports, exports })
}

fn allowed(import: &str) -> bool {
    ALLOWED_IMPORTS.iter().any(|prefix| {
        import.starts_with(prefix)
            && (!import.starts_with("wasi:") || import.contains(WASI_VERSION))
    })
}
