//! Builds the default parser as `host/build.rs` does.

use std::{fs, path::Path};

use wasmparser::{Parser, Payload};

/// The names of a component's imports and exports.
fn interface(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(
                    section
                        .into_iter()
                        .map(|import| import.unwrap().name.name.to_owned()),
                );
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports.extend(
                    section
                        .into_iter()
                        .map(|export| export.unwrap().name.name.to_owned()),
                );
            }
            _ => {}
        }
    }
    (imports, exports)
}

#[test]
fn the_default_parser_imports_nothing_but_the_clock() {
    let crate_dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../default");
    let built = parser_build::build(&crate_dir).unwrap();
    let component = fs::read(built.component()).unwrap();
    let (imports, exports) = interface(&component);
    assert_eq!(imports, ["kafka-soar:parser/poll@1.0.0"]);
    assert_eq!(exports, ["kafka-soar:parser/message-parser@1.0.0"]);

    // Nothing of the machine it was built on is in it.
    let text = String::from_utf8_lossy(&component);
    let checkout = crate_dir.canonicalize().unwrap();
    let checkout = checkout.ancestors().nth(2).unwrap().to_str().unwrap();
    for path in [checkout, "/.cargo/", "/registry/src/index"] {
        assert!(!text.contains(path), "{path} is in the component");
    }

    // Its sources are named, the contract and the manifests among them.
    for source in [
        "parsers/default/src/lib.rs",
        "parsers/default/Cargo.toml",
        "parser-sdk/src/lib.rs",
        "parser-sdk/Cargo.toml",
        "wit/v1/parser.wit",
        "Cargo.lock",
    ] {
        assert!(
            built.sources().iter().any(|file| file.ends_with(source)),
            "{source} isn't among {:?}",
            built.sources()
        );
    }

    // The same sources give the same file, which isn't even touched.
    let modified = |path| fs::metadata(path).unwrap().modified().unwrap();
    let before = modified(built.component());
    assert_eq!(parser_build::build(&crate_dir).unwrap(), built);
    assert_eq!(modified(built.component()), before);
}
