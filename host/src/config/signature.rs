//! Detached signatures of components: Ed25519 over a line that holds the component's digest, so
//! that they can be made where the component isn't, and with openssl alone (docs/policy.md).

use std::{
    ffi::OsString,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Fault, files};
use crate::model::text::shorten;

/// Bytes of an Ed25519 signature.
const BYTES: usize = 64;

/// A signature has 88 characters; bounds what a wrong path makes us read.
const MAX_FILE: u64 = 4 << 10;

const FIELD: &str = "message_parser_signature";
const REMEDY: &str = "give the path of a signature that kafka-soar parser sign has made, or its \
                      one line of base64";

/// What is signed: for a component with this SHA-256 (lower-case hexadecimal).
#[must_use]
pub fn signed_text(digest: &str) -> String {
    format!("kafka-soar parser sha256:{digest}\n")
}

/// A signature as it came with a component. Whether it is well-formed, let alone anyone's, is
/// only asked when a policy asks for signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Where it is from, for messages: a path or the field.
    origin: String,
    text: String,
}

impl Signature {
    /// What the field `message_parser_signature` names or holds.
    pub(super) fn given(value: &str) -> Result<Self, Fault> {
        let signature = Self {
            origin: FIELD.to_owned(),
            text: value.to_owned(),
        };
        if signature.decode().is_ok() {
            return Ok(signature);
        }
        if value.len() > 4096 || value.contains(['\n', '\0']) {
            let problem = "neither a path nor a signature, but other text";
            return Err(Fault::new(FIELD, problem, REMEDY));
        }
        // A signature that was cut off looks like the path of a file that isn't there.
        Self::read(Path::new(value)).map_err(|fault| Fault {
            remedy: REMEDY.to_owned(),
            ..fault
        })
    }

    /// The file beside a component: its name with `.sig` after it. `None` when there is none.
    pub(super) fn beside(component: &Path) -> Result<Option<Self>, Fault> {
        let path = Self::path_beside(component);
        match path.symlink_metadata() {
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::InvalidFilename) => {
                Ok(None)
            }
            _ => Self::read(&path).map(Some),
        }
    }

    /// Where a component's signature is looked for.
    #[must_use]
    pub fn path_beside(component: &Path) -> PathBuf {
        let mut name = OsString::from(component);
        name.push(".sig");
        name.into()
    }

    /// Reads the file `given`, or else the one beside the component, if there is one.
    ///
    /// # Errors
    ///
    /// A fault that names the file that can't be read.
    pub fn of(component: &Path, given: Option<&Path>) -> Result<Option<Self>, Fault> {
        match given {
            Some(path) => Self::read(path).map(Some),
            None => Self::beside(component),
        }
    }

    fn read(path: &Path) -> Result<Self, Fault> {
        let bytes = files::read(FIELD, path, MAX_FILE)?;
        Ok(Self {
            origin: shorten(&path.display().to_string(), 300).into_owned(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    /// Where it is from, for messages.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The signature's bytes.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, without quoting it.
    pub fn decode(&self) -> Result<[u8; BYTES], String> {
        let text = self.text.trim_ascii();
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        let bytes = STANDARD
            .decode(text)
            .map_err(|e| format!("it is not one line of base64: {e}"))?;
        let found = bytes.len();
        bytes
            .try_into()
            .map_err(|_| format!("it has {found} bytes, and an Ed25519 signature has {BYTES}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<[u8; BYTES], String> {
        let signature = Signature {
            origin: "here".into(),
            text: text.into(),
        };
        signature.decode()
    }

    #[test]
    fn one_line_of_base64_is_a_signature() {
        let text = STANDARD.encode([7; BYTES]);
        assert_eq!(of(&text), Ok([7; BYTES]));
        assert_eq!(of(&format!("{text}\n")), Ok([7; BYTES]));
    }

    #[test]
    fn garbage_is_none() {
        let text = STANDARD.encode([7; BYTES]);
        for (bad, why) in [
            ("", "empty"),
            (" \n", "empty"),
            ("no signature", "not one line of base64"),
            (&text[..80], "it has 60 bytes"),
            (&text[..86], "not one line of base64"),
            (&format!("{}\n{}", &text[..40], &text[40..]), "not one line"),
            (&STANDARD.encode([7; 65]), "it has 65 bytes"),
            ("\u{fffd}\u{fffd}", "not one line of base64"),
        ] {
            let said = of(bad).unwrap_err();
            assert!(said.contains(why), "{bad:?}: {said}");
        }
    }

    #[test]
    fn the_field_holds_a_signature_or_names_one() {
        let text = STANDARD.encode([9; BYTES]);
        let held = Signature::given(&text).unwrap();
        assert_eq!((held.origin(), held.decode()), (FIELD, Ok([9; BYTES])));

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.wasm.sig");
        std::fs::write(&path, format!("{text}\n")).unwrap();
        let named = Signature::given(path.to_str().unwrap()).unwrap();
        assert_eq!(named.decode(), Ok([9; BYTES]));
        assert_eq!(named.origin(), path.to_str().unwrap());

        let missing = Signature::given("no/such.sig").unwrap_err();
        assert_eq!(missing.problem, "no/such.sig: no such file");
        let cut = Signature::given(&text[..80]).unwrap_err();
        assert!(cut.remedy.ends_with("one line of base64"), "{cut}");
        let long = Signature::given("a\nb").unwrap_err();
        assert!(long.problem.contains("neither a path nor a signature"));
    }

    #[test]
    fn the_file_beside_a_component_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let component = folder.path().join("p.wasm");
        assert_eq!(Signature::beside(&component), Ok(None));
        std::fs::write(folder.path().join("p.wasm.sig"), "x").unwrap();
        let found = Signature::beside(&component).unwrap().unwrap();
        assert!(found.origin().ends_with("p.wasm.sig"));
        // A pipe or a folder of that name is told, not taken for nothing.
        std::fs::create_dir(folder.path().join("q.wasm.sig")).unwrap();
        Signature::beside(&folder.path().join("q.wasm")).unwrap_err();
    }
}
