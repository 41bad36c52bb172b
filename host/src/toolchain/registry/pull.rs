//! `parser pull`: a component, and its signature, out of a registry, by the digest of its manifest.

use std::{
    fs, io,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
};

use oci_client::manifest::{OciDescriptor, OciImageManifest};
use serde::Serialize;
use tokio::io::AsyncWrite;

use super::{COMPONENT_TYPE, MANIFEST_TYPE, Place, Registry, SIGNATURE_TYPE, digest, wait};
use crate::{
    actions::{Class, Failure},
    config::{Fault, MAX_COMPONENT_BYTES, Signature, check_kind},
    model::text::shorten,
    toolchain::build,
};

/// A signature has 88 characters.
const MAX_SIGNATURE_BYTES: usize = 4 << 10;

#[derive(Debug, Clone)]
pub struct Options {
    pub place: Place,
    /// Where the component goes; `None` for the repository's name, here.
    pub output: Option<PathBuf>,
}

/// What was pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pulled {
    pub component: String,
    /// Of the component, as a policy takes it.
    pub digest: String,
    pub size: usize,
    /// The signature's file, if one came with it.
    pub signature: Option<String>,
}

/// Pulls a component. Every byte of it follows from the digest in the reference. A file that is there
/// is written over only by the same.
///
/// # Errors
///
/// A configuration failure for a reference without a digest, an output failure when the registry
/// doesn't give it, gives something else, or it can't be written.
pub fn run(options: &Options) -> Result<Pulled, Failure> {
    let registry = Registry::at(&options.place)?;
    let Some(wanted) = registry.reference.digest() else {
        return Err(unpinned(&registry));
    };
    let artifact = wait(receive(&registry, wanted))?;
    let repository = registry.reference.repository();
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let named = PathBuf::from(format!("{name}.wasm"));
    let output = options.output.as_ref().unwrap_or(&named);
    let failed = |fault: Fault| Failure::new(Class::Parser, fault.problem).hint(fault.remedy);
    check_kind(output, &artifact.component).map_err(failed)?;
    let beside = Signature::path_beside(output);
    let files = [
        (output, Some(&artifact.component)),
        (&beside, artifact.signature.as_ref()),
    ];
    for (path, bytes) in files {
        free(path, bytes.map(Vec::as_slice))?;
    }
    for (path, bytes) in files {
        if let Some(bytes) = bytes {
            build::write(path, bytes).map_err(|e| {
                let problem = format!("{} can't be written: {e}", path.display());
                Failure::new(Class::Output, problem)
            })?;
        }
    }
    let shown = |path: &Path| shorten(&path.display().to_string(), 300).into_owned();
    Ok(Pulled {
        component: shown(output),
        digest: digest(&artifact.component),
        size: artifact.component.len(),
        signature: artifact.signature.as_ref().map(|_| shown(&beside)),
    })
}

/// Whoever can push to the registry can move a tag.
fn unpinned(registry: &Registry) -> Failure {
    let (client, reference) = (&registry.client, &registry.reference);
    let now = wait(async {
        let digest = client
            .fetch_manifest_digest(reference, &registry.login)
            .await;
        digest.map_err(|error| registry.failed("asking", &error))
    });
    let failure = Failure::new(
        Class::Config,
        "the reference has no digest, and what a tag stands for can change",
    );
    match now {
        Ok(now) => failure.hint(format!("at this moment it is {}", registry.at_digest(&now))),
        Err(_) => failure.hint("give what kafka-soar parser push has printed: …@sha256:…"),
    }
}

struct Artifact {
    component: Vec<u8>,
    signature: Option<Vec<u8>>,
}

async fn receive(registry: &Registry, wanted: &str) -> Result<Artifact, Failure> {
    let (client, reference) = (&registry.client, &registry.reference);
    let (text, _) = client
        .pull_manifest_raw(reference, &registry.login, &[MANIFEST_TYPE])
        .await
        .map_err(|error| registry.failed("pulling from", &error))?;
    let odd = |problem: String| {
        Failure::new(
            Class::Output,
            format!("{}: {problem}", registry.at_digest(wanted)),
        )
        .hint("pull something that kafka-soar parser push has pushed")
    };
    let found = digest(&text);
    if found != wanted {
        return Err(odd(format!("the registry gave {found} instead")));
    }
    let manifest: OciImageManifest =
        serde_json::from_slice(&text).map_err(|e| odd(format!("it is no image manifest: {e}")))?;
    let layer = |kind: &str| {
        manifest
            .layers
            .iter()
            .find(|layer| layer.media_type == kind)
    };
    let component =
        layer(COMPONENT_TYPE).ok_or_else(|| odd(format!("it has no layer {COMPONENT_TYPE}")))?;
    let component = blob(registry, component, MAX_COMPONENT_BYTES).await?;
    let signature = match layer(SIGNATURE_TYPE) {
        None => None,
        Some(layer) => Some(blob(registry, layer, MAX_SIGNATURE_BYTES).await?),
    };
    Ok(Artifact {
        component,
        signature,
    })
}

/// A layer, which has the digest that the manifest says.
async fn blob(registry: &Registry, layer: &OciDescriptor, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bounded = Bounded {
        bytes: Vec::new(),
        most,
    };
    registry
        .client
        .pull_blob(&registry.reference, layer, &mut bounded)
        .await
        .map_err(|error| registry.failed("pulling from", &error))?;
    let found = digest(&bounded.bytes);
    if found == layer.digest {
        return Ok(bounded.bytes);
    }
    Err(Failure::new(
        Class::Output,
        format!("the registry gave {found} instead of {}", layer.digest),
    ))
}

/// Memory that takes so many bytes and no more, whatever a registry sends.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl AsyncWrite for Bounded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.bytes.len() + bytes.len() > self.most {
            let problem = format!("a layer has more than {} bytes", self.most);
            return Poll::Ready(Err(io::Error::other(problem)));
        }
        self.bytes.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Whether a file may be written: it isn't there, or holds the same. Where nothing is to be written
/// nothing may be, either: a signature that is left over is none of this component.
fn free(path: &Path, bytes: Option<&[u8]>) -> Result<(), Failure> {
    match fs::read(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(there) if Some(there.as_slice()) == bytes => Ok(()),
        _ => Err(Failure::new(
            Class::Output,
            format!("{} is there already, and something else", path.display()),
        )
        .hint("remove it, or name another file with --output")),
    }
}
