//! The field `message_parser`: a path to a component or a Python script, or either itself. Only
//! its outline is judged here, so that a person learns at once that a file is of the wrong kind;
//! what is in it is the sandbox's to judge.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Fault, ParserSource, Signature, files, script};
use crate::model::text::shorten;

/// Bytes of the largest component that is taken. A Python component has 18 MB.
pub const MAX_COMPONENT_BYTES: usize = 64 << 20;

const FIELD: &str = "message_parser";
const BUILD: &str = "give a component that exports kafka-soar:parser/message-parser, or a Python script \
     with parse_messages(topic, messages), named .py";
const MAGIC: &[u8] = b"\0asm";
/// How base64 of [`MAGIC`] begins, whatever follows.
const MAGIC_BASE64: &str = "AGFzb";

/// Reads a file that may be a component, whatever it holds.
///
/// # Errors
///
/// A fault of `message_parser` that names the path, what was found and what to do.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Fault> {
    files::read(FIELD, path, MAX_COMPONENT_BYTES as u64)
}

/// Reads a parser, which is a component or a Python script. Its signature is read from the file
/// `signature`, or else from the one beside it, if there is one.
///
/// # Errors
///
/// A fault that names the path, what was found and what to do.
pub fn read_parser(path: &Path, signature: Option<&Path>) -> Result<ParserSource, Fault> {
    let found = read_file(path)?;
    let signature = Signature::of(path, signature)?;
    of_file(path, found, signature)
}

/// What was read from `path`, told by its content, and by its name where that leaves room.
///
/// # Errors
///
/// A fault that names the path, what was found and what to do.
pub fn of_file(
    path: &Path,
    bytes: Vec<u8>,
    signature: Option<Signature>,
) -> Result<ParserSource, Fault> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let name = shorten(&name.to_string_lossy(), 100).into_owned();
    if !bytes.starts_with(MAGIC) && script::is_one(Some(path), &bytes) {
        return script::of_bytes(name, bytes, signature).map_err(|words| named_path(path, words));
    }
    check_kind(path, &bytes)?;
    Ok(ParserSource::Component {
        name,
        bytes,
        signature,
    })
}

/// The parser that the field names or holds. `filename` is SOAR's `message_parser__filename`,
/// `signature` the asset's `message_parser_signature`.
pub(super) fn source(
    value: &str,
    filename: Option<&str>,
    signature: Option<&str>,
) -> Result<ParserSource, Fault> {
    let name = || shorten(filename.unwrap_or(FIELD), 100).into_owned();
    let named = |(found, remedy): Words| Fault::new(FIELD, format!("{}: {found}", name()), remedy);
    let given = || signature.map(Signature::given).transpose();
    if let Some(bytes) = carried(value).map_err(named)? {
        outline(&bytes).map_err(named)?;
        return Ok(ParserSource::Component {
            name: name(),
            bytes,
            signature: given()?,
        });
    }
    if script::is_text(filename, value) {
        let bytes = value.as_bytes().to_vec();
        return script::of_bytes(name(), bytes, given()?).map_err(named);
    }
    let value = value.trim();
    if value.len() > 4096 || value.contains(['\n', '\0']) {
        return Err(named((
            "neither a path nor a parser, but other text".to_owned(),
            BUILD,
        )));
    }
    let path = Path::new(value);
    let bytes = read_file(path)?;
    let signature = match signature {
        Some(given) => Some(Signature::given(given)?),
        None => Signature::beside(path)?,
    };
    of_file(path, bytes, signature)
}

fn named_path(path: &Path, (found, remedy): Words) -> Fault {
    let name = path.display().to_string();
    Fault::new(FIELD, format!("{}: {found}", shorten(&name, 300)), remedy)
}

/// Whether what was read from `path` begins as a component does.
///
/// # Errors
///
/// A fault of `message_parser` that says what the file is instead.
pub fn check_kind(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    outline(bytes).map_err(|words| named_path(path, words))
}

/// What was found, and what to do about it.
pub(super) type Words = (String, &'static str);

const DAMAGED: &str = "upload it as base64 (base64 -w0 parser.wasm), or give its path";
/// The bytes of a component that stands in the field itself: as base64, or as its bytes taken
/// for characters (SOAR hands a file's contents on as text).
fn carried(value: &str) -> Result<Option<Vec<u8>>, Words> {
    if value.as_bytes().starts_with(MAGIC) {
        let latin1: Result<Vec<u8>, _> = value.chars().map(u8::try_from).collect();
        return latin1.map(Some).map_err(|_| {
            let found = "a WebAssembly file that was damaged when it was read as text";
            (found.to_owned(), DAMAGED)
        });
    }
    if !value.trim_start().starts_with(MAGIC_BASE64) {
        return Ok(None);
    }
    let base64: String = value.split_ascii_whitespace().collect();
    STANDARD
        .decode(&base64)
        .map(Some)
        .map_err(|e| (format!("base64 that is damaged or cut off: {e}"), DAMAGED))
}

/// What a file is, when it isn't a component.
fn outline(bytes: &[u8]) -> Result<(), Words> {
    if bytes.is_empty() {
        return Err(("the file is empty".into(), BUILD));
    }
    if let Some(version) = bytes.strip_prefix(MAGIC) {
        return match version {
            [0x0d, 0, 1, 0, ..] => Ok(()),
            [1, 0, 0, 0, ..] => Err((
                "a core WebAssembly module, not a component".into(),
                "make a component of it: build for wasm32-wasip2, or wasm-tools component new",
            )),
            [a, b, 1, 0, ..] => Err((
                format!(
                    "a component in the unknown binary version {}",
                    u16::from_le_bytes([*a, *b])
                ),
                "build it again with current tools (binary version 13)",
            )),
            [_, _, _, _, ..] => Err(("a WebAssembly file of an unknown kind".into(), BUILD)),
            _ => Err((
                format!("a WebAssembly file cut off after {} bytes", bytes.len()),
                "copy it again",
            )),
        };
    }
    let words: (&str, &'static str) = if MAGIC.starts_with(bytes) {
        (
            "a WebAssembly file cut off within its first bytes",
            "copy it again",
        )
    } else if bytes.starts_with(b"\x7fELF") {
        ("native code (ELF); it would run outside the sandbox", BUILD)
    } else if bytes.starts_with(b"\x1f\x8b") || bytes.starts_with(b"PK\x03\x04") {
        ("an archive", "unpack it and give the component in it")
    } else if bytes.trim_ascii_start().starts_with(b"(") {
        (
            "WebAssembly text",
            "turn it into a binary: wasm-tools parse -o parser.wasm",
        )
    } else {
        ("not a WebAssembly file", BUILD)
    };
    Err((words.0.to_owned(), words.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Policy;

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    fn refusal(bytes: &[u8]) -> String {
        outline(bytes).unwrap_err().0
    }

    #[test]
    fn a_component_is_told_from_what_resembles_it() {
        assert_eq!(outline(COMPONENT), Ok(()));
        assert!(refusal(b"\0asm\x01\0\0\0").starts_with("a core WebAssembly module"));
        assert!(refusal(b"\0asm\x0e\0\x01\0").contains("unknown binary version 14"));
        assert!(refusal(b"\0asm\x0d\0\x02\0").contains("unknown kind"));
        assert!(refusal(b"\0asm\x0d\0").contains("cut off after 6 bytes"));
        assert!(refusal(b"\0as").contains("cut off within"));
        assert!(refusal(b"").contains("empty"));
        assert!(refusal(b"\x7fELF\x02").contains("outside the sandbox"));
        assert!(refusal(b" (component)").contains("text"));
        assert!(refusal(b"hello").contains("not a WebAssembly file"));
    }

    #[test]
    fn a_component_may_stand_in_the_field() {
        let wrapped = "AGFzbQ0A\n AQA=";
        let latin1: String = COMPONENT.iter().map(|&b| char::from(b)).collect();
        for text in [wrapped, &latin1] {
            assert_eq!(
                source(text, Some("mine.wasm"), None).unwrap(),
                ParserSource::Component {
                    name: "mine.wasm".into(),
                    bytes: COMPONENT.to_vec(),
                    signature: None,
                }
            );
        }
        let cut = source("AGFzbQ0AAQ", None, None).unwrap_err();
        assert!(cut.problem.contains("damaged or cut off"), "{cut}");
        let lossy = source("\0asm\u{d}\0\u{1}\0\u{fffd}", None, None).unwrap_err();
        assert!(lossy.problem.contains("damaged when it was read as text"));
    }

    #[test]
    fn bytes_that_look_like_spaces_are_kept() {
        let bytes = [COMPONENT, b"\0\x04\x01n\xa0\n"].concat();
        let latin1: String = bytes.iter().map(|&b| char::from(b)).collect();
        let form =
            serde_json::json!({"hosts": "h", "topic": "t", "timeout": 1, "message_parser": latin1});
        let config =
            crate::config::Config::from_json(&form.to_string(), &Policy::default()).unwrap();
        let ParserSource::Component { bytes: found, .. } = config.parser else {
            panic!()
        };
        assert_eq!(found, bytes);
    }

    #[test]
    fn a_path_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p.wasm");
        std::fs::write(&path, COMPONENT).unwrap();
        let found = source(path.to_str().unwrap(), None, None).unwrap();
        assert_eq!(
            found,
            ParserSource::Component {
                name: "p.wasm".into(),
                bytes: COMPONENT.to_vec(),
                signature: None,
            }
        );
        let missing = source("no/such.wasm", None, None).unwrap_err();
        assert_eq!(missing.problem, "no/such.wasm: no such file");
        let folder = read_parser(dir.path(), None).unwrap_err();
        assert!(folder.problem.ends_with("not a file"));
    }
}
