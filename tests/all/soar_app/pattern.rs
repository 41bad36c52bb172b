//! What cases expect: JSON in whose texts `*` stands for anything and `?` for one character. `"*"`
//! alone is any value.

use serde_json::Value;

/// What of `found` is not as `expected`: the path and both.
pub(super) fn difference(expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::String(pattern), _) if pattern == "*" => None,
        (Value::String(pattern), Value::String(text)) if matches(pattern, text) => None,
        (Value::Object(expected), Value::Object(found)) => {
            let lacking = expected.keys().find(|key| !found.contains_key(*key));
            let more = found.keys().find(|key| !expected.contains_key(*key));
            if let Some(key) = lacking.or(more) {
                return Some(format!(".{key} is in one only: {expected:?}, {found:?}"));
            }
            expected.iter().find_map(|(key, expected)| {
                difference(expected, &found[key]).map(|path| format!(".{key}{path}"))
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let mut pairs = expected.iter().zip(found).enumerate();
            pairs.find_map(|(i, (expected, found))| {
                difference(expected, found).map(|path| format!("[{i}]{path}"))
            })
        }
        _ if expected == found => None,
        _ => Some(format!(": expected {expected}, found {found}")),
    }
}

pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut pattern_chars = pattern.chars();
    match pattern_chars.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = pattern_chars.as_str();
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| matches(rest, &text[at..]))
        }
        Some(wanted) => {
            let mut chars = text.chars();
            let fits = chars.next().is_some_and(|c| wanted == '?' || wanted == c);
            fits && matches(pattern_chars.as_str(), chars.as_str())
        }
    }
}

#[test]
fn patterns_match_what_they_say() {
    use serde_json::json;
    for (pattern, text) in [
        ("a*c", "abbc"),
        ("*", ""),
        ("a?", "ab"),
        ("*x*", "x"),
        ("é?", "éé"),
    ] {
        assert!(matches(pattern, text), "{pattern}");
    }
    for (pattern, text) in [("a*c", "abb"), ("a?", "a"), ("", "a")] {
        assert!(!matches(pattern, text), "{pattern}");
    }
    assert_eq!(
        difference(&json!({"a": ["*", "x*"]}), &json!({"a": [1, "xy"]})),
        None
    );
    for found in [
        json!({"a": [1]}),
        json!({"a": [1, "y"]}),
        json!({"a": [1, "x"], "b": 1}),
        json!(1),
    ] {
        assert!(
            difference(&json!({"a": ["*", "x*"]}), &found).is_some(),
            "{found}"
        );
    }
}
