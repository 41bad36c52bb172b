//! What a container and an artifact must look like. Where sources leave it open what SOAR does,
//! this refuses: a client that gets along here does so there.

use jiff::{Timestamp, civil};
use serde_json::{Map, Value};

use super::{
    fields::{ARTIFACT, CONTAINER, Kind},
    record::{Artifact, Container},
};
use crate::model::text::shorten;

/// Characters of a value that a message shows.
const SHOWN: usize = 80;

/// What an administrator of SOAR has set up.
pub(super) struct Rules {
    pub(super) labels: Vec<String>,
    pub(super) severities: Vec<String>,
}

type Object = Map<String, Value>;

impl Rules {
    /// The container in `body`, with its artifacts; or what is wrong with it.
    pub(super) fn container(&self, mut body: Object) -> Result<Container, String> {
        self.fields("container", &body, CONTAINER)?;
        for required in ["name", "label"] {
            if !body.contains_key(required) {
                return Err(format!("container: {required} is missing"));
            }
        }
        let mut artifacts = Vec::new();
        if let Some(Value::Array(list)) = body.shift_remove("artifacts") {
            for (i, artifact) in list.into_iter().enumerate() {
                let what = format!("artifacts[{i}]");
                let Value::Object(artifact) = artifact else {
                    return Err(format!("{what} is {}, not an object", shown(&artifact)));
                };
                if artifact.contains_key("container_id") {
                    return Err(format!(
                        "{what}: container_id is given, but an artifact that comes with its \
                         container belongs to it: leave it out"
                    ));
                }
                artifacts.push(self.artifact(&what, artifact)?);
            }
        }
        Ok(Container {
            asset: body.get("asset_id").and_then(Value::as_i64),
            identifier: text(&body, "source_data_identifier"),
            name: text(&body, "name"),
            label: text(&body, "label"),
            body: Value::Object(body).to_string(),
            artifacts,
        })
    }

    /// The artifact in `body`, for a container that is there already: its id as well.
    pub(super) fn lone_artifact(&self, body: Object) -> Result<(i64, Artifact), String> {
        let what = "artifact";
        self.fields(what, &body, ARTIFACT)?;
        match body.get("container_id").and_then(Value::as_i64) {
            Some(container) => Ok((container, self.artifact(what, body)?)),
            None => Err(format!("{what}: container_id is missing")),
        }
    }

    fn artifact(&self, what: &str, mut body: Object) -> Result<Artifact, String> {
        self.fields(what, &body, ARTIFACT)?;
        body.shift_remove("container_id");
        Ok(Artifact {
            identifier: text(&body, "source_data_identifier"),
            name: text(&body, "name"),
            label: text(&body, "label"),
            body: Value::Object(body).to_string(),
        })
    }

    fn fields(&self, what: &str, body: &Object, known: &[(&str, Kind)]) -> Result<(), String> {
        for (field, value) in body {
            let Some((_, kind)) = known.iter().find(|(name, _)| name == field) else {
                let field = shorten(field, SHOWN);
                return Err(format!("{what}: there is no field {field}: leave it out"));
            };
            self.value(kind, value).map_err(|must| {
                format!("{what}: {field} is {}, but must be {must}", shown(value))
            })?;
        }
        Ok(())
    }

    /// What a value of this kind must be, if this one isn't.
    fn value(&self, kind: &Kind, value: &Value) -> Result<(), String> {
        let (fits, must) = match kind {
            Kind::Text => (value.is_string(), "text"),
            Kind::Filled => (is_filled(value), "text that is not empty"),
            Kind::Flag => (value.is_boolean(), "true or false"),
            Kind::Id => (is_id(value), "a positive integer"),
            Kind::IdOrName => (
                is_id(value) || is_filled(value),
                "a positive integer or a name",
            ),
            Kind::Time => (is_time(value), "a time after ISO 8601, as text"),
            Kind::Object => (value.is_object(), "an object"),
            Kind::Texts => (all(value, is_filled), "a list of texts"),
            Kind::Ids => (all(value, is_id), "a list of positive integers"),
            Kind::Objects => (value.is_array(), "a list of objects"),
            Kind::Types => (is_types(value), "an object of lists of texts"),
            Kind::Label => return one_of(value, &self.labels, "label"),
            Kind::Severity => return one_of(value, &self.severities, "severity"),
            Kind::OneOf(what, list) => return one_of(value, list, what),
        };
        if fits { Ok(()) } else { Err(must.to_owned()) }
    }
}

fn one_of<T: AsRef<str>>(value: &Value, list: &[T], what: &str) -> Result<(), String> {
    let known = value
        .as_str()
        .is_some_and(|text| list.iter().any(|known| known.as_ref() == text));
    if known {
        return Ok(());
    }
    let list: Vec<&str> = list.iter().map(AsRef::as_ref).collect();
    Err(format!("a {what} that exists: {}", list.join(", ")))
}

fn is_filled(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

fn is_id(value: &Value) -> bool {
    value.as_i64().is_some_and(|id| id > 0)
}

fn is_time(value: &Value) -> bool {
    let Some(text) = value.as_str() else {
        return false;
    };
    text.parse::<Timestamp>().is_ok() || text.parse::<civil::DateTime>().is_ok()
}

fn is_types(value: &Value) -> bool {
    let lists = |map: &Object| map.values().all(|types| all(types, is_filled));
    value.as_object().is_some_and(lists)
}

fn all(value: &Value, fits: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(fits))
}

fn text(body: &Object, field: &str) -> Option<String> {
    body.get(field)?.as_str().map(str::to_owned)
}

/// A value as a message shows it.
pub(super) fn shown(value: &Value) -> String {
    shorten(&value.to_string(), SHOWN).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules() -> Rules {
        Rules {
            labels: vec!["events".into()],
            severities: vec!["high".into(), "low".into()],
        }
    }

    fn with(body: Value, field: &str, value: &Value) -> Object {
        let Value::Object(mut body) = body else {
            panic!("an object")
        };
        body.insert(field.to_owned(), value.clone());
        body
    }

    fn container(field: &str, value: &Value) -> Result<Container, String> {
        rules().container(with(json!({"name": "n", "label": "events"}), field, value))
    }

    fn artifact(field: &str, value: &Value) -> Result<(i64, Artifact), String> {
        rules().lone_artifact(with(json!({"container_id": 1}), field, value))
    }

    /// A value that fits each kind, and some that don't.
    fn samples(kind: &Kind) -> (Value, Vec<Value>) {
        match kind {
            Kind::Text => (json!(""), vec![json!(1), json!(null)]),
            Kind::Filled => (json!("x"), vec![json!(""), json!(" "), json!(1)]),
            Kind::Flag => (json!(false), vec![json!("false"), json!(0)]),
            Kind::Id => (json!(7), vec![json!(0), json!(-1), json!("7"), json!(1.5)]),
            Kind::IdOrName => (json!("root"), vec![json!(0), json!(""), json!([1])]),
            Kind::Time => (
                json!("2026-11-24T12:00:00.5+01:00"),
                vec![
                    json!("yesterday"),
                    json!(1_700_000_000),
                    json!("2026-13-01T00:00:00Z"),
                ],
            ),
            Kind::Object => (json!({"a": [1]}), vec![json!("{}"), json!([])]),
            Kind::Texts => (json!(["a"]), vec![json!("a"), json!([1]), json!([""])]),
            Kind::Ids => (json!([1]), vec![json!(1), json!(["1"])]),
            Kind::Objects => (json!([]), vec![json!({}), json!([1]), json!([{"x": 1}])]),
            Kind::Types => (
                json!({"a": ["ip"]}),
                vec![json!({"a": "ip"}), json!(["ip"])],
            ),
            Kind::Label => (
                json!("events"),
                vec![json!("Events"), json!(""), json!(null)],
            ),
            Kind::Severity => (json!("low"), vec![json!("medium"), json!("Low"), json!(1)]),
            Kind::OneOf(_, list) => (json!(list[0]), vec![json!("no such"), json!(0)]),
        }
    }

    #[test]
    fn every_field_of_a_container_takes_its_kind_and_no_other() {
        for (field, kind) in CONTAINER {
            let (good, bad) = samples(kind);
            assert!(container(field, &good).is_ok(), "{field}: {good}");
            for value in bad {
                let refused = container(field, &value).err();
                let message = refused.unwrap_or_else(|| panic!("{field} takes {value}"));
                assert!(
                    message.contains(field) || *field == "artifacts",
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn every_field_of_an_artifact_takes_its_kind_and_no_other() {
        for (field, kind) in ARTIFACT {
            let (good, bad) = samples(kind);
            assert!(artifact(field, &good).is_ok(), "{field}: {good}");
            for value in bad {
                let refused = artifact(field, &value).err();
                let message = refused.unwrap_or_else(|| panic!("{field} takes {value}"));
                assert!(message.contains(field), "{message}");
            }
        }
    }

    #[test]
    fn messages_name_the_field_the_value_and_what_to_give() {
        let message = |field: &str, value: &Value| container(field, value).err().unwrap();
        assert_eq!(
            message("severity", &json!("worst")),
            "container: severity is \"worst\", but must be a severity that exists: high, low"
        );
        assert_eq!(
            message("colour", &json!("red")),
            "container: there is no field colour: leave it out"
        );
        assert_eq!(
            message("artifacts", &json!([{}, {"cef": 5}])),
            "artifacts[1]: cef is 5, but must be an object"
        );
        assert_eq!(
            message("artifacts", &json!([{"container_id": 5}])),
            "artifacts[0]: container_id is given, but an artifact that comes with its container \
             belongs to it: leave it out"
        );
        assert!(message("name", &json!("")).contains("name is \"\""));
    }

    #[test]
    fn what_is_required_must_be_there() {
        let missing = |body: Value| {
            let Value::Object(body) = body else { panic!() };
            rules().container(body).err().unwrap()
        };
        assert_eq!(
            missing(json!({"label": "events"})),
            "container: name is missing"
        );
        assert_eq!(missing(json!({"name": "n"})), "container: label is missing");
        let lone = rules().lone_artifact(Map::new()).err().unwrap();
        assert_eq!(lone, "artifact: container_id is missing");
    }

    #[test]
    fn bodies_are_kept_as_sent_but_for_what_ties_them() {
        let text =
            r#"{"name":"é","label":"events","artifacts":[{"cef":{"b":1,"a":2}}],"asset_id":3}"#;
        let kept = rules()
            .container(serde_json::from_str(text).unwrap())
            .unwrap();
        assert_eq!(kept.body, r#"{"name":"é","label":"events","asset_id":3}"#);
        assert_eq!(kept.artifacts[0].body, r#"{"cef":{"b":1,"a":2}}"#);
        assert_eq!((kept.asset, kept.identifier), (Some(3), None));
        let (container, artifact) = artifact("name", &json!("x")).unwrap();
        assert_eq!((container, artifact.body.as_str()), (1, r#"{"name":"x"}"#));
    }
}
