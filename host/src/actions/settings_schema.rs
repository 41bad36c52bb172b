//! What a parser says that its settings look like: a JSON Schema (2020-12) in its custom section
//! `kafka-soar:settings-schema`.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;
use wasmparser::{Parser as Reader, Payload};

use crate::model::text::shorten;

/// The custom section's name. It stands in the component, or in a core module in it, which is
/// where compilers can put it.
const SECTION: &str = "kafka-soar:settings-schema";

/// Bytes of the largest schema that is read.
const MAX_BYTES: usize = 256 << 10;
/// Lists and objects inside one another: whoever reads a schema goes down as deep.
const MAX_DEPTH: usize = 32;
/// Bytes of the automaton that a pattern becomes.
const MAX_PATTERN: usize = 1 << 20;
/// Definitions that a check may go through, each as often as others refer to it.
const MAX_REFERENCES: usize = 10_000;
/// Faults of settings that are told.
const FAULTS: usize = 10;
/// Characters of a fault.
const FAULT: usize = 300;

/// The settings that a parser wants.
pub(crate) struct SettingsSchema {
    pub(crate) text: Value,
    validator: Validator,
}

impl SettingsSchema {
    /// The schema in a component that has been admitted; `None` when it has none.
    ///
    /// # Errors
    ///
    /// Why the section can't be used, in words without the parser's power over a terminal.
    pub(crate) fn of(component: &[u8]) -> Result<Option<Self>, String> {
        section(component)?.map(Self::read).transpose()
    }

    fn read(section: &[u8]) -> Result<Self, String> {
        if section.len() > MAX_BYTES {
            return Err(format!(
                "it has {} bytes, more than {MAX_BYTES}",
                section.len()
            ));
        }
        let text: Value =
            serde_json::from_slice(section).map_err(|e| format!("it is not JSON: {e}"))?;
        if depth(&text) > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        check_references(&text)?;
        let validator = jsonschema::options()
            .with_draft(Draft::Draft202012)
            // Patterns are the parser's: none may take time without end.
            .with_pattern_options(
                PatternOptions::regex()
                    .size_limit(MAX_PATTERN)
                    .dfa_size_limit(MAX_PATTERN),
            )
            .offline()
            .build(&text)
            .map_err(|e| {
                let why = shorten(&e.to_string(), FAULT).into_owned();
                format!("it is no JSON Schema (2020-12): {why}")
            })?;
        Ok(Self { text, validator })
    }

    /// Whether settings are as the parser wants them.
    ///
    /// # Errors
    ///
    /// What isn't: a line a fault, with where it is.
    pub(crate) fn check(&self, settings: &Value) -> Result<(), Vec<String>> {
        let errors = self.validator.iter_errors(settings).take(FAULTS);
        let faults: Vec<_> = errors
            .map(|error| {
                let place = match error.instance_path().to_string() {
                    place if place.is_empty() => "the settings".to_owned(),
                    place => place,
                };
                shorten(&format!("{place}: {error}"), FAULT).into_owned()
            })
            .collect();
        if faults.is_empty() {
            return Ok(());
        }
        Err(faults)
    }
}

/// The section's contents.
fn section(component: &[u8]) -> Result<Option<&[u8]>, String> {
    let mut found = None;
    for payload in Reader::new(0).parse_all(component) {
        let payload = payload.map_err(|e| format!("the component can't be read: {e}"))?;
        if let Payload::CustomSection(section) = payload
            && section.name() == SECTION
            && found.replace(section.data()).is_some()
        {
            return Err(format!("there is more than one section {SECTION}"));
        }
    }
    Ok(found)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// References lead to definitions of the schema itself. A definition may name others, but none may
/// lead back to where it came from: that would be a check without end. Nor may they double from one
/// to the next, which would be one that nobody waits for.
fn check_references(schema: &Value) -> Result<(), String> {
    let Value::Object(members) = schema else {
        return Ok(());
    };
    let none = serde_json::Map::new();
    let definitions = members.get("$defs").and_then(Value::as_object);
    let definitions = definitions.unwrap_or(&none);
    // By number of definitions: a way that is longer goes in circles.
    let mut here = references(schema, true)?;
    let mut met = 0;
    for _ in 0..=definitions.len() {
        if here.is_empty() {
            return Ok(());
        }
        let mut next = Vec::new();
        for name in here {
            let Some(definition) = definitions.get(&name) else {
                let name = shorten(&name, 100);
                return Err(format!("it refers to {name}, which is not in its $defs"));
            };
            let found = references(definition, false)?;
            met += found.len();
            if met > MAX_REFERENCES {
                return Err(format!(
                    "its definitions refer to one another more than {MAX_REFERENCES} times in all"
                ));
            }
            next.extend(found);
        }
        here = next;
    }
    Err("its definitions refer to one another in circles".to_owned())
}

/// Names of the definitions that a schema refers to; its own definitions aside at the top.
fn references(schema: &Value, top: bool) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    match schema {
        Value::Array(items) => {
            for item in items {
                found.extend(references(item, false)?);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("$defs", _) if top => {}
                    ("$ref", Value::String(to)) => {
                        let name = to.strip_prefix("#/$defs/").filter(|n| !n.contains('/'));
                        let name = name.ok_or_else(|| {
                            let to = shorten(to, 100);
                            format!("it refers to {to}; references are #/$defs/NAME")
                        })?;
                        found.push(name.to_owned());
                    }
                    ("$dynamicRef" | "$recursiveRef", Value::String(_)) => {
                        return Err(format!("it has a {name}; references are $ref"));
                    }
                    // From there on references would mean something else.
                    ("$id", Value::String(_)) if !top => {
                        return Err("it has an $id inside; one schema is all there is".to_owned());
                    }
                    _ => found.extend(references(member, false)?),
                }
            }
        }
        _ => {}
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(schema: &Value) -> Result<SettingsSchema, String> {
        SettingsSchema::read(schema.to_string().as_bytes())
    }

    #[test]
    fn settings_are_held_against_the_schema() {
        let schema = schema(&json!({
            "type": "object",
            "properties": {"port": {"$ref": "#/$defs/port"}},
            "required": ["port"],
            "$defs": {"port": {"type": "integer", "maximum": 65535}},
        }))
        .unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(schema.check(&json!({"port": 1})), Ok(()));
        let faults = schema.check(&json!({"port": 70000})).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].starts_with("/port: 70000 is greater"),
            "{faults:?}"
        );
        let faults = schema.check(&json!({})).unwrap_err();
        assert!(
            faults[0].starts_with("the settings: \"port\" is"),
            "{faults:?}"
        );
    }

    #[test]
    fn what_would_check_without_end_is_refused() {
        let circle = json!({
            "$ref": "#/$defs/a",
            "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}},
        });
        let doubling: serde_json::Map<_, _> = (0..30)
            .map(|n| {
                let next = json!({"$ref": format!("#/$defs/{}", n + 1)});
                (n.to_string(), json!({"anyOf": [next, next]}))
            })
            .chain([("30".to_owned(), json!(true))])
            .collect();
        let doubling = json!({"$ref": "#/$defs/0", "$defs": doubling});
        let inside = json!({
            "not": {"$id": "x:y", "$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
            "$defs": {"a": {}},
        });
        let deep = (0..40).fold(json!({}), |schema, _| json!({ "not": schema }));
        for (text, why) in [
            (json!({"$ref": "#"}), "references are #/$defs/NAME"),
            (json!({"$ref": "https://example.com/a"}), "references are"),
            (json!({"$dynamicRef": "#a"}), "it has a $dynamicRef"),
            (json!({"$ref": "#/$defs/a"}), "not in its $defs"),
            (circle, "in circles"),
            (doubling, "more than 10000 times"),
            (inside, "$id inside"),
            (deep, "nested more than 32 deep"),
            (json!({"type": 7}), "no JSON Schema"),
            (json!({"pattern": "(a"}), "no JSON Schema"),
            (json!({"pattern": "(a{1000}){1000}"}), "no JSON Schema"),
        ] {
            let Err(error) = schema(&text) else {
                panic!("{text} is taken");
            };
            assert!(error.contains(why), "{error}");
        }
        assert!(SettingsSchema::read(b"{").is_err());
        let large = format!("{{\"title\": \"{}\"}}", "x".repeat(MAX_BYTES));
        assert!(SettingsSchema::read(large.as_bytes()).is_err());
    }

    #[test]
    fn the_section_may_stand_in_the_component_or_in_its_module() {
        const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
        const MODULE: &[u8] = b"\0asm\x01\0\0\0";
        let sized = |id: u8, parts: &[&[u8]]| {
            let body = parts.concat();
            [&[id, u8::try_from(body.len()).unwrap()][..], &body].concat()
        };
        let length = [u8::try_from(SECTION.len()).unwrap()];
        let custom = sized(0, &[&length, SECTION.as_bytes(), b"{}"]);
        let inside = sized(1, &[MODULE, &custom]);
        let none: Result<Option<&[u8]>, String> = Ok(None);
        assert_eq!(section(COMPONENT), none);
        for bytes in [[COMPONENT, &custom].concat(), [COMPONENT, &inside].concat()] {
            assert_eq!(section(&bytes), Ok(Some(&b"{}"[..])));
        }
        let twice = [COMPONENT, &custom, &inside].concat();
        assert!(section(&twice).unwrap_err().contains("more than one"));
    }
}
