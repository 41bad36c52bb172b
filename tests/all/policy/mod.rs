//! Which parsers a policy admits, who may sign them, and what `parser inspect` and `parser sign`
//! say.

mod asset;
mod inspect;
mod outline;
mod rules;
mod sign;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use kafka_soar::{
    config::{Policy, Signature},
    sandbox::{Inspection, inspect},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::asset::{binary, cache};

/// A folder with components, keys and a policy.
pub(crate) struct Place(TempDir);

pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        self.stdout
            .parse()
            .unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// With a mode that no umask changes.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("written");
        self.chmod(name, 0o644);
    }

    pub(crate) fn chmod(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("changed");
    }

    /// Writes `policy.toml` of version 1.
    fn policy(&self, rules: &str) -> Policy {
        self.write("policy.toml", format!("version = 1\n{rules}"));
        Policy::find(Some(&self.path("policy.toml"))).unwrap_or_else(|e| panic!("{e}"))
    }

    /// The component in a file, with the signature beside it, under these rules.
    fn inspected(&self, name: &str, rules: &str) -> Inspection {
        let path = self.path(name);
        let signature = Signature::of(&path, None).expect("readable");
        let bytes = fs::read(&path).expect("written before");
        inspect(&bytes, signature.as_ref(), &self.policy(rules))
    }

    /// Runs the binary in this folder.
    pub(crate) fn run(&self, words: &[&str]) -> Ran {
        self.output(&mut Self::command(words))
    }

    pub(crate) fn command(words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command
            .args(words)
            .env("KAFKA_SOAR_CACHE_DIR", cache())
            .env_remove("KAFKA_SOAR_POLICY");
        command
    }

    pub(crate) fn output(&self, command: &mut Command) -> Ran {
        let output = command
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs the real openssl, which succeeds.
    fn openssl(&self, words: &str) -> String {
        let ran = self.output(Command::new("openssl").args(words.split(' ')));
        assert_eq!(ran.code, Some(0), "openssl {words}: {}", ran.stderr);
        ran.stdout
    }

    /// A pair of keys: `{name}.pem` and `{name}.pub`.
    pub(crate) fn keys(&self, name: &str) {
        self.openssl(&format!("genpkey -algorithm ed25519 -out {name}.pem"));
        self.openssl(&format!("pkey -in {name}.pem -pubout -out {name}.pub"));
        self.chmod(&format!("{name}.pem"), 0o600);
        self.chmod(&format!("{name}.pub"), 0o644);
    }

    /// Signs with the command, for the file beside the component.
    pub(crate) fn sign(&self, component: &str, key: &str) {
        let ran = self.run(&["parser", "sign", component, "--key", key]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
}

/// A signer of a policy, with the public key in `{name}.pub`.
fn signer(name: &str) -> String {
    format!("[[signers]]\nname = \"{name}\"\nkey_file = \"{name}.pub\"\n")
}
