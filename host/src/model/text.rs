//! Untrusted text made fit to be shown: what a parser, a producer or a broker wrote must not be
//! able to move the cursor, hide itself or forge a line of a log.

use std::{borrow::Cow, fmt::Write as _};

/// Whether a terminal or a reader would act on the character instead of showing it: control
/// characters (C0, DEL, C1), separators of lines, what changes the direction of text, and what
/// shows nothing at all (of width zero, byte order marks, tags).
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` with every active character written as an escape (`\n`, `\u{1b}`). Borrowed when there
/// is none.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_active) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_active(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// JSON text that means the same, with every active character in it written as an escape
/// (`\u009b`). White space between tokens stays.
#[must_use]
pub fn escape_json(json: &str) -> Cow<'_, str> {
    // Below the space JSON has nothing raw but white space between tokens.
    let is_raw = |c: char| c >= ' ' && is_active(c);
    if !json.contains(is_raw) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_raw(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// At most `chars` characters (code points) of `text`, escaped; `…` stands for what was cut off.
#[must_use]
pub fn shorten(text: &str, chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(chars) {
        None => escape(text),
        Some((end, _)) => Cow::Owned(escape(&text[..end]).into_owned() + "…"),
    }
}

/// `text` with its line breaks kept and everything else escaped. All lines but the first are
/// indented, so that none of them can be taken for a line of a log.
#[must_use]
pub fn indent(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().split('\n').map(escape).collect();
    lines.join("\n    ")
}

/// At most `bytes` bytes of `text`, cut at a character boundary. Not escaped.
#[must_use]
pub fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(
            escape("naïve 日本 🦀 \\n"),
            Cow::Borrowed("naïve 日本 🦀 \\n")
        ));
    }

    #[test]
    fn active_characters_are_written_out() {
        assert_eq!(escape("a\nb\r\tc"), "a\\nb\\r\\tc");
        assert_eq!(
            escape("\x1b[2J\x07\x7f\u{9b}"),
            "\\u{1b}[2J\\u{7}\\u{7f}\\u{9b}"
        );
        assert_eq!(
            escape("\u{202e}gpj.exe\u{2069}"),
            "\\u{202e}gpj.exe\\u{2069}"
        );
        assert_eq!(escape("a\u{2028}b\0"), "a\\u{2028}b\\u{0}");
    }

    #[test]
    fn nothing_hides_reorders_or_forges_a_line() {
        let ranges = [
            '\0'..='\u{1f}',
            '\u{7f}'..='\u{9f}',
            '\u{200b}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2060}'..='\u{206f}',
            '\u{feff}'..='\u{feff}',
            '\u{e0000}'..='\u{e007f}',
        ];
        for c in ranges.into_iter().flatten() {
            let shown = escape(&format!("a{c}b")).into_owned();
            assert!(
                shown.is_ascii() && !shown.contains(char::is_control),
                "{shown:?}"
            );
            let json = format!("[\"a{c}b\"]");
            if c >= ' ' {
                let escaped = escape_json(&json);
                assert!(escaped.is_ascii(), "{escaped}");
                let read: Vec<String> = serde_json::from_str(&escaped).unwrap();
                assert_eq!(read, [format!("a{c}b")]);
            }
        }
    }

    #[test]
    fn json_keeps_its_white_space_and_its_letters() {
        let json = "{\n\t\"é\": \"🦀\\u001b\"\r\n}";
        assert!(matches!(escape_json(json), Cow::Borrowed(same) if same == json));
    }

    #[test]
    fn lines_are_kept_and_told_from_those_of_a_log() {
        assert_eq!(indent("one"), "one");
        assert_eq!(
            indent("one\nERROR two\r\n\u{1b}[2Jthree\n"),
            "one\n    ERROR two\\r\n    \\u{1b}[2Jthree"
        );
    }

    #[test]
    fn cuts_fall_between_characters() {
        assert_eq!(shorten("🦀🦀🦀", 2), "🦀🦀…");
        assert_eq!(shorten("🦀🦀", 2), "🦀🦀");
        assert_eq!(shorten("a\nbc", 2), "a\\n…");
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 9), "aé");
    }
}
