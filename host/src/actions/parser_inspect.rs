//! `parser inspect`: what is this file, who vouches for it, what could it reach, and would this
//! host run it?

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use serde::Serialize;

use super::{Class, Failure, parsers::Parsers};
use crate::{
    config::{Fault, Import, Measure, ParserSource, Policy, Rules, Signature, of_file, read_file},
    model::text::shorten,
    sandbox::{Inspection, Producers, Voucher, inspect, inspect_script, reach},
};

pub use crate::sandbox::Signed;

/// Characters of a name in the component that are shown.
const SHOWN: usize = 200;

#[derive(Debug, Clone)]
pub struct Options {
    /// The component, or the script.
    pub file: PathBuf,
    /// Its signature, if it isn't in the file beside it.
    pub signature: Option<PathBuf>,
}

/// What a parser is and may do. Every text that is the component's own is escaped and shortened.
#[derive(Debug, Serialize)]
pub struct Report {
    pub file: String,
    pub kind: Kind,
    /// `sha256:` and 64 hexadecimal digits, as a policy takes it.
    pub digest: String,
    /// Bytes.
    pub size: usize,
    /// Of the contract kafka-soar:parser; `None` when it is no parser.
    pub contract_version: Option<String>,
    pub imports: Vec<String>,
    pub exports: Vec<String>,
    /// Whether it imports nothing, and so can do nothing but compute; `None` when it isn't a
    /// component that can be read to its end.
    pub pure: Option<bool>,
    /// What it could do with its imports.
    pub reach: BTreeMap<Import, &'static str>,
    /// What it was written in, as far as the producers tell.
    pub language: String,
    pub producers: Producers,
    /// How much of everything it holds.
    pub inside: BTreeMap<Measure, u64>,
    pub signature: Signed,
    /// The policy's file.
    pub policy: Option<String>,
    pub verdict: Verdict,
    /// Milliseconds from the file's bytes to a parser that is ready: compiling, or loading from
    /// the cache. `None` when it isn't admitted.
    pub load_ms: Option<u64>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Component,
    /// A Python script. What it imports and holds is what the runner that executes it has.
    Script,
    /// Something else.
    Other,
}

/// Whether this host would run the parser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub admitted: bool,
    /// The rule that admits it, or the first that it breaks: mostly a field of the policy.
    pub rule: String,
    pub reason: String,
}

impl Verdict {
    fn refused(rule: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            admitted: false,
            rule: rule.into(),
            reason: reason.into(),
        }
    }

    fn admitted(voucher: &Voucher, policy: Option<&str>) -> Self {
        let (rule, reason) = match (voucher, policy) {
            (Voucher::Host, _) => ("default_parser", "it is part of kafka-soar".to_owned()),
            (Voucher::Listed, _) => ("digests", "the policy lists its digest".to_owned()),
            (Voucher::Signed(by), _) => ("signers", format!("it is signed by {by}")),
            (Voucher::ListedAndSigned(by), _) => (
                "digests and signers",
                format!("the policy lists its digest, and it is signed by {by}"),
            ),
            (Voucher::Nobody, Some(_)) => (
                "none",
                "the policy asks nobody to vouch for parsers".to_owned(),
            ),
            (Voucher::Nobody, None) => ("none", "there is no policy".to_owned()),
        };
        Self {
            admitted: true,
            rule: rule.to_owned(),
            reason,
        }
    }
}

/// Looks at a parser, and, if it is admitted, compiles and links it as a poll would. Nothing of
/// it runs.
///
/// # Errors
///
/// A configuration failure when a file can't be read. A parser that is refused is no failure:
/// the report's verdict tells.
pub fn run(options: &Options, policy: &Policy) -> Result<Report, Failure> {
    let unreadable = |fault: Fault| Failure::new(Class::Config, fault.problem).hint(fault.remedy);
    let bytes = read_file(&options.file).map_err(unreadable)?;
    let signature =
        Signature::of(&options.file, options.signature.as_deref()).map_err(unreadable)?;
    let source = of_file(&options.file, bytes.clone(), signature.clone());
    let (kind, found) = match &source {
        Ok(ParserSource::Script { text, .. }) => (
            Kind::Script,
            inspect_script(text, signature.as_ref(), policy),
        ),
        Ok(_) => (Kind::Component, inspect(&bytes, signature.as_ref(), policy)),
        Err(_) => (Kind::Other, inspect(&bytes, signature.as_ref(), policy)),
    };
    let file = policy.rules().map(Rules::file);
    let (verdict, load_ms) = match (source, &found.verdict) {
        (Err(fault), _) => {
            let reason = format!("{}; {}", fault.problem, fault.remedy);
            (Verdict::refused("kind", reason), None)
        }
        (_, Err(refusal)) => (Verdict::refused(refusal.rule(), refusal.to_string()), None),
        (Ok(source), Ok(voucher)) => match load(&source, policy)? {
            Ok(ms) => (Verdict::admitted(voucher, file), Some(ms)),
            Err(verdict) => (verdict, None),
        },
    };
    Ok(Report {
        kind,
        file: shorten(&options.file.display().to_string(), 300).into_owned(),
        digest: format!("sha256:{}", found.digest),
        size: found.size,
        contract_version: found.contract_version.as_deref().map(shown),
        imports: found.imports.iter().map(|name| shown(name)).collect(),
        exports: found.exports.iter().map(|name| shown(name)).collect(),
        pure: found.pure(),
        reach: reachable(&found),
        language: match kind {
            Kind::Script => "Python".to_owned(),
            _ => found.producers.likely_language(),
        },
        inside: found.inside(),
        producers: found.producers,
        signature: found.signature,
        policy: file.map(ToOwned::to_owned),
        verdict,
        load_ms,
    })
}

/// Milliseconds that loading took, or why the parser can't be loaded after all.
fn load(source: &ParserSource, policy: &Policy) -> Result<Result<u64, Verdict>, Failure> {
    let begun = Instant::now();
    match Parsers::load_source(source, policy, &policy.default_limits(), "{}") {
        Ok(_) => Ok(Ok(
            u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
        )),
        Err(failure) if failure.class == Class::Parser => {
            Ok(Err(Verdict::refused("contract", failure.message)))
        }
        Err(failure) => Err(failure),
    }
}

fn shown(name: &str) -> String {
    shorten(name, SHOWN).into_owned()
}

fn reachable(found: &Inspection) -> BTreeMap<Import, &'static str> {
    let families = found.families().into_iter();
    families.map(|import| (import, reach(import))).collect()
}
