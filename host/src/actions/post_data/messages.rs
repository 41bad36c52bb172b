//! The messages that a post consists of.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// How deep JSON may nest: as deep as `serde_json` reads otherwise.
const MAX_DEPTH: usize = 128;

/// The messages in `data`, or the action's status for data that can't be sent.
pub(super) fn from(data_type: &str, data: &str) -> Result<Vec<String>, String> {
    if data_type.eq_ignore_ascii_case("string") {
        Ok(vec![data.to_owned()])
    } else if data_type.eq_ignore_ascii_case("json") {
        from_json(data)
    } else {
        Err(format!("Invalid data_type given: {data_type}"))
    }
}

/// A list gives a message an element, anything else one message.
fn from_json(data: &str) -> Result<Vec<String>, String> {
    let undecodable =
        |error: &dyn fmt::Display| format!("Supplied data could not be decoded as JSON: {error}");
    let whole: &RawValue = serde_json::from_str(data).map_err(|error| undecodable(&error))?;
    let elements: Vec<&RawValue> = if whole.get().starts_with('[') {
        serde_json::from_str(whole.get()).map_err(|error| undecodable(&error))?
    } else {
        vec![whole]
    };
    if elements.is_empty() {
        return Err(
            "Got an empty list as message to send. To send an empty list, try '[[]]'".to_owned(),
        );
    }
    elements
        .into_iter()
        .map(|element| pretty(element).map_err(|error| undecodable(&error)))
        .collect()
}

/// A JSON value, indented by four and with every character that may stand for itself doing so:
/// Python's `json.dumps(indent=4, ensure_ascii=False)`. Numbers stay as they were typed.
fn pretty(value: &RawValue) -> Result<String, serde_json::Error> {
    let mut out = String::with_capacity(value.get().len() * 2);
    write(value, 0, &mut out)?;
    Ok(out)
}

fn write(value: &RawValue, depth: usize, out: &mut String) -> Result<(), serde_json::Error> {
    use serde::de::Error as _;
    if depth > MAX_DEPTH {
        return Err(serde_json::Error::custom(format!(
            "nested deeper than {MAX_DEPTH} levels"
        )));
    }
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text)?;
            items(out, depth, ('{', '}'), members, |(name, value), out| {
                out.push_str(&serde_json::to_string(&name)?);
                out.push_str(": ");
                write(value, depth + 1, out)
            })
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(text)?;
            items(out, depth, ('[', ']'), elements, |value, out| {
                write(value, depth + 1, out)
            })
        }
        Some(b'"') => {
            let string: Cow<'_, str> = serde_json::from_str(text)?;
            out.push_str(&serde_json::to_string(&string)?);
            Ok(())
        }
        _ => {
            out.push_str(text);
            Ok(())
        }
    }
}

fn items<T>(
    out: &mut String,
    depth: usize,
    (open, close): (char, char),
    items: Vec<T>,
    mut item: impl FnMut(T, &mut String) -> Result<(), serde_json::Error>,
) -> Result<(), serde_json::Error> {
    let indent = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    };
    let any = !items.is_empty();
    out.push(open);
    for (i, value) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        indent(out, depth + 1);
        item(value, out)?;
    }
    if any {
        indent(out, depth);
    }
    out.push(close);
    Ok(())
}

/// An object's members in their order. Of members with one name the last counts, in the place
/// of the first, as in Python.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(String, &'de RawValue)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            if let Some(&place) = places.get(&name) {
                let member: &mut (String, &RawValue) = &mut members[place];
                member.1 = value;
            } else {
                places.insert(name.clone(), members.len());
                members.push((name, value));
            }
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_sent_as_it_is() {
        assert_eq!(
            from("string", " [1] \u{1f600}").unwrap(),
            [" [1] \u{1f600}"]
        );
        assert_eq!(from("string", "").unwrap(), [""]);
        assert_eq!(
            from("xml", "<a/>").unwrap_err(),
            "Invalid data_type given: xml"
        );
    }

    #[test]
    fn an_object_is_indented_and_otherwise_kept() {
        let typed = r#" {"z": 1.50, "a": [1e400, {}, []], "n": 123456789012345678901234567890,
            "\u00e9": "\u65e5\ud83d\ude00 \u0001\"\\\/ \u007f", "t": true, "z": null} "#;
        let expected = "{\n    \"z\": null,\n    \"a\": [\n        1e400,\n        {},\n        []\n    ],\n    \"n\": 123456789012345678901234567890,\n    \"é\": \"日\u{1f600} \\u0001\\\"\\\\/ \u{7f}\",\n    \"t\": true\n}";
        assert_eq!(from("JSON", typed).unwrap(), [expected]);
    }

    #[test]
    fn a_list_is_a_message_an_element() {
        assert_eq!(
            from("JSON", r#"["a", 1, {"k": 0}]"#).unwrap(),
            ["\"a\"", "1", "{\n    \"k\": 0\n}"]
        );
    }

    #[test]
    fn a_list_in_extra_brackets_is_sent_as_such() {
        assert_eq!(from("JSON", "[[1, 2]]").unwrap(), ["[\n    1,\n    2\n]"]);
        assert_eq!(from("JSON", "[[]]").unwrap(), ["[]"]);
        assert_eq!(
            from("JSON", " [ ] ").unwrap_err(),
            "Got an empty list as message to send. To send an empty list, try '[[]]'"
        );
    }

    #[test]
    fn what_is_not_json_is_refused_with_the_place() {
        for bad in ["", "{", "{'a': 1}", "NaN", "[1] 2", r#""\ud800""#] {
            let error = from("JSON", bad).unwrap_err();
            assert!(
                error.starts_with("Supplied data could not be decoded as JSON: "),
                "{bad}: {error}"
            );
        }
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(from("JSON", &deep).unwrap_err().contains("nested deeper"));
    }
}
