//! Parsers in an OCI registry, as the artifact that other WebAssembly tools make of a component: one
//! layer `application/wasm`, and a second one with the signature, if there is one.

pub mod pull;
pub mod push;

use std::{env, time::Duration};

use oci_client::{
    Client, Reference,
    client::{ClientConfig, ClientProtocol},
    errors::OciDistributionError,
    secrets::RegistryAuth,
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::{
    actions::{Class, Failure},
    model::text::shorten,
};

/// Holds the registry's password.
pub const PASSWORD_VARIABLE: &str = "KAFKA_SOAR_REGISTRY_PASSWORD";

const COMPONENT_TYPE: &str = "application/wasm";
const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
const SIGNATURE_TYPE: &str = "application/vnd.kafka-soar.parser.signature.v1+base64";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";

/// How long a registry may take to answer, and between two pieces of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A place in a registry, and how to get at it.
#[derive(Debug, Clone)]
pub struct Place {
    /// `registry.example.com/team/parser`, with `:tag` or `@sha256:…` after it.
    pub reference: String,
    /// HTTP instead of HTTPS; for registries on this machine only.
    pub plain_http: bool,
    /// The password is in [`PASSWORD_VARIABLE`].
    pub user: Option<String>,
}

/// A registry that can be spoken to.
struct Registry {
    client: Client,
    reference: Reference,
    login: RegistryAuth,
}

impl Registry {
    fn at(place: &Place) -> Result<Self, Failure> {
        let shown = shorten(&place.reference, 300);
        let reference: Reference = place.reference.parse().map_err(|e| {
            Failure::new(
                Class::Config,
                format!("{shown} names no place in a registry: {e}"),
            )
            .hint("write it as registry.example.com/team/parser:tag")
        })?;
        let registry = reference.resolve_registry();
        if place.plain_http && !is_here(registry) {
            return Err(Failure::new(
                Class::Config,
                format!("--plain-http is for a registry on this machine, and {registry} isn't"),
            )
            .hint("leave it out: registries elsewhere are spoken to with TLS"));
        }
        let config = ClientConfig {
            protocol: if place.plain_http {
                ClientProtocol::Http
            } else {
                ClientProtocol::Https
            },
            // An index of several platforms is no parser.
            platform_resolver: None,
            read_timeout: Some(PATIENCE),
            connect_timeout: Some(PATIENCE),
            user_agent: concat!("kafka-soar/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        Ok(Self {
            client: Client::new(config),
            login: login(place)?,
            reference,
        })
    }

    /// `registry/repository@digest`.
    fn at_digest(&self, digest: &str) -> String {
        let registry = self.reference.registry();
        let repository = self.reference.repository();
        format!("{registry}/{repository}@{digest}")
    }

    fn failed(&self, doing: &str, error: &OciDistributionError) -> Failure {
        let registry = self.reference.resolve_registry();
        let mut why = error.to_string();
        // What it stands for is in the causes: a name that isn't known, a port that is closed.
        let mut cause = std::error::Error::source(error);
        while let Some(deeper) = cause {
            let text = deeper.to_string();
            if !why.contains(&text) {
                why = format!("{why}: {text}");
            }
            cause = deeper.source();
        }
        let why = shorten(&why, 500);
        Failure::new(
            Class::Output,
            format!("{doing} the registry {registry} failed: {why}"),
        )
        .hint(format!(
            "check the reference and that the registry answers; to log in give --user, and the \
             password in {PASSWORD_VARIABLE}"
        ))
    }
}

fn login(place: &Place) -> Result<RegistryAuth, Failure> {
    let Some(user) = &place.user else {
        return Ok(RegistryAuth::Anonymous);
    };
    let password = env::var(PASSWORD_VARIABLE)
        .map(SecretString::from)
        .map_err(|_| {
            Failure::new(
                Class::Config,
                format!("--user is given, and {PASSWORD_VARIABLE} is not set"),
            )
            .hint("put the password, or a token, into the variable")
        })?;
    Ok(RegistryAuth::Basic(
        user.clone(),
        password.expose_secret().to_owned(),
    ))
}

/// Whether a registry, `host` or `host:port`, is this machine.
fn is_here(registry: &str) -> bool {
    let host = match registry.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => registry,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// Runs to its end what waits for a network.
fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::new(Class::Internal, format!("no network can be used: {e}")))?
        .block_on(work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine() {
        for here in [
            "localhost",
            "localhost:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
        ] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in [
            "localhost.example.com",
            "127.0.0.1.example.com:5000",
            "example.com",
            "10.0.0.1:5000",
        ] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
