//! An asset's configuration.

use kafka_soar::config::{Config, Policy};
use serde_json::{Map, Value};

use super::harmless;

/// Fields that hold secrets, and a text that is put into them.
const SECRETS: [&str; 6] = [
    "sasl_password",
    "sasl_oauthbearer_client_secret",
    "schema_registry_bearer_token",
    "schema_registry_password",
    "soar_auth_token",
    "ssl_key_password",
];
const SECRET: &str = "oW9-not-to-be-seen-7Qz";

/// Faults are harmless, and a secret is in none of them, nor in what is made of the fields.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    told(text);
    if let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(text) {
        for secret in SECRETS {
            if let Some(field) = fields.get_mut(secret) {
                *field = SECRET.into();
            }
        }
        let said = told(&Value::from(fields).to_string());
        assert!(!said.contains(SECRET) || text.contains(SECRET), "{said}");
    }
}

/// Everything that is said of a configuration.
fn told(text: &str) -> String {
    match Config::from_json(text, &Policy::default()) {
        Ok(config) => format!("{config:?}"),
        Err(faults) => {
            assert!(!faults.list().is_empty());
            let said = faults.to_string();
            said.lines().for_each(harmless);
            said
        }
    }
}
