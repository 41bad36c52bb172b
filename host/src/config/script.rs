//! Python scripts as the original connector took them: a `parse_messages(topic, messages)`.

use std::path::Path;

use super::{ParserSource, Signature, component::Words};

/// Bytes of the largest script that is taken.
pub const MAX_SCRIPT_BYTES: usize = 4 << 20;

const ENTRY: &str = "parse_messages";

/// Whether a file is a script, by its name or by what it holds.
pub(super) fn is_one(path: Option<&Path>, bytes: &[u8]) -> bool {
    path.is_some_and(|path| {
        path.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("py"))
    }) || memchr::memmem::find(bytes, b"def parse_messages").is_some()
        || bytes.starts_with(b"#!/usr/bin/env python")
}

/// Whether the field's value is a script's text and not the path of a file. SOAR hands on the text
/// with the file's name.
pub(super) fn is_text(filename: Option<&str>, value: &str) -> bool {
    let lines = value.contains('\n');
    is_one(filename.map(Path::new), value.as_bytes()) || lines && value.contains(ENTRY)
}

/// A script that was read. What is wrong with it as Python is told when it runs.
pub(super) fn of_bytes(
    name: String,
    bytes: Vec<u8>,
    signature: Option<Signature>,
) -> Result<ParserSource, Words> {
    if bytes.trim_ascii().is_empty() {
        return Err((
            "the script is empty".to_owned(),
            "give one that defines parse_messages(topic, messages)",
        ));
    }
    if bytes.len() > MAX_SCRIPT_BYTES {
        return Err((
            format!(
                "a script of {} bytes, and {MAX_SCRIPT_BYTES} is the most that is taken",
                bytes.len()
            ),
            "take data out of it; what a parser needs a lot of belongs into a component",
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        (
            format!("a Python script that isn't UTF-8 text (at byte {at})"),
            "save it as UTF-8",
        )
    })?;
    Ok(ParserSource::Script {
        name,
        text,
        signature,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "def parse_messages(topic, messages):\n    return []\n";

    #[test]
    fn a_script_is_told_by_its_name_or_its_text() {
        let named = |name: &str, text: &str| is_one(Some(Path::new(name)), text.as_bytes());
        assert!(named("a/b.py", "anything"));
        assert!(named("a/B.PY", ""));
        assert!(named("parser.txt", SCRIPT));
        assert!(named("parser", "#!/usr/bin/env python3\nimport x\n"));
        assert!(!named("parser.wasm", "text"));

        assert!(is_text(None, SCRIPT));
        assert!(is_text(
            None,
            "from functools import partial\nparse_messages = partial(print)\n"
        ));
        assert!(is_text(
            Some("mine.py"),
            "parse_messages = lambda topic, messages: []"
        ));
        assert!(!is_text(None, "/srv/parse_messages.py"));
        assert!(!is_text(Some("mine.wasm"), "some other\ntext"));
    }

    #[test]
    fn what_can_be_no_script_is_told_before_it_runs() {
        let of = |bytes: &[u8]| of_bytes("p.py".into(), bytes.to_vec(), None);
        let fault = |bytes: &[u8]| of(bytes).unwrap_err().0;
        assert!(fault(b" \n").contains("empty"));
        assert!(fault(b"x = '\xe9'\n").contains("isn't UTF-8 text (at byte 5)"));
        let large = vec![b'#'; MAX_SCRIPT_BYTES + 1];
        assert!(fault(&large).contains("4194305 bytes"));
        let found = of(SCRIPT.as_bytes()).unwrap();
        let script = ParserSource::Script {
            name: "p.py".into(),
            text: SCRIPT.into(),
            signature: None,
        };
        assert_eq!(found, script);
    }
}
