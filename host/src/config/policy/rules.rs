//! What a policy says.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{OutlineLimits, Signer};

/// A family of interfaces that a component may import. Those of WASI are linked, but empty: they
/// are there for toolchains that insist on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Import {
    Settings,
    Poll,
    Log,
    WasiCli,
    WasiClocks,
    WasiFilesystem,
    WasiIo,
    WasiRandom,
    WasiSockets,
}

impl Import {
    pub const ALL: [Self; 9] = [
        Self::Settings,
        Self::Poll,
        Self::Log,
        Self::WasiCli,
        Self::WasiClocks,
        Self::WasiFilesystem,
        Self::WasiIo,
        Self::WasiRandom,
        Self::WasiSockets,
    ];

    /// Its name in a policy and in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Poll => "poll",
            Self::Log => "log",
            Self::WasiCli => "wasi-cli",
            Self::WasiClocks => "wasi-clocks",
            Self::WasiFilesystem => "wasi-filesystem",
            Self::WasiIo => "wasi-io",
            Self::WasiRandom => "wasi-random",
            Self::WasiSockets => "wasi-sockets",
        }
    }
}

/// What must vouch for a component when a policy has both digests and signers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Require {
    #[default]
    Either,
    Both,
}

/// A policy that has been read. Digests are SHA-256 in lower-case hexadecimal.
#[derive(Debug, Clone)]
pub struct Rules {
    pub(super) file: String,
    pub(super) default_parser: bool,
    pub(super) python_scripts: bool,
    pub(super) deny: BTreeSet<String>,
    pub(super) digests: Option<BTreeSet<String>>,
    pub(super) signers: Option<Vec<Signer>>,
    pub(super) require: Require,
    pub(super) imports: Option<BTreeSet<Import>>,
    pub(super) max_size: Option<usize>,
    /// By the asset's field.
    pub(super) ceilings: BTreeMap<&'static str, usize>,
    pub(super) outline: OutlineLimits,
}

impl Rules {
    /// The policy's file, for messages.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Whether the default parser may run.
    #[must_use]
    pub fn default_parser(&self) -> bool {
        self.default_parser
    }

    /// Whether scripts may run, executed by the Python runner that is part of kafka-soar.
    #[must_use]
    pub fn python_scripts(&self) -> bool {
        self.python_scripts
    }

    /// Whether the component may not run, whoever vouches for it.
    #[must_use]
    pub fn denies(&self, digest: &str) -> bool {
        self.deny.contains(digest)
    }

    /// Whether the component is listed; `None` when there is no list.
    #[must_use]
    pub fn lists(&self, digest: &str) -> Option<bool> {
        Some(self.digests.as_ref()?.contains(digest))
    }

    /// Who may vouch for components; `None` when nobody is asked.
    #[must_use]
    pub fn signers(&self) -> Option<&[Signer]> {
        self.signers.as_deref()
    }

    /// Whether a component must be listed and signed too.
    #[must_use]
    pub fn requires_both(&self) -> bool {
        self.require == Require::Both
    }

    /// What components may import; `None` for all that the host links.
    #[must_use]
    pub fn imports(&self) -> Option<&BTreeSet<Import>> {
        self.imports.as_ref()
    }

    /// Bytes of the largest component.
    #[must_use]
    pub fn max_size(&self) -> Option<usize> {
        self.max_size
    }

    /// Whether native code of a component that was admitted before, under whatever policy there
    /// was then, may run once more to end what was begun with it. The component itself is not at
    /// hand any more, so only what its digest tells can be asked.
    #[must_use]
    pub fn admits_former(&self, digest: &str) -> bool {
        let by_digest_alone = self.imports.is_none()
            && self.max_size.is_none()
            && self.outline == OutlineLimits::default();
        let vouched = match (self.lists(digest), &self.signers) {
            (None, None) => self.default_parser,
            (None, Some(_)) => false,
            (Some(listed), None) => listed,
            (Some(listed), Some(_)) => listed && !self.requires_both(),
        };
        !self.denies(digest) && by_digest_alone && vouched
    }
}
