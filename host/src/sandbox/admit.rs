//! Whether a file is a parser that this host runs, under the policy of whoever runs it. Who
//! vouches for the component is asked before any of it is read; what it holds is counted before
//! any of it is compiled, let alone run. A script is judged as its text, and by what the component
//! imports that executes it.

mod imports;
mod outline;
mod producers;
mod refusal;
mod vouch;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use wasmtime::Engine;

use self::{imports::family, outline::Outline};
pub use self::{
    imports::reach,
    producers::Producers,
    refusal::Refusal,
    vouch::{Signed, Voucher},
};
use super::{
    DEFAULT_PARSER, PYTHON_RUNNER, PYTHON_RUNNER_DIGEST,
    worker::{Contract, EXPORT, SCRIPT},
};
use crate::config::{
    Import, MAX_COMPONENT_BYTES, Measure, OutlineLimits, ParserSource, Policy, Rules, Signature,
};

/// A parser that may run.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub(crate) digest: String,
    pub(crate) voucher: Voucher,
}

/// What a component is and whether it is admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub digest: String,
    /// Bytes.
    pub size: usize,
    /// Version of the contract, from the exported interface's name.
    pub contract_version: Option<String>,
    /// Names of imported interfaces, in the file's order. They are the guest's: to be escaped.
    pub imports: Vec<String>,
    /// Names of exports, in the file's order; likewise.
    pub exports: Vec<String>,
    /// What it says that it was made with, escaped and shortened.
    pub producers: Producers,
    pub signature: Signed,
    /// Why it is admitted, or the first rule that it breaks.
    pub verdict: Result<Voucher, Refusal>,
    outline: Outline,
    /// Whether the outline was read to its end.
    whole: bool,
}

impl Inspection {
    /// Whether it imports nothing at all, and so can do nothing but compute; `None` when it could
    /// not be read to its end.
    #[must_use]
    pub fn pure(&self) -> Option<bool> {
        self.whole.then_some(self.imports.is_empty())
    }

    /// The families of imports, without those that this host doesn't link.
    #[must_use]
    pub fn families(&self) -> Vec<Import> {
        let mut families: Vec<_> = self
            .imports
            .iter()
            .filter_map(|name| family(name))
            .collect();
        families.sort_unstable();
        families.dedup();
        families
    }

    /// How much of everything it holds; up to where reading it ended, when it is refused for its
    /// outline.
    #[must_use]
    pub fn inside(&self) -> BTreeMap<Measure, u64> {
        let counts = Measure::ALL.map(|measure| (measure, self.outline.count(measure)));
        counts.into()
    }
}

/// Decides whether a parser may be compiled.
///
/// # Errors
///
/// The first [`Refusal`] that applies.
pub(crate) fn admit(source: &ParserSource, policy: &Policy) -> Result<Admitted, Refusal> {
    match source {
        ParserSource::Default => default_parser(policy),
        ParserSource::Component {
            bytes, signature, ..
        } => component(bytes, signature.as_ref(), policy),
        ParserSource::Script {
            text, signature, ..
        } => script(text, signature.as_ref(), policy),
    }
}

/// What a component is, and the verdict on it. Unlike admission, which ends at the first rule
/// that is broken, this goes on to say what can be said of a component that is refused.
#[must_use]
pub fn inspect(bytes: &[u8], signature: Option<&Signature>, policy: &Policy) -> Inspection {
    let digest = hex::encode(Sha256::digest(bytes));
    let admitted = component(bytes, signature, policy);
    let (mut outline, whole) = match kind(bytes) {
        Ok(()) => {
            let file = policy.rules().map(Rules::file);
            let (outline, end) = outline::read(bytes, &policy.outline(), file);
            (outline, end.is_ok())
        }
        Err(_) => (Outline::default(), false),
    };
    Inspection {
        size: bytes.len(),
        contract_version: version(&outline.exports).map(ToOwned::to_owned),
        signature: vouch::signed(&digest, signature, policy.rules()),
        digest,
        imports: std::mem::take(&mut outline.imports),
        exports: std::mem::take(&mut outline.exports),
        producers: std::mem::take(&mut outline.producers),
        verdict: admitted.map(|admitted| admitted.voucher),
        outline,
        whole,
    }
}

/// As [`inspect`], of a script: what it could reach is what the Python runner has.
#[must_use]
pub fn inspect_script(text: &str, signature: Option<&Signature>, policy: &Policy) -> Inspection {
    let digest = hex::encode(Sha256::digest(text));
    let (mut outline, end) = outline::read(PYTHON_RUNNER, &OutlineLimits::default(), None);
    outline.imports.retain(|name| !name.starts_with(SCRIPT));
    Inspection {
        size: text.len(),
        contract_version: None,
        signature: vouch::signed(&digest, signature, policy.rules()),
        digest,
        imports: std::mem::take(&mut outline.imports),
        exports: Vec::new(),
        producers: std::mem::take(&mut outline.producers),
        verdict: script(text, signature, policy).map(|admitted| admitted.voucher),
        outline,
        whole: end.is_ok(),
    }
}

/// The default parser is part of this program: a policy says whether it runs, and no more.
fn default_parser(policy: &Policy) -> Result<Admitted, Refusal> {
    let digest = hex::encode(Sha256::digest(DEFAULT_PARSER));
    if let Some(rules) = policy.rules() {
        let policy = rules.file().to_owned();
        if !rules.default_parser() {
            return Err(Refusal::DefaultParser { policy });
        }
        if rules.denies(&digest) {
            return Err(Refusal::Denied { digest, policy });
        }
    }
    let (outline, end) = outline::read(DEFAULT_PARSER, &OutlineLimits::default(), None);
    end?;
    contract(&outline)?;
    Ok(Admitted {
        digest,
        voucher: Voucher::Host,
    })
}

fn component(
    bytes: &[u8],
    signature: Option<&Signature>,
    policy: &Policy,
) -> Result<Admitted, Refusal> {
    kind(bytes)?;
    let rules = policy.rules();
    size(bytes, rules)?;
    let digest = hex::encode(Sha256::digest(bytes));
    let voucher = match rules {
        Some(rules) => vouch::vouch(&digest, signature, rules)?,
        None => Voucher::Nobody,
    };
    let (outline, end) = outline::read(bytes, &policy.outline(), rules.map(Rules::file));
    end?;
    for name in &outline.imports {
        allowed(name, rules)?;
    }
    contract(&outline)?;
    Ok(Admitted { digest, voucher })
}

fn script(text: &str, signature: Option<&Signature>, policy: &Policy) -> Result<Admitted, Refusal> {
    let digest = hex::encode(Sha256::digest(text));
    let Some(rules) = policy.rules() else {
        let voucher = Voucher::Nobody;
        return Ok(Admitted { digest, voucher });
    };
    if !rules.python_scripts() {
        return Err(Refusal::Script {
            policy: rules.file().to_owned(),
        });
    }
    size(text.as_bytes(), Some(rules))?;
    let voucher = vouch::vouch(&digest, signature, rules)?;
    if rules.denies(PYTHON_RUNNER_DIGEST) {
        return Err(Refusal::Denied {
            digest: PYTHON_RUNNER_DIGEST.to_owned(),
            policy: rules.file().to_owned(),
        });
    }
    if rules.imports().is_some() {
        let (outline, end) = outline::read(PYTHON_RUNNER, &OutlineLimits::default(), None);
        end?;
        for name in &outline.imports {
            if !name.starts_with(SCRIPT) {
                allowed(name, Some(rules))?;
            }
        }
    }
    Ok(Admitted { digest, voucher })
}

fn size(file: &[u8], rules: Option<&Rules>) -> Result<(), Refusal> {
    match rules.and_then(|rules| Some((rules, rules.max_size()?))) {
        Some((rules, most)) if file.len() > most => Err(Refusal::Oversize {
            bytes: file.len(),
            most,
            policy: rules.file().to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What can be told from a file's first bytes and its size.
fn kind(bytes: &[u8]) -> Result<(), Refusal> {
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
    Ok(())
}

fn allowed(name: &str, rules: Option<&Rules>) -> Result<(), Refusal> {
    let Some(family) = family(name) else {
        return Err(Refusal::Import {
            name: name.to_owned(),
        });
    };
    match rules.and_then(|rules| Some((rules, rules.imports()?))) {
        Some((rules, allowed)) if !allowed.contains(&family) => Err(Refusal::PolicyImport {
            name: name.to_owned(),
            family: family.name(),
            allowed: allowed.iter().map(|import| import.name()).collect(),
            policy: rules.file().to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The version of the contract's interface that is exported.
fn version(exports: &[String]) -> Option<&str> {
    exports.iter().find_map(|name| {
        let rest = name.strip_prefix(EXPORT)?;
        Some(rest.strip_prefix('@').unwrap_or("none"))
    })
}

fn contract(outline: &Outline) -> Result<Contract, Refusal> {
    let Some(version) = version(&outline.exports) else {
        return Err(Refusal::NotAParser {
            exports: outline.exports.clone(),
        });
    };
    Contract::of_version(version).ok_or_else(|| Refusal::Version {
        found: version.to_owned(),
    })
}
