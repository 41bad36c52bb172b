//! JSON objects in which a key stands once. JSON itself allows repeated keys and most readers
//! take the last one silently; in a configuration or a state that hides a mistake.

use std::{cell::RefCell, collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is not an object with unique keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ObjectError {
    /// Not JSON: what and where (`… at line 3 column 7`).
    Syntax(String),
    /// JSON, but another type: its name.
    Type(&'static str),
    /// Keys (paths like `ingest.container_label`) that occur more than once.
    Repeated(Vec<String>),
}

/// Reads the text of one JSON object, keeping the order of its keys.
pub(crate) fn object(text: &str) -> Result<Map<String, Value>, ObjectError> {
    let repeated = RefCell::default();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = Unique {
        path: String::new(),
        repeated: &repeated,
    };
    let value = seed
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|e| ObjectError::Syntax(e.to_string()))?;
    let repeated = repeated.into_inner();
    match value {
        _ if !repeated.is_empty() => Err(ObjectError::Repeated(repeated)),
        Value::Object(map) => Ok(map),
        other => Err(ObjectError::Type(type_name(&other))),
    }
}

/// A JSON value's type as a person calls it.
pub(crate) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

struct Unique<'a> {
    path: String,
    repeated: &'a RefCell<Vec<String>>,
}

impl Unique<'_> {
    fn below(&self, step: &str) -> Self {
        let path = match self.path.as_str() {
            "" => step.to_owned(),
            path => format!("{path}.{step}"),
        };
        Self { path, ..*self }
    }
}

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(v)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = seq.next_element_seed(self.below(&list.len().to_string()))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let mut named = HashSet::new();
        while let Some(key) = access.next_key::<String>()? {
            let below = self.below(&key);
            if map.contains_key(&key) && named.insert(key.clone()) {
                self.repeated.borrow_mut().push(below.path.clone());
            }
            map.insert(key, access.next_value_seed(below)?);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_its_order_and_values() {
        let text = r#"{"b":1,"a":[true,null,{"x":-2.5}],"c":"é"}"#;
        let map = object(text).unwrap();
        assert_eq!(serde_json::to_string(&map).unwrap(), text);
    }

    #[test]
    fn repeated_keys_are_found_at_any_depth_and_named_once() {
        assert_eq!(
            object(r#"{"a":{"b":[{"c":1,"c":2,"c":3}]},"d":1,"d":2}"#),
            Err(ObjectError::Repeated(vec!["a.b.0.c".into(), "d".into()]))
        );
    }

    #[test]
    fn other_json_and_no_json_are_told_apart() {
        assert_eq!(object("[1]"), Err(ObjectError::Type("a list")));
        let Err(ObjectError::Syntax(what)) = object("{\"a\": 1,\n}") else {
            panic!()
        };
        assert_eq!(what, "trailing comma at line 2 column 1");
        assert!(matches!(object("{} x"), Err(ObjectError::Syntax(_))));
        assert!(matches!(
            object(r#"{"a":NaN}"#),
            Err(ObjectError::Syntax(_))
        ));
        assert!(matches!(
            object(r#"{"a":1e999}"#),
            Err(ObjectError::Syntax(_))
        ));
    }
}
