//! Layer 1: how this host speaks HTTP, whoever it speaks to.

use ureq::{
    Agent,
    tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem},
};

use crate::config::Certificates;

/// A client that keeps its connections, trusts the system's authorities or those given, takes any
/// status for an answer and follows no redirection: elsewhere it would carry a password along.
#[must_use]
pub fn agent(ca: Option<&Certificates>) -> Agent {
    let roots = match ca {
        None => RootCerts::PlatformVerifier,
        Some(ca) => {
            let certificates = parse_pem(ca.pem.as_bytes()).filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            });
            let certificates: Vec<Certificate<'static>> = certificates.collect();
            RootCerts::new_with_certs(&certificates)
        }
    };
    let tls = TlsConfig::builder()
        .provider(TlsProvider::NativeTls)
        .root_certs(roots)
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent("kafka-soar")
        .build()
        .into()
}
