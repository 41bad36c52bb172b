//! The parsers that the tests run: see `guests/hostile` for the commands of the first, and
//! `guests/malformed` for those that are refused or do something that Rust can't say.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A parser that does what the first message's value tells it.
pub const HOSTILE: &[u8] = include_bytes!(env!("HOSTILE_GUEST"));

/// A parser with every fate that a message can have.
pub const PICKY: &[u8] = include_bytes!(env!("PICKY_GUEST"));

/// The default parser.
pub const DEFAULT_PARSER: &[u8] = include_bytes!(env!("DEFAULT_PARSER_GUEST"));

/// A line that begins with this stands for another file's text, so that the types of the contract
/// are written once.
const INCLUDE: &str = ";;; include ";

/// The component of `guests/malformed/{name}.wat`.
///
/// # Panics
///
/// When there is no such file, or it isn't WebAssembly text.
#[must_use]
pub fn text(name: &str) -> Vec<u8> {
    let text = read(&format!("{name}.wat"));
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}.wat, included: {error}"))
}

/// The component of a text that may include what those in `guests/malformed` include.
///
/// # Panics
///
/// When it isn't WebAssembly text.
#[must_use]
pub fn inline(text: &str) -> Vec<u8> {
    let text = expand(text);
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/malformed")
}

/// A file's text with what it includes.
fn read(file: &str) -> String {
    let path = directory().join(file);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    expand(&text)
}

/// A text with what it includes.
fn expand(text: &str) -> String {
    text.lines()
        .map(|line| match line.trim_start().strip_prefix(INCLUDE) {
            Some(name) => read(&format!("{name}.wat.in")),
            None => format!("{line}\n"),
        })
        .collect()
}

/// The names of all text components, sorted.
///
/// # Panics
///
/// When the directory can't be read.
#[must_use]
pub fn text_names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory())
        .expect("the directory of text components")
        .filter_map(|entry| {
            let name = entry.expect("an entry").file_name().into_string().ok()?;
            Some(name.strip_suffix(".wat")?.to_owned())
        })
        .collect();
    names.sort();
    names
}
