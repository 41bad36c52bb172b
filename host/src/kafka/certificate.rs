//! Judging a broker's certificate as librdkafka does, with the reason that it doesn't tell.

use std::sync::{Arc, Mutex, PoisonError};

use openssl::pkey::PKey;
use openssl::{
    asn1::Asn1Time,
    error::ErrorStack,
    nid::Nid,
    ssl::{ConnectConfiguration, SslConnector, SslMethod, SslVerifyMode},
    x509::{X509, X509NameRef, X509Ref, X509VerifyResult, store::X509StoreBuilder},
};
use secrecy::ExposeSecret as _;

use crate::config::{Identity, Tls};

/// Why a broker's certificate is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rejected {
    /// Subject, and since when.
    Expired(String, String),
    /// Subject, and from when on.
    NotYetValid(String, String),
    /// The names in it.
    WrongName(Vec<String>),
    /// Its issuer, whom the asset or the system does not trust.
    UnknownAuthority(String),
    /// OpenSSL's words.
    Other(String),
}

/// The first reason that a handshake was given up for, if a certificate was that.
#[derive(Clone, Default)]
pub(super) struct Verdict(Arc<Mutex<Option<Rejected>>>);

impl Verdict {
    pub(super) fn take(&self) -> Option<Rejected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn give(&self, rejected: Rejected) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        place.get_or_insert(rejected);
    }
}

/// Connects as a client with `tls` to a broker called `name`.
pub(super) fn connector(
    tls: &Tls,
    name: &str,
) -> Result<(ConnectConfiguration, Verdict), ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    if let Some(ca) = &tls.ca {
        let mut store = X509StoreBuilder::new()?;
        for certificate in X509::stack_from_pem(ca.pem.as_bytes())? {
            store.add_cert(certificate)?;
        }
        builder.set_cert_store(store.build());
    }
    if let Some(identity) = &tls.identity {
        let (chain, key) = parsed(identity)?;
        let mut chain = chain.into_iter();
        if let Some(own) = chain.next() {
            builder.set_certificate(&own)?;
        }
        for certificate in chain {
            builder.add_extra_chain_cert(certificate)?;
        }
        builder.set_private_key(&key)?;
    }
    let verdict = Verdict::default();
    let found = verdict.clone();
    builder.set_verify_callback(SslVerifyMode::PEER, move |accepted, context| {
        if !accepted {
            found.give(rejected(context.error(), context.current_cert()));
        }
        accepted
    });
    let mut configuration = builder.build().configure()?;
    configuration.set_verify_hostname(!tls.any_hostname);
    configuration.set_use_server_name_indication(name.parse::<std::net::IpAddr>().is_err());
    Ok((configuration, verdict))
}

/// Connects to whoever has any certificate, to see whether TLS is spoken at all.
pub(super) fn anyones() -> Result<ConnectConfiguration, ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_verify(SslVerifyMode::NONE);
    let mut configuration = builder.build().configure()?;
    configuration.set_verify_hostname(false);
    Ok(configuration)
}

/// Whose the client's certificate is, who issued it, and since when it is expired if it is.
pub(super) struct Own {
    pub(super) subject: String,
    pub(super) issuer: String,
    pub(super) expired: Option<String>,
}

pub(super) fn own(identity: &Identity) -> Option<Own> {
    let (chain, _) = parsed(identity).ok()?;
    let certificate = chain.first()?;
    let now = Asn1Time::days_from_now(0).ok()?;
    Some(Own {
        subject: named(certificate.subject_name()),
        issuer: named(certificate.issuer_name()),
        expired: (certificate.not_after() < now).then(|| certificate.not_after().to_string()),
    })
}

fn parsed(identity: &Identity) -> Result<(Vec<X509>, PKey<openssl::pkey::Private>), ErrorStack> {
    let chain = X509::stack_from_pem(identity.certificate.pem.as_bytes())?;
    let password = identity.key_password.as_ref();
    let password = password.map_or("", |password| password.expose_secret());
    let key = identity.key.expose_secret().as_bytes();
    let key = PKey::private_key_from_pem_passphrase(key, password.as_bytes())?;
    Ok((chain, key))
}

/// `X509_V_ERR_*`, see `openssl verify`.
fn rejected(error: X509VerifyResult, certificate: Option<&X509Ref>) -> Rejected {
    const NO_ISSUER: i32 = 2;
    const NOT_YET_VALID: i32 = 9;
    const EXPIRED: i32 = 10;
    const SELF_SIGNED: i32 = 18;
    const SELF_SIGNED_IN_CHAIN: i32 = 19;
    const NO_LOCAL_ISSUER: i32 = 20;
    const NO_VERIFIED_LEAF: i32 = 21;
    const HOSTNAME: i32 = 62;
    const ADDRESS: i32 = 64;
    let Some(certificate) = certificate else {
        return Rejected::Other(error.error_string().to_owned());
    };
    let subject = || named(certificate.subject_name());
    match error.as_raw() {
        EXPIRED => Rejected::Expired(subject(), certificate.not_after().to_string()),
        NOT_YET_VALID => Rejected::NotYetValid(subject(), certificate.not_before().to_string()),
        HOSTNAME | ADDRESS => Rejected::WrongName(names(certificate)),
        NO_ISSUER | SELF_SIGNED | SELF_SIGNED_IN_CHAIN | NO_LOCAL_ISSUER | NO_VERIFIED_LEAF => {
            Rejected::UnknownAuthority(named(certificate.issuer_name()))
        }
        _ => Rejected::Other(format!("{} ({})", error.error_string(), subject())),
    }
}

/// A distinguished name in short: its common name, or else all of it.
fn named(name: &X509NameRef) -> String {
    let common = name.entries_by_nid(Nid::COMMONNAME).next();
    match common.and_then(|entry| entry.data().to_string().ok()) {
        Some(common) => format!("CN={common}"),
        None => format!("{name:?}"),
    }
}

/// The names that a certificate is for.
fn names(certificate: &X509Ref) -> Vec<String> {
    let Some(alternatives) = certificate.subject_alt_names() else {
        return vec![named(certificate.subject_name())];
    };
    alternatives
        .iter()
        .filter_map(|name| {
            let address = |bytes: &[u8]| match bytes.len() {
                4 => <[u8; 4]>::try_from(bytes)
                    .ok()
                    .map(|b| std::net::IpAddr::from(b).to_string()),
                _ => <[u8; 16]>::try_from(bytes)
                    .ok()
                    .map(|b| std::net::IpAddr::from(b).to_string()),
            };
            name.dnsname()
                .map(str::to_owned)
                .or_else(|| name.ipaddress().and_then(address))
        })
        .collect()
}
