//! Which files a guest was made from.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The files that cargo noted beside the module, with the manifests of their crates and the
/// workspace's manifest and lock file.
pub(crate) fn list(core: &Path, workspace: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let notes = core.with_extension("d");
    let text =
        fs::read_to_string(&notes).with_context(|| format!("{} can't be read", notes.display()))?;
    let mut files: BTreeSet<PathBuf> = prerequisites(&text).collect();
    let manifests: Vec<PathBuf> = files.iter().filter_map(|file| manifest(file)).collect();
    files.extend(manifests);
    files.extend(["Cargo.toml", "Cargo.lock"].map(|name| workspace.join(name)));
    Ok(files.into_iter().collect())
}

/// The manifest of the crate that a source file belongs to.
fn manifest(source: &Path) -> Option<PathBuf> {
    source
        .ancestors()
        .skip(1)
        .map(|directory| directory.join("Cargo.toml"))
        .find(|manifest| manifest.is_file())
}

/// What stands behind the colon of a dependency file, in make's syntax: separated by spaces, a
/// space within a name behind a backslash.
fn prerequisites(text: &str) -> impl Iterator<Item = PathBuf> {
    text.lines()
        .filter_map(|line| line.split_once(": "))
        .flat_map(|(_, names)| {
            let mut files = vec![String::new()];
            let mut characters = names.chars().peekable();
            while let Some(character) = characters.next() {
                match character {
                    '\\' if characters.next_if_eq(&' ').is_some() => {
                        files.last_mut().expect("never empty").push(' ');
                    }
                    ' ' => files.push(String::new()),
                    other => files.last_mut().expect("never empty").push(other),
                }
            }
            files
        })
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_spaces_are_read_from_a_dependency_file() {
        let text = "/t/p.wasm: /w/a\\ b/lib.rs /w/wit/parser.wit\n\n";
        assert_eq!(
            prerequisites(text).collect::<Vec<_>>(),
            ["/w/a b/lib.rs", "/w/wit/parser.wit"].map(PathBuf::from)
        );
    }

    #[test]
    fn a_source_belongs_to_the_nearest_manifest() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(
            manifest(&here.join("src/lib.rs")),
            Some(here.join("Cargo.toml"))
        );
    }
}
