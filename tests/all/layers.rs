//! The layers of `host/src`: a module names only what its layer may use.
//!
//! Reads tokens, not text: comments and strings don't count, and paths inside macros do.

use std::{fs, path::Path, str::FromStr as _};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use walkdir::WalkDir;

/// Each top-level module and what it may name besides itself.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("ports", &["model"]),
    ("config", &["model", "ports"]),
    ("http", &["config"]),
    ("wall", &[]),
    ("kafka", &["model", "ports", "config"]),
    ("sandbox", &["model", "ports", "config", "wall"]),
    ("emit", &["model", "ports", "config", "http"]),
    ("schema", &["model", "ports", "config", "http"]),
    ("soar_double", &["model", "ports", "config"]),
    ("pipeline", &["model", "ports"]),
    (
        "actions",
        &[
            "model",
            "ports",
            "config",
            "wall",
            "kafka",
            "sandbox",
            "emit",
            "schema",
            "soar_double",
            "pipeline",
        ],
    ),
    (
        "toolchain",
        &[
            "model", "ports", "config", "kafka", "sandbox", "pipeline", "actions",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "ports",
            "config",
            "emit",
            "soar_double",
            "actions",
            "toolchain",
        ],
    ),
    ("main", &["cli"]),
];

/// What `source`, the code of the module at `path` (top-level module first), names that it may
/// not.
fn violations(path: &[&str], source: &str) -> Vec<String> {
    let own = path[0];
    let Some((_, allowed)) = MAY_NAME.iter().find(|(module, _)| *module == own) else {
        return vec![format!("module {own} has no layer: add it to MAY_NAME")];
    };
    let tokens = TokenStream::from_str(source).expect("Rust source");
    let mut named = Vec::new();
    let mut place: Vec<String> = path.iter().map(ToString::to_string).collect();
    walk(tokens, &mut place, &mut named);
    named.retain(|module| module != own && !allowed.contains(&module.as_str()));
    named.sort();
    named.dedup();
    named
        .into_iter()
        .map(|module| format!("{} names {module}", path.join("::")))
        .collect()
}

/// Collects the top-level modules that are named, in a file whose module is `place`.
fn walk(tokens: TokenStream, place: &mut Vec<String>, named: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut i = 0;
    while i < tokens.len() {
        let word = |i: usize| match tokens.get(i) {
            Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
            _ => None,
        };
        match word(i).as_deref() {
            // `mod name { … }`: what is inside is one module deeper.
            Some("mod") if matches!(tokens.get(i + 2), Some(TokenTree::Group(_))) => {
                if let (Some(name), Some(TokenTree::Group(body))) = (word(i + 1), tokens.get(i + 2))
                {
                    place.push(name);
                    walk(body.stream(), place, named);
                    place.pop();
                    i += 3;
                    continue;
                }
            }
            // A crate's name, for the binary that uses its own library; not the WIT package of the
            // same name within the bindings, which has a path in front.
            Some("crate" | "kafka_soar")
                if is_path(&tokens, i + 1) && !(i >= 2 && is_path(&tokens, i - 2)) =>
            {
                heads(&tokens, i + 3, named);
            }
            Some("super") if is_path(&tokens, i + 1) => {
                let mut ups = 1;
                let mut at = i + 3;
                while word(at).as_deref() == Some("super") && is_path(&tokens, at + 1) {
                    ups += 1;
                    at += 3;
                }
                if ups >= place.len() {
                    heads(&tokens, at, named);
                }
                i = at;
                continue;
            }
            _ => {}
        }
        if let Some(TokenTree::Group(group)) = tokens.get(i) {
            walk(group.stream(), place, named);
        }
        i += 1;
    }
}

/// Whether `::` stands at `i`.
fn is_path(tokens: &[TokenTree], i: usize) -> bool {
    let colon = |i: usize| matches!(tokens.get(i), Some(TokenTree::Punct(p)) if p.as_char() == ':');
    colon(i) && colon(i + 1)
}

/// The first word of a path at `i`, or of each path of the group there.
fn heads(tokens: &[TokenTree], i: usize, named: &mut Vec<String>) {
    match tokens.get(i) {
        Some(TokenTree::Ident(ident)) => named.push(ident.to_string()),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let mut at_head = true;
            for token in group.stream() {
                match token {
                    TokenTree::Ident(ident) if at_head => {
                        named.push(ident.to_string());
                        at_head = false;
                    }
                    TokenTree::Punct(p) if p.as_char() == ',' => at_head = true,
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

#[test]
fn no_layer_names_a_higher_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../host/src");
    let mut found = Vec::new();
    let mut files = 0;
    for entry in WalkDir::new(&root) {
        let entry = entry.expect("host/src can be read");
        let path = entry.path();
        let relative = path.strip_prefix(&root).expect("below the root");
        if path.extension().is_none_or(|e| e != "rs") || relative == Path::new("lib.rs") {
            continue;
        }
        files += 1;
        let module = relative.with_extension("");
        let mut module: Vec<&str> = module.iter().filter_map(|part| part.to_str()).collect();
        if module.last() == Some(&"mod") {
            module.pop();
        }
        let source = fs::read_to_string(path).expect("source can be read");
        found.extend(violations(&module, &source));
    }
    assert!(files > 30, "only {files} files: is this the right folder?");
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn a_higher_layer_is_seen_however_it_is_named() {
    let named = |path: &[&str], source: &str| !violations(path, source).is_empty();
    assert!(named(
        &["kafka", "consumer"],
        "use crate::actions::Failure;"
    ));
    assert!(named(
        &["model"],
        "use crate::{model::Batch, config::{Host, Topic}};"
    ));
    assert!(named(
        &["emit", "ndjson"],
        "fn f() { super::super::sandbox::run() }"
    ));
    assert!(named(&["emit"], "mod tests { use super::super::kafka; }"));
    assert!(named(
        &["sandbox"],
        "fn f() { warn!(\"{}\", crate::pipeline::x()) }"
    ));
    assert!(named(&["pipeline"], "type T = crate::config::Config;"));
    assert!(named(&["novelty"], ""));
}

#[test]
fn what_a_layer_may_use_is_let_through() {
    let named = |path: &[&str], source: &str| violations(path, source);
    let nothing: Vec<String> = Vec::new();
    assert_eq!(
        named(&["emit", "x"], "use crate::{config::Topic, model};"),
        nothing
    );
    assert_eq!(
        named(
            &["kafka", "a", "b"],
            "use super::super::Error; use super::c;"
        ),
        nothing
    );
    assert_eq!(
        named(&["model"], "// crate::cli\nconst A: &str = \"crate::cli\";"),
        nothing
    );
    assert_eq!(
        named(&["emit"], "mod a { mod b { use super::super::x; } }"),
        nothing
    );
}
