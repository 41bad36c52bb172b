//! The asset's label in a parser's container, without parsing the container.

use memchr::memchr2;

/// The members of a JSON object's text: for each, where its key's letters (between the quotes)
/// and the whole member (key to value) stand. The text must be valid JSON; `None` when it shows
/// that it isn't.
fn members(text: &[u8]) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    let mut at = skip_space(text, 0);
    if text.get(at) != Some(&b'{') {
        return None;
    }
    at = skip_space(text, at + 1);
    if text.get(at) == Some(&b'}') {
        return Some(members);
    }
    loop {
        let start = at;
        let key_end = skip_string(text, start)?;
        at = skip_space(text, key_end);
        if text.get(at) != Some(&b':') {
            return None;
        }
        let end = skip_value(text, skip_space(text, at + 1))?;
        members.push(Member {
            key: start + 1..key_end - 1,
            whole: start..end,
        });
        at = skip_space(text, end);
        match text.get(at)? {
            b',' => at = skip_space(text, at + 1),
            b'}' => return Some(members),
            _ => return None,
        }
    }
}

struct Member {
    key: std::ops::Range<usize>,
    whole: std::ops::Range<usize>,
}

/// Appends the container with `label` (JSON text of a string) as its only member `label`: in the
/// place of the first one, or at the end. `None` when the container isn't a JSON object.
pub(super) fn splice(out: &mut Vec<u8>, container: &str, label: &str) -> Option<()> {
    let text = container.as_bytes();
    let members = members(text)?;
    let mut labelled = false;
    out.push(b'{');
    let mut separate = separator();
    for member in members {
        if is_label(&container[member.key]) {
            if !labelled {
                separate(out);
                write_label(out, label);
            }
            labelled = true;
        } else {
            separate(out);
            out.extend_from_slice(&text[member.whole]);
        }
    }
    if !labelled {
        separate(out);
        write_label(out, label);
    }
    out.push(b'}');
    Some(())
}

/// Puts a comma before every member but the first.
fn separator() -> impl FnMut(&mut Vec<u8>) {
    let mut first = true;
    move |out| {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
    }
}

fn write_label(out: &mut Vec<u8>, label: &str) {
    out.extend_from_slice(b"\"label\":");
    out.extend_from_slice(label.as_bytes());
}

/// A key may be spelt with escapes: `l\u0061bel` is `label` too.
fn is_label(key: &str) -> bool {
    key == "label"
        || (key.contains('\\')
            && serde_json::from_str::<String>(&format!("\"{key}\"")).is_ok_and(|k| k == "label"))
}

fn skip_space(text: &[u8], from: usize) -> usize {
    let space = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
    text.iter()
        .skip(from)
        .position(|b| !space(b))
        .map_or(text.len(), |n| from + n)
}

/// The place after the string that begins at `from`.
fn skip_string(text: &[u8], from: usize) -> Option<usize> {
    if text.get(from) != Some(&b'"') {
        return None;
    }
    let mut at = from + 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// The place after the value that begins at `from`.
fn skip_value(text: &[u8], from: usize) -> Option<usize> {
    match text.get(from)? {
        b'"' => skip_string(text, from),
        b'{' | b'[' => {
            let (mut at, mut depth) = (from, 0_usize);
            loop {
                match text.get(at)? {
                    b'"' => {
                        at = skip_string(text, at)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => {
            let end = |b: &u8| matches!(b, b',' | b'}' | b' ' | b'\t' | b'\n' | b'\r');
            let length = text[from..].iter().position(end)?;
            (length > 0).then_some(from + length)
        }
    }
}

/// Appends JSON without its line breaks. They can only stand between tokens, where they mean
/// nothing: in a string JSON wants them escaped.
pub(super) fn push_on_one_line(out: &mut Vec<u8>, json: &str) {
    let mut rest = json.as_bytes();
    // Nearly always there is none: one pass of memchr and one copy.
    while let Some(at) = memchr2(b'\n', b'\r', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spliced(container: &str) -> String {
        let mut out = Vec::new();
        splice(&mut out, container, "\"events\"").unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_label_is_replaced_in_its_place() {
        assert_eq!(
            spliced(r#"{"name":"a","label":"mine","x":1}"#),
            r#"{"name":"a","label":"events","x":1}"#
        );
        assert_eq!(spliced(r#"{"label":null}"#), r#"{"label":"events"}"#);
        assert_eq!(
            spliced(r#"{"label" : {"label":"x"} , "b":2 }"#),
            r#"{"label":"events","b":2}"#
        );
    }

    #[test]
    fn a_missing_label_is_added() {
        assert_eq!(spliced("{}"), r#"{"label":"events"}"#);
        assert_eq!(
            spliced(" {\n \"a\" : [1, 2] \n} "),
            "{\"a\" : [1, 2],\"label\":\"events\"}"
        );
    }

    #[test]
    fn every_spelling_and_repetition_goes() {
        assert_eq!(
            spliced(r#"{"l\u0061bel":"evil","a":1,"label":"evil","\u006cabel":[{"label":1}]}"#),
            r#"{"label":"events","a":1}"#
        );
    }

    #[test]
    fn only_the_containers_own_key_is_touched() {
        for text in [
            r#"{"data":{"label":"inner"},"tags":["label"],"x":"\"label\":\"no\""}"#,
            r#"{"Label":"a","label ":"b","la\"bel":"c","label\\":"d","\ud800":"e"}"#,
            r#"{"a":-1.5e3,"b":true,"c":null,"d":"]}{[,:","e":[[],{}],"f":"\\"}"#,
        ] {
            let body = &text[..text.len() - 1];
            assert_eq!(spliced(text), format!(r#"{body},"label":"events"}}"#));
        }
    }

    #[test]
    fn what_is_spliced_is_json_again() {
        let text = "{ \"a\" : 1 ,\r\n\t\"label\":\"x\" , \"b\" : [ true , { } ] }";
        let found: Value = serde_json::from_str(&spliced(text)).unwrap();
        assert_eq!(found, json!({"a": 1, "label": "events", "b": [true, {}]}));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in [
            "",
            "[]",
            "{",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1",
            "{\"a",
            "{a:1}",
            "{\"a\":[1}",
        ] {
            assert!(splice(&mut Vec::new(), text, "\"x\"").is_none(), "{text}");
        }
    }

    #[test]
    fn newlines_between_tokens_are_dropped() {
        let mut out = Vec::new();
        push_on_one_line(&mut out, "{\r\n  \"a\": \"b\\nc\"\n}");
        assert_eq!(out, b"{  \"a\": \"b\\nc\"}");
    }
}
