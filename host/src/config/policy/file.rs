//! From the text of `policy.toml` to [`Rules`].

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
};

use serde::{Deserialize, Deserializer, de};

use super::{Import, Measure, OutlineLimits, Rules, Signer, rules::Require, trust};
use crate::{
    config::{Fault, Faults, MAX_COMPONENT_BYTES, check::unit, parser::Limit},
    model::text::shorten,
};

/// Room for thousands of digests; bounds what a wrong path makes us read.
pub(super) const MAX_BYTES: u64 = 1 << 20;
/// A public key has three lines.
const MAX_KEY_BYTES: u64 = 16 << 10;
const MAX_NAME: usize = 100;
const SEE: &str = "docs/policy.md has every field";
const VERSION: u64 = 1;

/// A whole number that is not negative.
#[derive(Debug, Clone, Copy)]
struct Whole(u64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number of 0 or more, without quotes")
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Whole, E> {
                Ok(Whole(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Whole, E> {
                u64::try_from(value)
                    .map(Whole)
                    .map_err(|_| E::invalid_value(de::Unexpected::Signed(value), &self))
            }
        }
        deserializer.deserialize_u64(Visitor)
    }
}

/// Read first, so that a policy for a later kafka-soar is told as one, whatever else is in it.
#[derive(Deserialize)]
struct Versioned {
    version: Option<toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "checked before, and a known field")]
    version: Whole,
    #[serde(default = "yes")]
    default_parser: bool,
    #[serde(default = "yes")]
    python_scripts: bool,
    #[serde(default)]
    deny: Vec<String>,
    digests: Option<Vec<String>>,
    signers: Option<Vec<FileSigner>>,
    require: Option<Require>,
    imports: Option<Vec<Import>>,
    max_size: Option<Whole>,
    #[serde(default)]
    limits: FileLimits,
    #[serde(default)]
    outline: BTreeMap<Measure, Whole>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSigner {
    name: String,
    key: Option<String>,
    key_file: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLimits {
    #[serde(rename = "parser_memory_limit")]
    memory: Option<Whole>,
    #[serde(rename = "parser_time_limit")]
    time: Option<Whole>,
    #[serde(rename = "parser_output_limit")]
    output: Option<Whole>,
    #[serde(rename = "parser_log_limit")]
    log: Option<Whole>,
    #[serde(rename = "parser_artifact_limit")]
    artifact: Option<Whole>,
}

/// Reads a policy's text. `path` is where it is from: files that it names are relative to it.
///
/// # Errors
///
/// A fault of the text as a whole when it can't be understood, else every fault that there is.
pub(super) fn parse(text: &str, path: &Path) -> Result<Rules, Faults> {
    version(text)?;
    let file: File = toml::from_str(text).map_err(|e| syntax(text, &e))?;
    let mut faults = Vec::new();
    let mut rules = Rules {
        file: shorten(&path.display().to_string(), 300).into_owned(),
        default_parser: file.default_parser,
        python_scripts: file.python_scripts,
        deny: digests("deny", &file.deny, &mut faults),
        digests: file
            .digests
            .as_deref()
            .map(|list| digests("digests", list, &mut faults)),
        signers: file
            .signers
            .as_deref()
            .map(|list| signers(list, path.parent(), &mut faults)),
        require: file.require.unwrap_or_default(),
        imports: file.imports.map(BTreeSet::from_iter),
        max_size: None,
        ceilings: ceilings(&file.limits, &mut faults),
        outline: OutlineLimits::default(),
    };
    if rules.require == Require::Both && (rules.digests.is_none() || rules.signers.is_none()) {
        faults.push(Fault::new(
            "require",
            "\"both\" without both lists",
            "give digests and [[signers]], or leave require out",
        ));
    }
    rules.max_size = file.max_size.map(|Whole(bytes)| {
        let most = MAX_COMPONENT_BYTES as u64;
        if !(1..=most).contains(&bytes) {
            faults.push(Fault::new(
                "max_size",
                format!("{bytes} is out of range"),
                format!("give bytes, 1 to {most}; without the field it is {most}"),
            ));
        }
        usize::try_from(bytes).unwrap_or(usize::MAX)
    });
    for (measure, Whole(limit)) in file.outline {
        if limit > measure.most() {
            faults.push(Fault::new(
                format!("outline.{}", measure.name()),
                format!(
                    "{limit} is more than the {} that the sandbox takes anyway",
                    measure.most()
                ),
                "give less, or leave it out: a policy can only tighten",
            ));
        }
        rules.outline.tighten(measure, limit);
    }
    match Faults::some(faults) {
        Some(faults) => Err(faults),
        None => Ok(rules),
    }
}

fn version(text: &str) -> Result<(), Faults> {
    let found: Versioned = toml::from_str(text).map_err(|e| syntax(text, &e))?;
    let problem = match found.version {
        Some(toml::Value::Integer(number)) if u64::try_from(number) == Ok(VERSION) => {
            return Ok(());
        }
        None => "this field is required".to_owned(),
        Some(other) => {
            let found = match other {
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::String(text) => format!("\"{}\"", shorten(&text, 60)),
                other => format!("a {}", other.type_str()),
            };
            format!("{found} is not a version that this kafka-soar knows")
        }
    };
    let remedy = format!("write version = {VERSION} at the top, or use another kafka-soar");
    Err(Fault::new("version", problem, remedy).into())
}

/// The line and what the parser has to say about it.
fn syntax(text: &str, error: &toml::de::Error) -> Faults {
    let message = error.message().replace('\n', ", ");
    let problem = match error.span() {
        None => message,
        Some(span) => {
            let before = &text[..text.floor_char_boundary(span.start)];
            let number = before.matches('\n').count() + 1;
            let line = text.lines().nth(number - 1).unwrap_or_default().trim();
            // A private key may have been put here by mistake.
            if line.contains(" KEY-----") || !line.contains(['=', '[']) {
                format!("line {number}: {message}")
            } else {
                format!("line {number} ({}): {message}", shorten(line, 100))
            }
        }
    };
    Fault::whole(problem, format!("correct it; {SEE}")).into()
}

fn digests(field: &str, list: &[String], faults: &mut Vec<Fault>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (i, text) in list.iter().enumerate() {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            found.insert(hex.to_ascii_lowercase());
            continue;
        }
        faults.push(Fault::new(
            format!("{field}[{i}]"),
            format!("\"{}\" is no digest", shorten(text, 80)),
            "write sha256: and 64 hexadecimal digits, as kafka-soar parser inspect shows them",
        ));
    }
    found
}

fn signers(list: &[FileSigner], folder: Option<&Path>, faults: &mut Vec<Fault>) -> Vec<Signer> {
    if list.is_empty() {
        faults.push(Fault::new(
            "signers",
            "the list is empty",
            "name a signer, or leave it out; digests = [] lets no component run",
        ));
    }
    let mut signers: Vec<Signer> = Vec::new();
    for (i, given) in list.iter().enumerate() {
        match signer(i, given, folder) {
            Err(fault) => faults.push(fault),
            Ok(signer) => {
                let twice = signers
                    .iter()
                    .find(|other| other.name == signer.name || other.has_the_key_of(&signer));
                if let Some(other) = twice {
                    faults.push(Fault::new(
                        format!("signers[{i}]"),
                        format!(
                            "the name or the key of \"{}\" once more",
                            shorten(&other.name, MAX_NAME)
                        ),
                        "give each signer one name and one key of its own",
                    ));
                }
                signers.push(signer);
            }
        }
    }
    signers
}

fn signer(i: usize, given: &FileSigner, folder: Option<&Path>) -> Result<Signer, Fault> {
    let field = |name: &str| format!("signers[{i}].{name}");
    let name = given.name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Fault::new(
            field("name"),
            format!("\"{}\" is no name", shorten(name, 60)),
            format!("give up to {MAX_NAME} characters, none of them a control"),
        ));
    }
    let (key_field, pem) = match (&given.key, &given.key_file) {
        (Some(pem), None) => (field("key"), pem.clone()),
        (None, Some(file)) => {
            let path = folder.unwrap_or(Path::new("")).join(file);
            let pem = trust::read(&path, MAX_KEY_BYTES).map_err(|distrust| {
                let path = path.display().to_string();
                let problem = format!("{}: {}", shorten(&path, 300), distrust.problem);
                Fault::new(field("key_file"), problem, distrust.remedy)
            })?;
            (field("key_file"), pem)
        }
        (given, _) => {
            let problem = match given {
                Some(_) => format!("\"{name}\" has key and key_file"),
                None => format!("\"{name}\" has no key"),
            };
            let remedy = "give either key (PEM, the text itself) or key_file (a path)";
            return Err(Fault::new(field("key"), problem, remedy));
        }
    };
    Signer::new(name.to_owned(), &pem)
        .map_err(|(problem, remedy)| Fault::new(key_field, problem, remedy))
}

fn ceilings(limits: &FileLimits, faults: &mut Vec<Fault>) -> BTreeMap<&'static str, usize> {
    let mut ceilings = BTreeMap::new();
    for (limit, given) in [
        (Limit::MEMORY, limits.memory),
        (Limit::TIME, limits.time),
        (Limit::OUTPUT, limits.output),
        (Limit::LOG, limits.log),
        (Limit::ARTIFACTS, limits.artifact),
    ] {
        let Some(Whole(given)) = given else { continue };
        match usize::try_from(given) {
            Ok(value) if (limit.min..=limit.max).contains(&value) => {
                ceilings.insert(limit.field, value);
            }
            _ => faults.push(Fault::new(
                format!("limits.{}", limit.field),
                format!("{given} is out of range"),
                format!(
                    "give {}, {} to {}, or leave it out",
                    unit(limit.field),
                    limit.min,
                    limit.max
                ),
            )),
        }
    }
    ceilings
}
