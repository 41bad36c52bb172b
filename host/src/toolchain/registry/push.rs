//! `parser push`: a component, and its signature, into a registry.

use std::path::PathBuf;

use oci_client::{
    client::{Config, ImageLayer},
    manifest::OciImageManifest,
};
use serde::Serialize;
use serde_json::json;

use super::{
    COMPONENT_TYPE, CONFIG_TYPE, MANIFEST_TYPE, Place, Registry, SIGNATURE_TYPE, digest, wait,
};
use crate::{
    actions::{Class, Failure},
    config::{Fault, Policy, Signature, check_kind, read_file},
    sandbox::inspect,
};

#[derive(Debug, Clone)]
pub struct Options {
    /// The component; its signature is in the file beside it, if there is one.
    pub file: PathBuf,
    pub place: Place,
}

/// What was pushed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pushed {
    /// What to pull: `registry/repository@sha256:…`. The same component has the same.
    pub reference: String,
    /// Of the component, as a policy takes it.
    pub digest: String,
    pub size: usize,
    /// Whether a signature went with it.
    pub signed: bool,
}

/// Pushes a component that exports a parser.
///
/// # Errors
///
/// A parser failure when the file isn't a parser, a configuration failure for a reference that
/// isn't one, an output failure when the registry doesn't take it.
pub fn run(options: &Options) -> Result<Pushed, Failure> {
    let failed = |fault: Fault| Failure::new(Class::Parser, fault.problem).hint(fault.remedy);
    let component = read_file(&options.file).map_err(failed)?;
    check_kind(&options.file, &component).map_err(failed)?;
    let found = inspect(&component, None, &Policy::default());
    if let Err(refusal) = &found.verdict {
        return Err(Failure::new(
            Class::Parser,
            format!("{}: {refusal}", options.file.display()),
        ));
    }
    let signature = Signature::of(&options.file, None).map_err(failed)?;
    let signature = match signature {
        None => None,
        Some(signature) => {
            let path = Signature::path_beside(&options.file);
            signature.decode().map_err(|why| {
                Failure::new(Class::Config, format!("{}: {why}", path.display()))
                    .hint("sign it again with kafka-soar parser sign, or remove it")
            })?;
            Some(std::fs::read(&path).map_err(|e| {
                Failure::new(
                    Class::Config,
                    format!("{} can't be read: {e}", path.display()),
                )
            })?)
        }
    };
    let registry = Registry::at(&options.place)?;
    if registry.reference.digest().is_some() {
        return Err(Failure::new(
            Class::Config,
            "a digest is what comes of pushing, and not where it goes",
        )
        .hint("give a tag: registry.example.com/team/parser:1.0.0"));
    }
    let component_digest = digest(&component);
    let size = component.len();
    let signed = signature.is_some();
    // No time of day: the same component is the same artifact.
    let config = json!({
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [component_digest],
        "component": {
            "imports": found.imports,
            "exports": found.exports,
            "target": "kafka-soar:parser",
        },
    });
    let config = Config::new(config.to_string(), CONFIG_TYPE.to_owned(), None);
    let mut layers = vec![ImageLayer::new(component, COMPONENT_TYPE.to_owned(), None)];
    layers.extend(signature.map(|line| ImageLayer::new(line, SIGNATURE_TYPE.to_owned(), None)));
    let manifest_digest = wait(send(&registry, layers, config))?;
    Ok(Pushed {
        reference: registry.at_digest(&manifest_digest),
        digest: component_digest,
        size,
        signed,
    })
}

/// The manifest's digest.
async fn send(
    registry: &Registry,
    layers: Vec<ImageLayer>,
    config: Config,
) -> Result<String, Failure> {
    let Registry {
        client,
        reference,
        login,
    } = registry;
    let failed = |error| registry.failed("pushing to", &error);
    client
        .store_auth_if_needed(reference.resolve_registry(), login)
        .await;
    let mut manifest = OciImageManifest::build(&layers, &config, None);
    manifest.media_type = Some(MANIFEST_TYPE.to_owned());
    let mut blobs: Vec<_> = layers.into_iter().map(|layer| layer.data).collect();
    blobs.push(config.data);
    for blob in blobs {
        let digest = digest(&blob);
        client
            .push_blob(reference, blob, &digest)
            .await
            .map_err(failed)?;
    }
    // Written here, so that the digest is not the registry's word.
    let text = serde_json::to_vec(&manifest).expect("texts for keys");
    let digest = digest(&text);
    let kind = MANIFEST_TYPE.parse().expect("a header's value");
    client
        .push_manifest_raw(reference, text, kind)
        .await
        .map_err(failed)?;
    Ok(digest)
}
