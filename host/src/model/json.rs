//! Members of a JSON object's text, looked at and replaced without parsing the rest.
//!
//! The text is valid JSON: the sandbox has checked it. What shows that it isn't is [`NotAnObject`].

use std::ops::Range;

use memchr::{memchr2, memmem};

/// The text is no JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a JSON object")]
pub struct NotAnObject;

/// What becomes of a member. Values are JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit<'a> {
    /// Whatever was there is replaced.
    Set(&'a str),
    /// For objects that lack it, or have null or an empty text there.
    Default(&'a str),
}

/// The value of a member, as JSON text; `None` when it is not there.
///
/// # Errors
///
/// [`NotAnObject`].
pub fn member<'a>(object: &'a str, key: &str) -> Result<Option<&'a str>, NotAnObject> {
    // Next to no key is spelt with escapes; one that doesn't occur at all is not there.
    let bytes = object.as_bytes();
    if memmem::find(bytes, key.as_bytes()).is_none() && memchr::memchr(b'\\', bytes).is_none() {
        return Ok(None);
    }
    let mut members = Members::of(bytes)?;
    while let Some(found) = members.next()? {
        if is(&object[found.key], key) {
            return Ok(Some(&object[found.value]));
        }
    }
    Ok(None)
}

/// The value of a member if it is a text with at least one character.
///
/// # Errors
///
/// [`NotAnObject`].
pub fn text(object: &str, key: &str) -> Result<Option<String>, NotAnObject> {
    let value = member(object, key)?;
    let text = value.and_then(|value| serde_json::from_str::<String>(value).ok());
    Ok(text.filter(|text| !text.is_empty()))
}

/// Whether the member has a value: not null and not an empty text.
///
/// # Errors
///
/// [`NotAnObject`].
pub fn has(object: &str, key: &str) -> Result<bool, NotAnObject> {
    Ok(member(object, key)?.is_some_and(is_something))
}

/// Appends `object` with its members edited: each in the place of the first of its name, or at the
/// end. Further members of the same name go.
///
/// # Errors
///
/// [`NotAnObject`]; part of it may have been appended.
pub fn edit(out: &mut String, object: &str, edits: &[(&str, Edit<'_>)]) -> Result<(), NotAnObject> {
    let mut members = Members::of(object.as_bytes())?;
    let mut done = vec![false; edits.len()];
    let mut separator = '{';
    let mut push = |out: &mut String, parts: &[&str]| {
        out.push(std::mem::replace(&mut separator, ','));
        for part in parts {
            out.push_str(part);
        }
    };
    while let Some(found) = members.next()? {
        let key = &object[found.key.clone()];
        let whole = &object[found.key.start - 1..found.value.end];
        let Some(at) = edits.iter().position(|(name, _)| is(key, name)) else {
            push(out, &[whole]);
            continue;
        };
        if std::mem::replace(&mut done[at], true) {
            continue;
        }
        match edits[at] {
            (_, Edit::Default(_)) if is_something(&object[found.value]) => push(out, &[whole]),
            (name, Edit::Set(value) | Edit::Default(value)) => {
                push(out, &["\"", name, "\":", value]);
            }
        }
    }
    for (_, (name, Edit::Set(value) | Edit::Default(value))) in
        done.iter().zip(edits).filter(|(done, _)| !**done)
    {
        push(out, &["\"", name, "\":", value]);
    }
    if separator == '{' {
        out.push('{');
    }
    out.push('}');
    Ok(())
}

fn is_something(value: &str) -> bool {
    !matches!(value, "null" | "\"\"")
}

/// A key may be spelt with escapes: `l\u0061bel` is `label` too.
fn is(typed: &str, key: &str) -> bool {
    typed == key
        || (typed.contains('\\')
            && serde_json::from_str::<String>(&format!("\"{typed}\"")).is_ok_and(|k| k == key))
}

/// Where a member stands: its key's letters (between the quotes) and its value.
struct Member {
    key: Range<usize>,
    value: Range<usize>,
}

struct Members<'a> {
    text: &'a [u8],
    at: usize,
    over: bool,
}

impl<'a> Members<'a> {
    fn of(text: &'a [u8]) -> Result<Self, NotAnObject> {
        let start = skip_space(text, 0);
        if text.get(start) != Some(&b'{') {
            return Err(NotAnObject);
        }
        let at = skip_space(text, start + 1);
        let over = text.get(at) == Some(&b'}');
        Ok(Self { text, at, over })
    }

    fn next(&mut self) -> Result<Option<Member>, NotAnObject> {
        if self.over {
            return Ok(None);
        }
        self.step().map(Some).ok_or(NotAnObject)
    }

    fn step(&mut self) -> Option<Member> {
        let text = self.text;
        let start = self.at;
        let key_end = skip_string(text, start)?;
        let colon = skip_space(text, key_end);
        if text.get(colon) != Some(&b':') {
            return None;
        }
        let value = skip_space(text, colon + 1);
        let end = skip_value(text, value)?;
        let after = skip_space(text, end);
        match text.get(after)? {
            b',' => self.at = skip_space(text, after + 1),
            b'}' => self.over = true,
            _ => return None,
        }
        Some(Member {
            key: start + 1..key_end - 1,
            value: value..end,
        })
    }
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn edited(object: &str, edits: &[(&str, Edit<'_>)]) -> String {
        let mut out = String::new();
        edit(&mut out, object, edits).unwrap();
        out
    }

    fn labelled(object: &str) -> String {
        edited(object, &[("label", Edit::Set("\"events\""))])
    }

    #[test]
    fn a_member_is_replaced_in_its_place() {
        assert_eq!(
            labelled(r#"{"name":"a","label":"mine","x":1}"#),
            r#"{"name":"a","label":"events","x":1}"#
        );
        assert_eq!(labelled(r#"{"label":null}"#), r#"{"label":"events"}"#);
        assert_eq!(
            labelled(r#"{"label" : {"label":"x"} , "b":2 }"#),
            r#"{"label":"events","b":2}"#
        );
    }

    #[test]
    fn a_missing_member_is_added() {
        assert_eq!(labelled("{}"), r#"{"label":"events"}"#);
        assert_eq!(
            labelled(" {\n \"a\" : [1, 2] \n} "),
            "{\"a\" : [1, 2],\"label\":\"events\"}"
        );
        assert_eq!(edited("{ }", &[]), "{}");
    }

    #[test]
    fn every_spelling_and_repetition_goes() {
        assert_eq!(
            labelled(r#"{"l\u0061bel":"evil","a":1,"label":"evil","\u006cabel":[{"label":1}]}"#),
            r#"{"label":"events","a":1}"#
        );
    }

    #[test]
    fn only_the_objects_own_key_is_touched() {
        for text in [
            r#"{"data":{"label":"inner"},"tags":["label"],"x":"\"label\":\"no\""}"#,
            r#"{"Label":"a","label ":"b","la\"bel":"c","label\\":"d","\ud800":"e"}"#,
            r#"{"a":-1.5e3,"b":true,"c":null,"d":"]}{[,:","e":[[],{}],"f":"\\"}"#,
        ] {
            let body = &text[..text.len() - 1];
            assert_eq!(labelled(text), format!(r#"{body},"label":"events"}}"#));
            assert_eq!(member(text, "label"), Ok(None));
        }
    }

    #[test]
    fn a_default_fills_what_is_empty() {
        let edits = [("s", Edit::Default("1")), ("l", Edit::Set("2"))];
        for (object, expected) in [
            (r#"{"s":"high"}"#, r#"{"s":"high","l":2}"#),
            (r#"{"s":"","l":5}"#, r#"{"s":1,"l":2}"#),
            (r#"{"s":null}"#, r#"{"s":1,"l":2}"#),
            ("{}", r#"{"s":1,"l":2}"#),
        ] {
            assert_eq!(edited(object, &edits), expected);
        }
    }

    #[test]
    fn members_are_found() {
        let object = r#"{ "a" : {"b":1}, "b":"x", "c":"", "\u0064": "é" }"#;
        assert_eq!(member(object, "a"), Ok(Some(r#"{"b":1}"#)));
        assert_eq!(text(object, "b"), Ok(Some("x".into())));
        assert_eq!(text(object, "d"), Ok(Some("é".into())));
        assert_eq!((text(object, "a"), text(object, "c")), (Ok(None), Ok(None)));
        assert_eq!((has(object, "a"), has(object, "c")), (Ok(true), Ok(false)));
        assert_eq!(has(object, "z"), Ok(false));
    }

    #[test]
    fn what_is_edited_is_json_again() {
        let text = "{ \"a\" : 1 ,\r\n\t\"label\":\"x\" , \"b\" : [ true , { } ] }";
        let found: Value = serde_json::from_str(&labelled(text)).unwrap();
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
            let edits = [("x", Edit::Set("1"))];
            assert_eq!(
                edit(&mut String::new(), text, &edits),
                Err(NotAnObject),
                "{text}"
            );
        }
    }
}
