//! Passwords and tokens: in the document, in a file or in an environment variable.

use std::{env, path::Path};

use secrecy::SecretString;

use super::{check::Checks, files, raw::Given};
use crate::model::text::shorten;

/// More than any token has; bounds what a wrong path makes us read.
const MAX_BYTES: u64 = 1 << 20;

impl Checks<'_> {
    /// The secret `field`, or what the file in `<field>_file` or the variable in `<field>_env`
    /// holds. A line's end after it is not part of it. No fault shows any of it.
    pub(super) fn secret(&mut self, field: &str) -> Option<SecretString> {
        let by_file = format!("{field}_file");
        let by_variable = format!("{field}_env");
        // Not trimmed: a password may begin or end with a space.
        let typed = self.form.secret(field, &mut self.faults);
        let file = self.text(&by_file);
        let variable = self.text(&by_variable);
        let given = [
            (field, typed != Given::Absent),
            (&by_file, file != Given::Absent),
            (&by_variable, variable != Given::Absent),
        ];
        let names: Vec<&str> = given.iter().filter(|g| g.1).map(|g| g.0).collect();
        if names.len() > 1 {
            let problem = format!("it is given more than once: {}", names.join(", "));
            self.fault(field, problem, "keep one of them");
            return None;
        }
        let found = match (typed, file, variable) {
            (Given::Value(typed), ..) => Ok(typed.to_owned()),
            (_, Given::Value(path), _) => files::read(&by_file, Path::new(path), MAX_BYTES)
                .and_then(|bytes| {
                    String::from_utf8(bytes).map_err(|_| {
                        files::fault(&by_file, Path::new(path), "not UTF-8", "save it as UTF-8")
                    })
                }),
            (.., Given::Value(name)) => env::var(name).map_err(|_| {
                let problem = format!(
                    "there is no environment variable {} of UTF-8 text",
                    shorten(name, 60)
                );
                super::Fault::new(&by_variable, problem, "set it where kafka-soar is started")
            }),
            _ => return None,
        };
        let mut secret = match found {
            Ok(secret) => secret,
            Err(fault) => {
                self.faults.push(fault);
                return None;
            }
        };
        if secret.ends_with('\n') {
            secret.pop();
            if secret.ends_with('\r') {
                secret.pop();
            }
        }
        let name = names[0];
        if secret.is_empty() {
            self.fault(name, "it is empty", "give the secret itself");
            return None;
        }
        if secret.contains('\0') {
            self.fault(name, "it has a NUL character", "give it without");
            return None;
        }
        Some(secret.into())
    }

    /// A secret that must be there.
    pub(super) fn required_secret(&mut self, field: &str, why: &str) -> Option<SecretString> {
        let before = self.faults.len();
        let secret = self.secret(field);
        if secret.is_none() && self.faults.len() == before && !self.form.is_misspelt(field) {
            let remedy = format!("give it, or {field}_file (a path) or {field}_env (a variable)");
            self.fault(field, format!("this field is required {why}"), remedy);
        }
        secret
    }
}
