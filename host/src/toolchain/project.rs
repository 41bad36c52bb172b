//! A folder in which a parser is written, and what language it is written in.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    actions::{Class, Failure},
    model::text::shorten,
};

/// What a parser is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Rust,
    Python,
    /// TypeScript too.
    JavaScript,
    C,
}

/// The file that tells a language, in the order in which they are looked for. A project in Rust may
/// have a `package.json` for its tools; one in JavaScript has no `Cargo.toml`.
const MARKS: [(&str, Language); 4] = [
    ("Cargo.toml", Language::Rust),
    ("package.json", Language::JavaScript),
    ("pyproject.toml", Language::Python),
    ("parser.c", Language::C),
];

/// A parser's project: a folder, or a script alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    pub language: Language,
    pub folder: PathBuf,
    /// What the component is called.
    pub name: String,
    /// The script, when the project is nothing else.
    pub script: Option<PathBuf>,
}

impl Project {
    /// The project in a folder, or of a script.
    ///
    /// # Errors
    ///
    /// A configuration failure that says what makes a project.
    pub fn at(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Self::of_folder(path);
        }
        let shown = path.display();
        if !path.exists() {
            return Err(unknown(&format!("{shown}: no such file or folder")));
        }
        if path.extension().is_none_or(|extension| extension != "py") {
            return Err(unknown(&format!(
                "{shown} is neither a folder nor a .py file"
            )));
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        Ok(Self {
            language: Language::Python,
            folder: folder.unwrap_or(Path::new(".")).to_owned(),
            name: name.into_owned(),
            script: Some(path.to_owned()),
        })
    }

    fn of_folder(folder: &Path) -> Result<Self, Failure> {
        let mut marks = MARKS.iter();
        let Some((mark, language)) = marks.find(|(mark, _)| folder.join(mark).is_file()) else {
            return Err(unknown(&format!("{} holds no parser", folder.display())));
        };
        let text = fs::read_to_string(folder.join(mark)).map_err(|e| {
            let path = folder.join(mark);
            Failure::new(
                Class::Config,
                format!("{} can't be read: {e}", path.display()),
            )
        })?;
        let name = match language {
            Language::C => folder_name(folder),
            _ => named(*language, &text).ok_or_else(|| {
                Failure::new(
                    Class::Config,
                    format!("{} names no project", folder.join(mark).display()),
                )
                .hint("give it a name, as kafka-soar parser new does")
            })?,
        };
        Ok(Self {
            language: *language,
            folder: folder.to_owned(),
            name,
            script: None,
        })
    }

    /// Where `parser build` puts the component.
    #[must_use]
    pub fn component(&self) -> PathBuf {
        self.folder.join(format!("{}.wasm", self.name))
    }

    /// The folder's path from the root: tools are started in other folders.
    pub(super) fn absolute(&self) -> Result<PathBuf, Failure> {
        self.folder.canonicalize().map_err(|e| {
            let folder = self.folder.display();
            Failure::new(Class::Config, format!("{folder} can't be found: {e}"))
        })
    }

    /// Where the cases are that `parser test` runs: `tests/cases` or `cases`, if one is there.
    #[must_use]
    pub fn cases(folder: &Path) -> Option<PathBuf> {
        ["tests/cases", "cases"]
            .map(|cases| folder.join(cases))
            .into_iter()
            .find(|cases| cases.is_dir())
    }
}

/// The project's name in the text of its manifest.
fn named(language: Language, manifest: &str) -> Option<String> {
    let name = match language {
        Language::Rust | Language::Python => {
            let table = match language {
                Language::Rust => "package",
                _ => "project",
            };
            let manifest: toml::Table = manifest.parse().ok()?;
            manifest.get(table)?.get("name")?.as_str()?.to_owned()
        }
        Language::JavaScript => {
            let manifest: serde_json::Value = serde_json::from_str(manifest).ok()?;
            manifest["name"].as_str()?.to_owned()
        }
        Language::C => return None,
    };
    // `@scope/name` and `example.com/name`: it becomes a file's name.
    let last = name.rsplit('/').next().unwrap_or_default();
    (!last.is_empty() && !last.starts_with('.')).then(|| last.to_owned())
}

fn folder_name(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = whole.file_name().map(|name| name.to_string_lossy());
    name.map_or_else(|| "parser".to_owned(), std::borrow::Cow::into_owned)
}

fn unknown(problem: &str) -> Failure {
    Failure::new(Class::Config, shorten(problem, 500)).hint(
        "a project is a folder with Cargo.toml (Rust), pyproject.toml (Python), package.json \
         (JavaScript, TypeScript) or parser.c (C), or a .py file; kafka-soar parser new \
         makes one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_and_the_name_are_told_by_files() {
        for (file, text, language, name) in [
            (
                "Cargo.toml",
                "[package]\nname = \"mine\"",
                Language::Rust,
                "mine",
            ),
            (
                "pyproject.toml",
                "[project]\nname = \"mine\"",
                Language::Python,
                "mine",
            ),
            (
                "package.json",
                "{\"name\": \"@us/mine\"}",
                Language::JavaScript,
                "mine",
            ),
            ("parser.c", "", Language::C, "folder"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("folder");
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(file), text).unwrap();
            let project = Project::at(&folder).unwrap();
            assert_eq!(
                (project.language, project.name.as_str()),
                (language, name),
                "{file}"
            );
            assert_eq!(project.component(), folder.join(format!("{name}.wasm")));
        }
    }

    #[test]
    fn a_script_is_a_project() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("old.py");
        fs::write(&script, "").unwrap();
        let project = Project::at(&script).unwrap();
        assert_eq!(project.name, "old");
        assert_eq!(project.component(), dir.path().join("old.wasm"));
    }

    #[test]
    fn what_is_no_project_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let failure = Project::at(dir.path()).unwrap_err();
        assert!(failure.message.ends_with("holds no parser"), "{failure}");
        fs::write(dir.path().join("package.json"), "{}").unwrap();
        let failure = Project::at(dir.path()).unwrap_err();
        assert!(failure.message.ends_with("names no project"), "{failure}");
        let failure = Project::at(&dir.path().join("gone")).unwrap_err();
        assert!(failure.message.contains("no such file"), "{failure}");
    }
}
