//! Files, by Landlock.

use std::fmt;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath,
    PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetStatus,
    Scope,
};
use serde::{Deserialize, Serialize};

use super::Paths;

/// What this code was written for and tested with; older kernels get what they know of it.
const VERSION: ABI = ABI::V6;

/// How much of it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Landlock {
    /// Switched off by a setting.
    Off,
    /// The kernel doesn't have it, or has it switched off.
    Unsupported,
    /// An older kernel: files are guarded, some other part isn't.
    Partly,
    Enforced,
}

impl fmt::Display for Landlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Unsupported => "not supported by this kernel",
            Self::Partly => "in part (an older kernel)",
            Self::Enforced => "on",
        })
    }
}

/// No file, no TCP, no signal to anybody else.
pub(super) fn none() -> Result<Landlock, String> {
    enforce(|| {
        ruleset()?
            .handle_access(AccessNet::from_all(VERSION))?
            .create()
    })
}

/// The files of `paths`, no listening on TCP, no signal to other processes than its own children.
pub(super) fn only(paths: &Paths) -> Result<Landlock, String> {
    let reading = AccessFs::ReadFile | AccessFs::ReadDir;
    // Of what exists: files are made and replaced beside one another, so that rights are given to
    // directories.
    let writing = AccessFs::from_all(VERSION)
        & !(AccessFs::Execute
            | AccessFs::MakeChar
            | AccessFs::MakeBlock
            | AccessFs::MakeSym
            | AccessFs::MakeSock
            | AccessFs::MakeFifo
            | AccessFs::IoctlDev);
    let running = AccessFs::Execute | AccessFs::ReadFile;
    enforce(|| {
        let mut created = ruleset()?.handle_access(AccessNet::BindTcp)?.create()?;
        for (paths, rights) in [
            (&paths.read, reading),
            (&paths.write, writing),
            (&paths.run, running),
        ] {
            for path in paths {
                created = allow(created, path, rights)?;
            }
        }
        Ok(created)
    })
}

/// A path that doesn't exist needs no right.
fn allow(
    created: RulesetCreated,
    path: &std::path::Path,
    rights: BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    let Ok(opened) = PathFd::new(path) else {
        return Ok(created);
    };
    let rights = if path.is_dir() {
        rights
    } else {
        rights & AccessFs::from_file(VERSION)
    };
    created.add_rule(PathBeneath::new(opened, rights))
}

fn ruleset() -> Result<Ruleset, landlock::RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(VERSION))?
        .scope(Scope::from_all(VERSION))
}

fn enforce(
    rules: impl FnOnce() -> Result<RulesetCreated, landlock::RulesetError>,
) -> Result<Landlock, String> {
    let status = rules()
        .and_then(RulesetCreated::restrict_self)
        .map_err(|e| format!("Landlock: {e}"))?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Landlock::Enforced,
        RulesetStatus::PartiallyEnforced => Landlock::Partly,
        RulesetStatus::NotEnforced => Landlock::Unsupported,
    })
}
