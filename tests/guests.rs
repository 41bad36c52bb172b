//! The parsers that the tests run, and what each of them can be made to do: see [`Attack`].

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

#[path = "guests/bombs.rs"]
mod bombs;

include!(concat!(env!("OUT_DIR"), "/attacks.rs"));

/// A parser that does what the first message's value tells it.
pub const HOSTILE: &[u8] = include_bytes!(env!("HOSTILE_GUEST"));

/// A parser with every fate that a message can have.
pub const PICKY: &[u8] = include_bytes!(env!("PICKY_GUEST"));

/// The contract cases' parser (`tests/cases/contract`), in Rust.
const ECHO: &[u8] = include_bytes!(env!("ECHO_RUST_GUEST"));

/// A parser made for WASI that reaches for what is outside of it.
const REACHING: &[u8] = include_bytes!(env!("REACHING_GUEST"));

/// The default parser.
pub const DEFAULT_PARSER: &[u8] = include_bytes!(env!("DEFAULT_PARSER_GUEST"));

/// A line that begins with this stands for another file's text, so that the types of the contract
/// are written once.
const INCLUDE: &str = ";;; include ";

/// Who makes an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guest {
    /// A component in text, one a file of `guests/wat`.
    Wat,
    /// A component that is made to be dear before any of it runs (`guests/bombs.rs`).
    Bomb,
    /// `guests/hostile`: pure Rust, which breaks the contract and the limits.
    Hostile,
    /// `guests/reaching`: Rust for WASI.
    Reaching,
    /// `guests/c`: C for WASI.
    C,
    /// `guests/python`: a Python interpreter.
    Python,
}

impl Guest {
    /// What it is written in.
    #[must_use]
    pub fn language(self) -> &'static str {
        match self {
            Self::Wat | Self::Bomb => "text",
            Self::Hostile | Self::Reaching => "Rust",
            Self::C => "C",
            Self::Python => "Python",
        }
    }
}

impl Attack {
    /// Every attack.
    #[must_use]
    pub fn all() -> impl ExactSizeIterator<Item = Self> + Clone {
        ALL.iter().map(|&(attack, _, _)| attack)
    }

    /// Who makes it.
    #[must_use]
    pub fn guest(self) -> Guest {
        ALL[self as usize].1
    }

    /// What it is called: a file's name without its ending, or a command.
    #[must_use]
    pub fn name(self) -> &'static str {
        ALL[self as usize].2
    }

    /// The component that makes it.
    ///
    /// # Panics
    ///
    /// When it isn't there: those in C and Python are built by `.ci/setup test`.
    #[must_use]
    pub fn component(self) -> Cow<'static, [u8]> {
        match self.guest() {
            Guest::Wat => text(self.name()).into(),
            Guest::Bomb => bombs::component(self.name()).into(),
            Guest::Hostile => HOSTILE.into(),
            Guest::Reaching => REACHING.into(),
            Guest::C => c().into(),
            Guest::Python => python().into(),
        }
    }

    /// The message that has the guest do it.
    #[must_use]
    pub fn message(self, argument: &str) -> String {
        format!("{} {argument}", self.name()).trim_end().to_owned()
    }
}

fn c() -> &'static [u8] {
    static COMPONENT: OnceLock<Vec<u8>> = OnceLock::new();
    COMPONENT.get_or_init(|| {
        parser_build::encode_wasi(&foreign("c.wasm"), &repository().join("wit/v1"))
            .unwrap_or_else(|error| panic!("the guest in C: {error:#}"))
    })
}

fn python() -> &'static [u8] {
    static COMPONENT: OnceLock<Vec<u8>> = OnceLock::new();
    COMPONENT.get_or_init(|| foreign("python.wasm"))
}

/// The contract cases' parser in every language that there is an SDK for, Rust first: one a directory
/// `guests/echo-LANGUAGE`.
///
/// # Panics
///
/// When one isn't there: those in other languages are built by `.ci/setup test`.
#[must_use]
pub fn echoes() -> Vec<(String, Cow<'static, [u8]>)> {
    let mut echoes = vec![("rust".to_owned(), ECHO.into())];
    let directory = repository().join("tests/guests");
    let entries = fs::read_dir(&directory).expect("the guests' directory");
    let mut languages: Vec<String> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("build").is_file())
        .filter_map(|path| {
            Some(
                path.file_name()?
                    .to_str()?
                    .strip_prefix("echo-")?
                    .to_owned(),
            )
        })
        .collect();
    languages.sort();
    for language in languages {
        let made = foreign(&format!("../echo-{language}.wasm"));
        let component = component(&language, made);
        echoes.push((language, component.into()));
    }
    echoes
}

/// A component as it is, a core module encoded.
fn component(language: &str, made: Vec<u8>) -> Vec<u8> {
    const CORE: &[u8] = b"\0asm\x01\0\0\0";
    if !made.starts_with(CORE) {
        return made;
    }
    let encode = match language {
        "go" => parser_build::encode_nothing,
        _ => parser_build::encode_wasi,
    };
    encode(&made, &repository().join("wit/v1"))
        .unwrap_or_else(|error| panic!("the guest echo-{language}: {error:#}"))
}

/// What `guests/build-foreign` built.
fn foreign(file: &str) -> Vec<u8> {
    let path = repository().join("target/guests/foreign").join(file);
    fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; it is built by `make test`, or by `.ci/setup test` alone",
            path.display()
        )
    })
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests lie in the repository")
}

/// The component of `guests/wat/{name}.wat`.
///
/// # Panics
///
/// When there is no such file, or it isn't WebAssembly text.
#[must_use]
pub fn text(name: &str) -> Vec<u8> {
    let text = read(&format!("{name}.wat"));
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}.wat, included: {error}"))
}

/// The component of a text that may include what those in `guests/wat` include.
///
/// # Panics
///
/// When it isn't WebAssembly text.
#[must_use]
pub fn inline(text: &str) -> Vec<u8> {
    let text = expand(text);
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// A file's text with what it includes.
fn read(file: &str) -> String {
    let path: PathBuf = repository().join("tests/guests/wat").join(file);
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
