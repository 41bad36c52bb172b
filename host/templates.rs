//! The files that `parser new` writes: a template for each language, the SDK that it is written
//! with, and the contract.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

/// A language, where its SDK is, where its template is, and where the SDK goes.
const LANGUAGES: [(&str, &str, &str); 6] = [
    ("rust", "parser-sdk", "parser-sdk/template"),
    ("python", "parser-sdk/python", "parser-sdk/python/template"),
    ("javascript", "parser-sdk/js", "parser-sdk/js/template"),
    (
        "typescript",
        "parser-sdk/js",
        "parser-sdk/js/template-typescript",
    ),
    ("go", "parser-sdk/go", "parser-sdk/go/template"),
    ("c", "parser-sdk/c", "parser-sdk/c/template"),
];

/// What tools leave behind in a folder.
const LEFT_BEHIND: [&str; 8] = [
    "target",
    "node_modules",
    "dist",
    "__pycache__",
    ".venv",
    ".mypy_cache",
    ".pytest_cache",
    ".kafka-soar",
];

/// What of an SDK isn't for those who use it: its templates, its own tests and what these need.
/// In the Rust SDK's folder are those of other languages too.
const NOT_OF_SDKS: [&str; 9] = [
    "template",
    "template-typescript",
    "tests",
    "requirements-dev.txt",
    "python",
    "js",
    "go",
    "c",
    "fuzz",
];

/// Writes `templates.rs`: of each file its language, its path in a project, whether names are put
/// into it, and its bytes.
pub(crate) fn list(repository: &Path) -> anyhow::Result<()> {
    let mut text = String::from("&[\n");
    for (language, sdk, template) in LANGUAGES {
        let (sdk, template) = (repository.join(sdk), repository.join(template));
        if !template.is_dir() {
            continue;
        }
        let own = files(&template, &[])?;
        for path in &own {
            add(&mut text, language, path, true, &template.join(path))?;
        }
        for path in files(&sdk, &NOT_OF_SDKS)? {
            let to = Path::new("sdk").join(&path);
            // A template may have its own of a file: the manifest in Rust.
            if !own.contains(&to) {
                add(&mut text, language, &to, false, &sdk.join(&path))?;
            }
        }
        let contract = Path::new("wit/v1/parser.wit");
        add(
            &mut text,
            language,
            contract,
            false,
            &repository.join(contract),
        )?;
        for folder in [sdk, template] {
            println!("cargo::rerun-if-changed={}", folder.display());
        }
    }
    text += "]\n";
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    fs::write(out.join("templates.rs"), text)?;
    Ok(())
}

fn add(
    text: &mut String,
    language: &str,
    to: &Path,
    named: bool,
    from: &Path,
) -> anyhow::Result<()> {
    let from = from.canonicalize()?;
    let from = from.to_str().context("the repository's path in UTF-8")?;
    let to = to.to_str().context("a template's path in UTF-8")?;
    writeln!(
        text,
        "    ({language:?}, {to:?}, {named}, include_bytes!({from:?})),"
    )?;
    Ok(())
}

/// Paths of the files below a folder, sorted.
fn files(folder: &Path, without: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        let here = folder.join(&inside);
        let entries = fs::read_dir(&here).with_context(|| here.display().to_string())?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_str().context("a template's path in UTF-8")?;
            let top = inside.as_os_str().is_empty();
            if LEFT_BEHIND.contains(&name) || (top && without.contains(&name)) {
                continue;
            }
            let path = inside.join(name);
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
