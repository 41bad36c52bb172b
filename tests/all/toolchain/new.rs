//! `parser new`: what it writes, and over what it doesn't.

use std::{fs, path::Path, process::Command};

use walkdir::WalkDir;

use super::parser;
use crate::policy::Place;

#[test]
fn a_project_has_the_template_the_sdk_and_the_contract() {
    let place = Place::new();
    let ran = parser(&place, &["new", "my-parser", "--lang", "rust", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let made = ran.json();
    assert_eq!(made["project"], "./my-parser");
    let files: Vec<_> = made["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f.as_str().unwrap())
        .collect();
    for file in [
        "Cargo.toml",
        "src/lib.rs",
        "sdk/src/lib.rs",
        "wit/v1/parser.wit",
        ".cargo/config.toml",
    ] {
        assert!(files.contains(&file), "{file}: {files:?}");
        assert!(place.path("my-parser").join(file).is_file(), "{file}");
    }
    for entry in WalkDir::new(place.path("my-parser")) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let text = fs::read_to_string(entry.path()).unwrap();
            assert!(!text.contains("{{name}}"), "{}", entry.path().display());
        }
    }
    let manifest = fs::read_to_string(place.path("my-parser/Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"my-parser\""));
}

#[test]
fn nothing_is_written_over() {
    let place = Place::new();
    fs::create_dir_all(place.path("there")).unwrap();
    place.write("there/mine", "mine");
    place.write("file", "");
    for name in ["there", "file"] {
        let ran = parser(&place, &["new", name, "--lang", "rust"]);
        assert_eq!(ran.code, Some(64));
        assert!(
            ran.stderr.contains("is there already, and not empty"),
            "{}",
            ran.stderr
        );
    }
    let left: Vec<_> = fs::read_dir(place.path("there")).unwrap().collect();
    assert_eq!(left.len(), 1);
    fs::create_dir(place.path("empty")).unwrap();
    let ran = parser(&place, &["new", "empty", "--lang", "rust"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn a_name_is_checked() {
    let place = Place::new();
    for name in ["../out", "2nd", "a b", ""] {
        let ran = parser(&place, &["new", "--lang", "rust", "--", name]);
        assert_eq!(ran.code, Some(64), "{name}");
        assert!(ran.stderr.contains("the name "), "{}", ran.stderr);
    }
    assert_eq!(fs::read_dir(place.path("")).unwrap().count(), 0);
}

/// Whatever the repository has of a template and its SDK is in a project, tests of the SDK aside.
#[test]
fn nothing_tracked_is_left_out() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let listed = |folder: &str| {
        let output = Command::new("git")
            .args(["ls-files", "--", "."])
            .current_dir(repository.join(folder))
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut languages = 0;
    for (language, sdk, template) in [
        ("rust", "parser-sdk/src", "parser-sdk/template"),
        (
            "python",
            "parser-sdk/python/kafka_soar",
            "parser-sdk/python/template",
        ),
        ("javascript", "parser-sdk/js", "parser-sdk/js/template"),
        ("go", "parser-sdk/go", "parser-sdk/go/template"),
        ("c", "parser-sdk/c", "parser-sdk/c/template"),
    ] {
        if !repository.join(template).is_dir() {
            continue;
        }
        languages += 1;
        let place = Place::new();
        let ran = parser(&place, &["new", "p", "--lang", language]);
        assert_eq!(ran.code, Some(0), "{language}: {}", ran.stderr);
        for file in listed(template) {
            assert!(place.path("p").join(&file).is_file(), "{language}: {file}");
        }
        let place_of_sdk = match language {
            "rust" => "p/sdk/src",
            "python" => "p/sdk/kafka_soar",
            _ => "p/sdk",
        };
        for file in listed(sdk) {
            if file.starts_with("template") || file.starts_with("tests/") {
                continue;
            }
            assert!(
                place.path(place_of_sdk).join(&file).is_file(),
                "{language}: {file}"
            );
        }
    }
    assert!(languages > 0);
}

/// The SDK's manifest in a project stands alone; what it depends on is what the SDK depends on.
#[test]
fn the_manifest_of_the_rust_sdk_is_up_to_date() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let line = |file: &str, name: &str| {
        let text = fs::read_to_string(repository.join(file)).unwrap();
        let start = format!("{name} = ");
        let found = text
            .lines()
            .find_map(|line| line.strip_prefix(&start).map(str::to_owned));
        found.unwrap_or_else(|| panic!("{file} has no {name}"))
    };
    let (alone, workspace) = ("parser-sdk/template/sdk/Cargo.toml", "Cargo.toml");
    let sdk = fs::read_to_string(repository.join("parser-sdk/Cargo.toml")).unwrap();
    let dependencies: Vec<_> = sdk
        .lines()
        .filter_map(|line| line.strip_suffix(".workspace = true"))
        .skip_while(|name| *name != "serde")
        .filter(|name| *name != "lints")
        .collect();
    assert_eq!(dependencies, ["serde", "serde_json", "wit-bindgen"]);
    for name in dependencies
        .into_iter()
        .chain(["version", "edition", "rust-version"])
    {
        assert_eq!(line(alone, name), line(workspace, name), "{name}");
    }
}
