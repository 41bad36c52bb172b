//! `parser new`: a project to begin with.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    actions::{Class, Failure},
    model::text::shorten,
};

/// Language, path in the project, whether the project's name is put into it, contents.
type Template = (&'static str, &'static str, bool, &'static [u8]);

/// Listed by the build script.
const FILES: &[Template] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// What stands for the project's name in a template.
const NAME: &str = "{{name}}";

/// Characters of a name.
const MAX_NAME: usize = 64;

#[derive(Debug, Clone)]
pub struct Options {
    /// Letters, digits, `-` and `_`, beginning with a letter.
    pub name: String,
    /// One of [`languages`].
    pub language: String,
    /// Where the project's folder goes.
    pub dir: PathBuf,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Made {
    pub project: String,
    pub language: String,
    /// In the project.
    pub files: Vec<String>,
}

/// The languages that there are templates for.
#[must_use]
pub fn languages() -> Vec<&'static str> {
    let mut languages: Vec<_> = FILES.iter().map(|(language, ..)| *language).collect();
    languages.dedup();
    languages
}

/// A language's SDK: paths below `sdk/`, and contents.
pub(super) fn sdk(language: &str) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    FILES
        .iter()
        .filter(move |(of, path, ..)| *of == language && path.starts_with("sdk/"))
        .map(|(_, path, _, bytes)| (*path, *bytes))
}

/// Writes a project into a folder of its own, which must not be there or be empty.
///
/// # Errors
///
/// A configuration failure for a name that isn't one, a language without a template or a folder with
/// something in it; an output failure when it can't be written.
pub fn run(options: &Options) -> Result<Made, Failure> {
    check_name(&options.name)?;
    let files: Vec<_> = FILES
        .iter()
        .filter(|(language, ..)| *language == options.language)
        .collect();
    if files.is_empty() {
        let problem = format!(
            "there is no template for {}",
            shorten(&options.language, 100)
        );
        return Err(Failure::new(Class::Config, problem).hint(format!(
            "there are templates for {}; any other language can implement the contract in wit/",
            languages().join(", ")
        )));
    }
    let folder = options.dir.join(&options.name);
    let failed = |e: io::Error| {
        let problem = format!("the project {} can't be written: {e}", folder.display());
        Failure::new(Class::Output, problem).hint("its folder must be there and writable")
    };
    if !is_free(&folder).map_err(failed)? {
        let problem = format!("{} is there already, and not empty", folder.display());
        return Err(Failure::new(Class::Config, problem)
            .hint("choose another name, or another place with --dir"));
    }
    for (_, path, named, bytes) in &files {
        write(&folder.join(path), *named, bytes, &options.name).map_err(failed)?;
    }
    Ok(Made {
        project: folder.display().to_string(),
        language: options.language.clone(),
        files: files
            .iter()
            .map(|(_, path, ..)| (*path).to_owned())
            .collect(),
    })
}

fn is_free(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(e) => Err(e),
    }
}

/// Never over a file that is there.
fn write(path: &Path, named: bool, bytes: &[u8], name: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(path)?;
    match std::str::from_utf8(bytes) {
        Ok(text) if named => file.write_all(text.replace(NAME, name).as_bytes()),
        _ => file.write_all(bytes),
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let problem = if name.is_empty() {
        "is empty".to_owned()
    } else if name.chars().count() > MAX_NAME {
        format!("has more than {MAX_NAME} characters")
    } else if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        "does not begin with a letter".to_owned()
    } else if let Some(c) = name
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !"-_".contains(*c))
    {
        format!("has a {c:?} in it")
    } else {
        return Ok(());
    };
    let problem = format!("the name {:?} {problem}", shorten(name, 100));
    Err(Failure::new(Class::Config, problem)
        .hint("letters, digits, - and _ make a name, beginning with a letter: my-parser"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_in_every_language() {
        for good in ["a", "my-parser", "Parser_2"] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "2nd",
            "-a",
            "a b",
            "a/b",
            "..",
            "é",
            "a.b",
            &"a".repeat(65),
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
