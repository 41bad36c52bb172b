//! What whoever runs this host lets parsers do: `policy.toml`. It isn't the asset's to choose; an
//! asset can only ask for less than the policy allows. docs/policy.md is its reference.
//!
//! [`Policy::find`] reads it, with all its faults at once. Which parsers it admits is the
//! sandbox's to judge; the ceilings of the asset's limits are this layer's.

mod file;
mod outline;
mod rules;
mod signer;
mod trust;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use self::{
    outline::{Measure, OutlineLimits},
    rules::{Import, Rules},
    signer::Signer,
};
use super::{Fault, Faults, ParserLimits, parser::Limit};
use crate::model::text::shorten;

/// Where a policy is looked for when none is named.
const SYSTEM_POLICY: &str = "/etc/kafka-soar/policy.toml";

/// The policy in force; without one ([`Policy::default`]) every parser that fits the contract may
/// run, within the asset's limits.
#[derive(Clone, Default)]
pub struct Policy(Option<Arc<Rules>>);

/// Why a policy can't be used. Nothing runs then: a policy that can't be read is not "no policy".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    pub file: PathBuf,
    pub faults: Faults,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display().to_string();
        write!(
            f,
            "the policy {} can't be used\n\n{}",
            shorten(&file, 300),
            self.faults
        )
    }
}

impl std::error::Error for PolicyError {}

impl Policy {
    /// Reads the policy that is `named`, or else that of the system (/etc/kafka-soar/policy.toml), if there
    /// is one.
    ///
    /// # Errors
    ///
    /// When there is a policy that can't be read, is faulty, or can be written by others than
    /// root and this user.
    pub fn find(named: Option<&Path>) -> Result<Self, PolicyError> {
        Self::find_at(named, Path::new(SYSTEM_POLICY))
    }

    fn find_at(named: Option<&Path>, system: &Path) -> Result<Self, PolicyError> {
        if let Some(path) = named {
            return Self::read(path);
        }
        match system.symlink_metadata() {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            // What can't be looked at is read for the sake of the error.
            _ => Self::read(system),
        }
    }

    fn read(path: &Path) -> Result<Self, PolicyError> {
        let failed = |faults| PolicyError {
            file: path.to_owned(),
            faults,
        };
        let text = trust::read(path, file::MAX_BYTES)
            .map_err(|distrust| failed(Fault::whole(distrust.problem, distrust.remedy).into()))?;
        let rules = file::parse(&text, path).map_err(failed)?;
        Ok(Self(Some(Arc::new(rules))))
    }

    /// The rules, if there is a policy.
    #[must_use]
    pub fn rules(&self) -> Option<&Rules> {
        self.0.as_deref()
    }

    /// The policy's file and what it allows at most of a limit, by the asset's field.
    pub(super) fn ceiling(&self, field: &str) -> Option<(&str, usize)> {
        let rules = self.rules()?;
        Some((rules.file(), *rules.ceilings.get(field)?))
    }

    /// The limits of a parser of which an asset says nothing.
    #[must_use]
    pub fn default_limits(&self) -> ParserLimits {
        let of = |limit: Limit| match self.ceiling(limit.field) {
            Some((_, ceiling)) => limit.default.min(ceiling),
            None => limit.default,
        };
        ParserLimits {
            memory: of(Limit::MEMORY),
            time: Duration::from_millis(of(Limit::TIME) as u64),
            message_time: None,
            output: of(Limit::OUTPUT),
            log: of(Limit::LOG),
            artifacts: of(Limit::ARTIFACTS),
        }
    }

    /// `limits`, where they are above the policy's ceilings brought down to them.
    #[must_use]
    pub fn tighten(&self, limits: &ParserLimits) -> ParserLimits {
        let most = |limit: Limit, found: usize| match self.ceiling(limit.field) {
            Some((_, ceiling)) => found.min(ceiling),
            None => found,
        };
        let time = usize::try_from(limits.time.as_millis()).unwrap_or(usize::MAX);
        ParserLimits {
            memory: most(Limit::MEMORY, limits.memory),
            time: Duration::from_millis(most(Limit::TIME, time) as u64),
            message_time: limits.message_time,
            output: most(Limit::OUTPUT, limits.output),
            log: most(Limit::LOG, limits.log),
            artifacts: most(Limit::ARTIFACTS, limits.artifacts),
        }
    }

    /// How much a component may hold.
    #[must_use]
    pub fn outline(&self) -> OutlineLimits {
        self.rules()
            .map(|rules| rules.outline.clone())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rules() {
            None => f.write_str("Policy(none)"),
            Some(rules) => write!(f, "Policy({})", rules.file()),
        }
    }
}

#[cfg(test)]
mod tests;
