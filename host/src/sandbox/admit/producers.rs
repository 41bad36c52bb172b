//! What a component says that it was made with. None of it can be relied on; it is for a person
//! who looks at the component.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wasmparser::{CustomSectionReader, Dylink0Subsection, KnownCustom, ProducersSectionReader};

use crate::model::text::shorten;

/// Different names of a kind that are kept. What toolchains write has a few.
const MOST: usize = 32;
/// Characters of a name or a version.
const SHOWN: usize = 100;

/// Names and versions (perhaps empty) from the `producers` sections of the component and of
/// everything inside it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Producers {
    /// Source languages.
    pub language: BTreeMap<String, String>,
    /// Compilers, linkers and other tools.
    #[serde(rename = "processed-by")]
    pub processed_by: BTreeMap<String, String>,
    pub sdk: BTreeMap<String, String>,
    /// Libraries that its modules link dynamically.
    pub libraries: BTreeSet<String>,
    /// The source languages of the module with the most code.
    #[serde(skip)]
    main: Vec<String>,
}

impl Producers {
    /// The language that the parser is written in, as far as the producers tell: adapters and
    /// interpreters are in other languages than the parser.
    #[must_use]
    pub fn likely_language(&self) -> String {
        let tool = |name: &str| {
            let tools = self.processed_by.keys().chain(self.sdk.keys());
            tools
                .into_iter()
                .any(|tool| tool.to_lowercase().contains(name))
        };
        let all = |name: &str| self.language.contains_key(name);
        let main = |name: &str| self.main.iter().any(|language| language == name);
        let c = |language: &String| {
            language == "C"
                || language
                    .strip_prefix('C')
                    .is_some_and(|year| year.parse::<u8>().is_ok())
        };
        let library = |name: &str| self.libraries.iter().any(|l| l.starts_with(name));
        // componentize-py leaves its name among the libraries alone.
        let language = if tool("componentize-py") || library("libcomponentize_py") {
            "Python (componentize-py)"
        } else if all("Python") || library("libpython") {
            "Python"
        } else if tool("componentize-js") || tool("componentizejs") || all("JavaScript") {
            "JavaScript"
        } else if tool("tinygo") {
            "Go (TinyGo)"
        } else if main("Go") {
            "Go"
        } else if main("Rust") {
            "Rust"
        } else if self.main.iter().any(|l| l.starts_with("C_plus_plus")) {
            "C++"
        } else if self.main.iter().any(c) {
            "C"
        } else if let Some(other) = self.main.first() {
            other
        } else if tool("wit-bindgen-rust") {
            // All that is left when a linker was told to strip.
            "Rust"
        } else {
            "unknown"
        };
        language.to_owned()
    }
}

/// The producers while they are being found.
#[derive(Debug, Default)]
pub(super) struct Found {
    producers: Producers,
    most_code: u64,
    /// Of the module that is being read.
    code: u64,
    languages: Vec<String>,
}

impl Found {
    /// Bytes of a function of the module that is being read.
    pub(super) fn code(&mut self, bytes: u64) {
        self.code += bytes;
    }

    /// Looks into a custom section as far as it can be read; one that is damaged harms nobody.
    pub(super) fn section(&mut self, section: &CustomSectionReader<'_>) {
        match section.as_known() {
            KnownCustom::Producers(fields) => self.producers_section(fields),
            KnownCustom::Dylink0(parts) => {
                for part in parts.into_iter().map_while(Result::ok) {
                    if let Dylink0Subsection::Needed(names) = part {
                        let names = names.iter().map(|name| shorten(name, SHOWN).into_owned());
                        let room = MOST.saturating_sub(self.producers.libraries.len());
                        self.producers.libraries.extend(names.take(room));
                    }
                }
            }
            _ => {}
        }
    }

    fn producers_section(&mut self, fields: ProducersSectionReader<'_>) {
        for field in fields.into_iter().map_while(Result::ok) {
            let kept = match field.name {
                "language" => &mut self.producers.language,
                "processed-by" => &mut self.producers.processed_by,
                _ => &mut self.producers.sdk,
            };
            for value in field.values.into_iter().map_while(Result::ok).take(MOST) {
                let name = shorten(value.name, SHOWN).into_owned();
                if field.name == "language" && self.languages.len() < MOST {
                    self.languages.push(name.clone());
                }
                if kept.len() < MOST {
                    let version = shorten(value.version, SHOWN).into_owned();
                    kept.entry(name).or_insert(version);
                }
            }
        }
    }

    /// The module that was being read is over.
    pub(super) fn module_ends(&mut self) {
        let languages = std::mem::take(&mut self.languages);
        let code = std::mem::take(&mut self.code);
        if code >= self.most_code {
            self.most_code = code;
            self.producers.main = languages;
        }
    }

    pub(super) fn end(self) -> Producers {
        self.producers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(main: &[&str], tools: &[&str]) -> String {
        let map = |names: &[&str]| {
            let pairs = names.iter().map(|name| ((*name).to_owned(), String::new()));
            pairs.collect()
        };
        let producers = Producers {
            language: map(main),
            processed_by: map(tools),
            sdk: BTreeMap::new(),
            libraries: BTreeSet::new(),
            main: main.iter().map(ToString::to_string).collect(),
        };
        producers.likely_language()
    }

    #[test]
    fn the_language_is_that_of_the_parser() {
        for (main, tools, language) in [
            (&["Rust"][..], &["rustc", "wit-component"][..], "Rust"),
            (&["C11", "Rust"], &["clang", "rustc"], "Rust"),
            (
                &["C11"],
                &["clang", "componentize-py"],
                "Python (componentize-py)",
            ),
            (&["C_plus_plus_14"], &["ComponentizeJS"], "JavaScript"),
            (&["C_plus_plus_14", "C11"], &["clang"], "C++"),
            (&["C11"], &["clang"], "C"),
            (&["C99"], &[], "C"),
            (&["Cobol"], &[], "Cobol"),
            (&["Go"], &["Go cmd/compile"], "Go"),
            (&["C99"], &["TinyGo"], "Go (TinyGo)"),
            (&[], &["wit-component"], "unknown"),
            (&[], &["wit-bindgen-rust", "wit-component"], "Rust"),
            (&["C11"], &["wit-bindgen-rust"], "C"),
        ] {
            assert_eq!(of(main, tools), language, "{main:?} {tools:?}");
        }
    }
}
