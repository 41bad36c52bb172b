//! Untrusted text made fit to be shown: what a parser, a producer or a broker wrote must not be
//! able to move the cursor, hide itself or forge a line of a log.

use std::{borrow::Cow, fmt::Write as _};

/// Whether a terminal or a reader would act on the character instead of showing it: control
/// characters (C0, DEL, C1), line separators, and those that change the direction of text.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}'
        )
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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

/// At most `chars` characters (code points) of `text`, escaped; `…` stands for what was cut off.
#[must_use]
pub fn shorten(text: &str, chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(chars) {
        None => escape(text),
        Some((end, _)) => Cow::Owned(escape(&text[..end]).into_owned() + "…"),
    }
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
    fn cuts_fall_between_characters() {
        assert_eq!(shorten("🦀🦀🦀", 2), "🦀🦀…");
        assert_eq!(shorten("🦀🦀", 2), "🦀🦀");
        assert_eq!(shorten("a\nbc", 2), "a\\n…");
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 9), "aé");
    }
}
