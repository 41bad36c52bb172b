//! Running cargo inside a build script that cargo runs.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::Target;

/// The root directory of the workspace that `manifest` belongs to.
pub(crate) fn workspace_root(manifest: &Path) -> anyhow::Result<PathBuf> {
    let output = cargo()
        .args(["locate-project", "--workspace", "--message-format=plain"])
        .arg("--manifest-path")
        .arg(manifest)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("cargo can't read {} (see above)", manifest.display());
    }
    let root = String::from_utf8(output.stdout).context("the workspace's path isn't UTF-8")?;
    let root = Path::new(root.trim()).parent();
    Ok(root.context("the workspace has no directory")?.to_owned())
}

/// Compiles the crate and returns the path of what cargo made: see [`Target`].
pub(crate) fn compile(
    target: Target,
    manifest: &Path,
    workspace: &Path,
    target_dir: &Path,
) -> anyhow::Result<PathBuf> {
    require(target)?;
    let output = cargo()
        .args(["build", "--lib", "--profile", "guest", "--locked"])
        .args(["--target", target.triple()])
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(manifest)
        .arg("--target-dir")
        .arg(target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace)?)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    if !output.status.success() {
        bail!("{} doesn't compile (see above)", manifest.display());
    }
    module(&output.stdout, manifest).with_context(|| {
        format!(
            "{} builds no WebAssembly module: set `crate-type = [\"cdylib\"]` under [lib]",
            manifest.display()
        )
    })
}

/// Flags of every guest: SIMD, which the SDK's text functions are made for, and no path of this
/// machine in panic messages, so that a component doesn't depend on where it was built.
fn flags(workspace: &Path) -> anyhow::Result<OsString> {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .context("neither CARGO_HOME nor a home directory is set")?;
    let mut flags = OsString::from("-Ctarget-feature=+simd128");
    for (from, to) in [(workspace, "."), (&cargo_home, "cargo")] {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    Ok(flags)
}

/// Finds the module among cargo's messages: the `.wasm` file of the crate's own library.
fn module(messages: &[u8], manifest: &Path) -> Option<PathBuf> {
    String::from_utf8_lossy(messages)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| {
            message["reason"] == "compiler-artifact"
                && message["manifest_path"].as_str().map(Path::new) == Some(manifest)
        })
        .filter_map(|message| {
            let files = message["filenames"].as_array()?;
            let mut files = files.iter().filter_map(Value::as_str).map(PathBuf::from);
            files.find(|file| file.extension() == Some(OsStr::new("wasm")))
        })
        .next_back()
}

/// A missing target is the one fault that a newcomer meets: said before rustc's page of errors
/// about a missing `core`.
fn require(target: Target) -> anyhow::Result<()> {
    let target = target.triple();
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc)
        .args(["--print", "target-libdir", "--target", target])
        .output()
        .with_context(|| format!("{} could not be started", rustc.display()))?;
    let directory = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && Path::new(directory.trim()).is_dir() {
        return Ok(());
    }
    bail!("the Rust target {target} isn't installed: run `rustup target add {target}`")
}

/// A cargo that knows nothing of the one that runs this build script.
fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        if leaks(&name) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Whether a variable would change what the inner cargo builds, or with which compiler: flags
/// for the host, clippy's wrapper, the outer target directory, and everything that cargo tells a
/// build script about its crate. What cargo needs to find crates and the job server stays.
fn leaks(name: &OsStr) -> bool {
    const KEPT: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_MAKEFLAGS",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
    ];
    const COMPILER: [&str; 7] = [
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_LINKER",
        "RUSTDOC",
        "RUSTDOCFLAGS",
        "RUSTFLAGS",
    ];
    let Some(name) = name.to_str() else {
        return false;
    };
    COMPILER.contains(&name)
        || name.starts_with("__CARGO")
        || (name.starts_with("CARGO") && !KEPT.iter().any(|kept| name.starts_with(kept)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_outer_cargo_sets_for_itself_does_not_reach_the_inner_one() {
        for name in [
            "CARGO",
            "CARGO_BUILD_TARGET",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_FEATURE_X",
            "CARGO_MANIFEST_DIR",
            "CARGO_PROFILE_GUEST_OPT_LEVEL",
            "CARGO_TARGET_DIR",
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
        ] {
            assert!(leaks(OsStr::new(name)), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_MAKEFLAGS",
            "CARGO_NET_OFFLINE",
            "CARGO_REGISTRIES_INTERNAL_INDEX",
            "PATH",
            "RUSTUP_TOOLCHAIN",
        ] {
            assert!(!leaks(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn the_module_is_the_crates_own_and_a_wasm_file() {
        let manifest = Path::new("/p/Cargo.toml");
        let messages = concat!(
            r#"{"reason":"compiler-artifact","manifest_path":"/d/Cargo.toml","filenames":["/t/d.wasm"]}"#,
            "\nnot a message\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/p/Cargo.toml","filenames":["/t/libp.rlib","/t/p.wasm"]}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(
            module(messages.as_bytes(), manifest),
            Some(PathBuf::from("/t/p.wasm"))
        );
        assert_eq!(module(b"", manifest), None);
    }
}
