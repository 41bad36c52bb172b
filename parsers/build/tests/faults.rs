//! What the author of a crate that isn't a parser is told.

use std::{fs, path::Path};

/// A crate without dependencies in a workspace of its own.
fn error(crate_type: &str, source: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"p\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [lib]\npath = \"lib.rs\"\ncrate-type = [\"{crate_type}\"]\n\
             [profile.guest]\ninherits = \"release\"\n[workspace]\n"
        ),
    );
    write(
        "Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"p\"\nversion = \"0.0.0\"\n",
    );
    write("lib.rs", source);
    let error = parser_build::build(directory.path()).unwrap_err();
    let manifest = directory.path().canonicalize().unwrap().join("Cargo.toml");
    format!("{error:#}").replace(manifest.to_str().unwrap(), "MANIFEST")
}

#[test]
fn a_missing_crate_is_named() {
    let error = parser_build::build(Path::new("no/such/crate")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no crate at no/such/crate/Cargo.toml"
    );
}

#[test]
fn a_crate_that_does_not_compile_is_named() {
    assert_eq!(
        error("cdylib", "fn"),
        "MANIFEST doesn't compile (see above)"
    );
}

#[test]
fn a_library_for_rust_is_no_parser() {
    assert_eq!(
        error("rlib", ""),
        "MANIFEST builds no WebAssembly module: set `crate-type = [\"cdylib\"]` under [lib]"
    );
}

#[test]
fn a_module_without_the_contract_is_no_parser() {
    assert_eq!(
        error("cdylib", ""),
        "MANIFEST isn't a parser: it exports no parser: is `export_parser!` called?"
    );
}
