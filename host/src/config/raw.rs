//! The form as a person or SOAR filled it in: which fields there are and of which type. Without
//! effects: no file is looked at here.

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use super::{
    Fault, Faults,
    json::{self, ObjectError, type_name},
};
use crate::model::text::shorten;

/// The asset's fields, in the order of its form in SOAR, then this product's own.
pub(super) const FIELDS: &[&str] = &[
    "hosts",
    "topic",
    "message_parser",
    "message_parser__filename",
    "message_parser_signature",
    "timeout",
    "read_from_beginning",
    "use_kerberos",
    "use_ssl",
    "cert_file",
    "key_file",
    "ca_cert",
    "security_protocol",
    "ssl_key_password",
    "ssl_key_password_file",
    "ssl_key_password_env",
    "ssl_endpoint_identification_algorithm",
    "sasl_mechanism",
    "sasl_username",
    "sasl_password",
    "sasl_password_file",
    "sasl_password_env",
    "sasl_kerberos_service_name",
    "sasl_kerberos_keytab",
    "sasl_kerberos_principal",
    "sasl_oauthbearer_token_endpoint_url",
    "sasl_oauthbearer_client_id",
    "sasl_oauthbearer_client_secret",
    "sasl_oauthbearer_client_secret_file",
    "sasl_oauthbearer_client_secret_env",
    "sasl_oauthbearer_scope",
    "sasl_oauthbearer_extensions",
    "sasl_oauthbearer_token",
    "sasl_oauthbearer_token_file",
    "sasl_oauthbearer_token_env",
    "https_ca_cert",
    "group_id",
    "group_session_timeout",
    "schema_registry_url",
    "schema_registry_username",
    "schema_registry_password",
    "schema_registry_password_file",
    "schema_registry_password_env",
    "schema_registry_bearer_token",
    "schema_registry_bearer_token_file",
    "schema_registry_bearer_token_env",
    "schema_registry_ca_cert",
    "ingest",
    "parser_settings",
    "batch_max_messages",
    "batch_max_bytes",
    "parser_memory_limit",
    "parser_time_limit",
    "parser_message_time_limit",
    "parser_output_limit",
    "parser_log_limit",
    "parser_artifact_limit",
    "container_severity",
    "container_tags",
    "container_max_artifacts",
    "quarantine_threshold",
    "dead_letter_topic",
    "soar_url",
    "soar_token",
    "soar_token_file",
    "soar_token_env",
    "soar_ca_cert",
    "soar_asset_id",
    "soar_timeout",
    "soar_give_up",
    "soar_bulk",
];

/// What SOAR itself puts beside an asset's fields when it runs an action: the app's version, its
/// constant name, its folder and module, and the environment variables of the asset. They say
/// nothing about Kafka and are passed over.
const SOARS_OWN: [&str; 5] = [
    "app_version",
    "appname",
    "directory",
    "main_module",
    "_reserved_environment_variables",
];

pub(super) const QUOTE: &str = "write it as one text, in quotes";

/// Characters of a value that an error shows.
const SHOWN: usize = 60;

/// An asset's configuration as typed: a JSON object whose keys stand once.
#[derive(Debug, Clone)]
pub struct Form {
    fields: Map<String, Value>,
    /// `parser_settings` to the letter: a number with twenty digits reaches the parser as typed.
    settings: Option<String>,
}

/// A field's value after its type was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given<T> {
    /// Not there, null, or an empty text (SOAR's way to leave a field out).
    Absent,
    /// There, but faulty; already reported.
    Faulty,
    Value(T),
}

impl<T> Given<T> {
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl Form {
    /// Reads the JSON text.
    ///
    /// # Errors
    ///
    /// When it isn't a JSON object, or names a field twice.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let fields = json::object(text).map_err(|e| match e {
            ObjectError::Syntax(what) => Faults::from(Fault::whole(
                format!("not valid JSON: {what}"),
                "correct the text at that place",
            )),
            ObjectError::Type(found) => Faults::from(Fault::whole(
                format!("expected a JSON object with the asset's fields, found {found}"),
                "write {\"hosts\": …, \"topic\": …, \"timeout\": …}",
            )),
            ObjectError::Repeated(keys) => {
                let problem = "the field is there more than once";
                let twice =
                    |key: &String| Fault::new(shorten(key, SHOWN), problem, "keep one of them");
                keys.iter().map(twice).collect::<Vec<_>>().into()
            }
        })?;
        Ok(Self {
            fields,
            settings: settings_text(text),
        })
    }

    /// Replaces a field, as an option of the command line does.
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    /// `parser_settings` to the letter.
    pub(super) fn settings_text(&self) -> Option<&str> {
        self.settings.as_deref()
    }

    pub(super) fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|v| !v.is_null())
    }

    /// A text field, to the letter.
    pub(super) fn text(&self, field: &str, faults: &mut Vec<Fault>) -> Given<&str> {
        match self.get(field) {
            None => Given::Absent,
            Some(Value::String(text)) if text.trim().is_empty() => Given::Absent,
            Some(Value::String(text)) => Given::Value(text),
            Some(other) => {
                faults.push(wrong_type(field, "a text", other, QUOTE));
                Given::Faulty
            }
        }
    }

    /// A password or token, to the letter. No fault shows it.
    pub(super) fn secret(&self, field: &str, faults: &mut Vec<Fault>) -> Given<&str> {
        match self.get(field) {
            None => Given::Absent,
            Some(Value::String(text)) if text.is_empty() => Given::Absent,
            Some(Value::String(text)) => Given::Value(text),
            Some(other) => {
                let problem = format!("expected a text, found {}", type_name(other));
                faults.push(Fault::new(field, problem, QUOTE));
                Given::Faulty
            }
        }
    }

    /// The fields that are filled in.
    pub(super) fn given(&self) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(|(_, value)| match value {
                Value::Null => false,
                Value::String(text) => !text.trim().is_empty(),
                _ => true,
            })
            .map(|(field, _)| field.as_str())
    }

    /// Whether a text field is filled in.
    pub(super) fn text_given(&self, field: &str) -> bool {
        self.given().any(|given| given == field)
    }

    /// A checkbox; off when it is not there.
    pub(super) fn flag(&self, field: &str, faults: &mut Vec<Fault>) -> bool {
        match self.get(field) {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                let remedy = "write true or false, without quotes";
                faults.push(wrong_type(field, "true or false", other, remedy));
                false
            }
        }
    }

    /// A whole number. SOAR keeps its numeric fields as it likes: 1000.0 is 1000.
    pub(super) fn whole(&self, field: &str, faults: &mut Vec<Fault>) -> Given<i64> {
        let number = match self.get(field) {
            None => return Given::Absent,
            Some(Value::Number(number)) => number,
            Some(other) => {
                let remedy = "write a whole number, without quotes";
                faults.push(wrong_type(field, "a number", other, remedy));
                return Given::Faulty;
            }
        };
        if let Some(whole) = number
            .as_i64()
            .or_else(|| number.as_f64().and_then(integral))
        {
            return Given::Value(whole);
        }
        faults.push(Fault::new(
            field,
            format!("expected a whole number, found {number}"),
            "write it without a fraction",
        ));
        Given::Faulty
    }

    /// Reports every field that doesn't exist. Their values aren't shown: who mistypes a
    /// field's name may have put a password in it.
    pub(super) fn unknown_fields(&self, faults: &mut Vec<Fault>) {
        let mut listed = false;
        for field in self.unknown() {
            let remedy = match alike(field, FIELDS) {
                Some(known) => format!("did you mean \"{known}\"?"),
                None if listed => "remove it".to_owned(),
                None => {
                    listed = true;
                    format!("remove it; the fields are {}", FIELDS.join(", "))
                }
            };
            faults.push(Fault::new(
                shorten(field, SHOWN),
                "there is no such field",
                remedy,
            ));
        }
    }

    /// Whether an unknown field was taken for this one, which then isn't reported as missing.
    pub(super) fn is_misspelt(&self, field: &str) -> bool {
        self.unknown()
            .any(|typed| alike(typed, FIELDS) == Some(field))
    }

    fn unknown(&self) -> impl Iterator<Item = &str> {
        let known = |field: &&str| FIELDS.contains(field) || SOARS_OWN.contains(field);
        self.fields
            .keys()
            .map(String::as_str)
            .filter(move |field| !known(field))
    }
}

/// The known name that a mistyped one stands for, if one is near enough.
pub(super) fn alike<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    const NEAR: f64 = 0.85;
    known
        .iter()
        .map(|name| (strsim::jaro_winkler(&typed.to_lowercase(), name), *name))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

pub(super) fn wrong_type(field: &str, expected: &str, found: &Value, remedy: &str) -> Fault {
    let found = match found {
        Value::Array(_) | Value::Object(_) => type_name(found).to_owned(),
        simple => shorten(&simple.to_string(), SHOWN).into_owned(),
    };
    Fault::new(field, format!("expected {expected}, found {found}"), remedy)
}

/// The whole number that a float stands for, within what a float holds exactly.
fn integral(float: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and below 2^53")]
    (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
}

fn settings_text(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Settings<'a> {
        #[serde(borrow)]
        parser_settings: Option<&'a RawValue>,
    }
    let form: Settings<'_> = serde_json::from_str(text).ok()?;
    form.parser_settings.map(|raw| raw.get().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soar_may_write_whole_numbers_as_floats() {
        let form = Form::parse(r#"{"a":1000.0,"b":-5,"c":0.5,"d":1e18,"e":null}"#).unwrap();
        let mut faults = Vec::new();
        assert_eq!(form.whole("a", &mut faults), Given::Value(1000));
        assert_eq!(form.whole("b", &mut faults), Given::Value(-5));
        assert_eq!(form.whole("e", &mut faults), Given::Absent);
        assert!(faults.is_empty());
        assert_eq!(form.whole("c", &mut faults), Given::Faulty);
        assert_eq!(form.whole("d", &mut faults), Given::Faulty);
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn settings_keep_their_letters() {
        let settings = r#"{ "id": 12345678901234567890123, "x": 1.10 }"#;
        let form = Form::parse(&format!(r#"{{"parser_settings": {settings}}}"#)).unwrap();
        assert_eq!(form.settings_text(), Some(settings));
    }

    #[test]
    fn near_misses_are_recognised() {
        for (typed, known) in [
            ("hots", Some("hosts")),
            ("Topic", Some("topic")),
            ("time_out", Some("timeout")),
            ("message_praser", Some("message_parser")),
            ("keyfile", Some("key_file")),
            ("batch_max_mesages", Some("batch_max_messages")),
            ("password", None),
            ("zzz", None),
        ] {
            assert_eq!(alike(typed, FIELDS), known, "{typed}");
        }
    }
}
