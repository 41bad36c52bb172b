//! Who vouches for a component: the policy's list of digests, or a signer.

use serde::Serialize;

use super::Refusal;
use crate::config::{Rules, Signature, Signer};

/// Why a component may run, as far as that is about who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voucher {
    /// Nobody is asked.
    Nobody,
    /// It is the default parser, which is part of kafka-soar.
    Host,
    /// The policy lists its digest.
    Listed,
    /// This signer signed it.
    Signed(String),
    /// Both, as the policy requires.
    ListedAndSigned(String),
}

/// What was found out about the signature that came with a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum Signed {
    /// There is none.
    None,
    /// There is one, and no policy names signers to check it against.
    Unchecked {
        from: String,
    },
    /// It is valid, and by this signer.
    Valid {
        from: String,
        by: String,
    },
    Invalid {
        from: String,
        why: String,
    },
}

/// Checks the signature against the policy's signers.
pub(super) fn signed(digest: &str, signature: Option<&Signature>, rules: Option<&Rules>) -> Signed {
    let Some(signature) = signature else {
        return Signed::None;
    };
    let from = signature.origin().to_owned();
    let Some(signers) = rules.and_then(Rules::signers) else {
        return Signed::Unchecked { from };
    };
    let bytes = match signature.decode() {
        Ok(bytes) => bytes,
        Err(why) => return Signed::Invalid { from, why },
    };
    match signers.iter().find(|signer| signer.signed(digest, &bytes)) {
        Some(signer) => Signed::Valid {
            from,
            by: signer.name().to_owned(),
        },
        None => Signed::Invalid {
            from,
            why: format!("it is not by {} for sha256:{digest}", names(signers)),
        },
    }
}

fn names(signers: &[Signer]) -> String {
    let names: Vec<&str> = signers.iter().map(Signer::name).collect();
    names.join(" or ")
}

/// Whether someone whom the policy trusts vouches for the component.
///
/// # Errors
///
/// The refusal that names the rule and what is missing.
pub(super) fn vouch(
    digest: &str,
    signature: Option<&Signature>,
    rules: &Rules,
) -> Result<Voucher, Refusal> {
    let policy = || rules.file().to_owned();
    if rules.denies(digest) {
        return Err(Refusal::Denied {
            digest: digest.to_owned(),
            policy: policy(),
        });
    }
    let unlisted = || Refusal::Unlisted {
        digest: digest.to_owned(),
        policy: policy(),
    };
    let signer = || signer(digest, signature, rules);
    match (rules.lists(digest), rules.signers().is_some()) {
        (None, false) => Ok(Voucher::Nobody),
        (None, true) => signer().map(Voucher::Signed),
        (Some(false), true) if !rules.requires_both() => signer().map(Voucher::Signed),
        (Some(false), _) => Err(unlisted()),
        (Some(true), true) if rules.requires_both() => signer().map(Voucher::ListedAndSigned),
        (Some(true), _) => Ok(Voucher::Listed),
    }
}

/// The policy's signer who signed the component.
fn signer(digest: &str, signature: Option<&Signature>, rules: &Rules) -> Result<String, Refusal> {
    let policy = rules.file().to_owned();
    match signed(digest, signature, Some(rules)) {
        Signed::Valid { by, .. } => Ok(by),
        Signed::Invalid { from, why } => Err(Refusal::Signature { from, why, policy }),
        Signed::None | Signed::Unchecked { .. } => Err(Refusal::Unsigned {
            signers: names(rules.signers().unwrap_or_default()),
            policy,
        }),
    }
}
