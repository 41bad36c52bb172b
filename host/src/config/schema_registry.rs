//! The fields `schema_registry_…`.

use secrecy::SecretString;
use url::Url;

use super::{Certificates, Login, check::Checks};
use crate::model::text::shorten;

const URL: &str = "schema_registry_url";
const USERNAME: &str = "schema_registry_username";
const PASSWORD: &str = "schema_registry_password";
const TOKEN: &str = "schema_registry_bearer_token";
const CA: &str = "schema_registry_ca_cert";

/// Where the schemas of framed messages are.
#[derive(Debug, Clone)]
pub struct SchemaRegistry {
    /// At least one; all are of one registry.
    pub urls: Vec<Url>,
    pub login: Option<RegistryLogin>,
    /// Whom to trust; the system's authorities when absent.
    pub ca: Option<Certificates>,
}

/// How this client authenticates itself to the registry.
#[derive(Debug, Clone)]
pub enum RegistryLogin {
    Basic(Login),
    Bearer(SecretString),
}

impl Checks<'_> {
    pub(super) fn schema_registry(&mut self) -> Option<SchemaRegistry> {
        let Some(text) = self.text(URL).value() else {
            let given: Vec<String> = self
                .form
                .given()
                .filter(|field| field.starts_with("schema_registry_") && *field != URL)
                .map(|field| shorten(field, 60).into_owned())
                .collect();
            for field in given {
                let problem = format!("it belongs to {URL}, which is not given");
                self.fault(&field, problem, "give the URL, or leave this out");
            }
            return None;
        };
        let urls: Vec<Url> = text
            .split(',')
            .filter_map(|url| self.registry_url(url.trim()))
            .collect();
        let login = self.registry_login();
        let ca = self.certificates(CA);
        Some(SchemaRegistry { urls, login, ca })
    }

    fn registry_url(&mut self, given: &str) -> Option<Url> {
        let url = Url::parse(given)
            .ok()
            .filter(|url| matches!(url.scheme(), "https" | "http") && url.username().is_empty());
        if url.is_none() {
            // A user name and a password may be in it: it isn't shown.
            let shown = if given.contains('@') {
                "what is given"
            } else {
                given
            };
            let problem = format!(
                "{} is not the URL of a schema registry",
                shorten(shown, 120)
            );
            let remedy = format!("write it as https://host:8081; a login goes into {USERNAME}");
            self.fault(URL, problem, remedy);
        }
        url
    }

    fn registry_login(&mut self) -> Option<RegistryLogin> {
        let username = self.text(USERNAME).value();
        let token = self.secret(TOKEN);
        let password = match username {
            Some(_) => self.required_secret(PASSWORD, &format!("with {USERNAME}")),
            None => self.secret(PASSWORD),
        };
        match (username, password, token) {
            (Some(_), _, Some(_)) => {
                let problem = format!("a token beside {USERNAME}");
                self.fault(TOKEN, problem, "keep one of the two");
                None
            }
            (Some(username), Some(password), None) => Some(RegistryLogin::Basic(Login {
                username: username.to_owned(),
                password,
            })),
            (None, Some(_), _) => {
                let problem = format!("a password without {USERNAME}");
                self.fault(PASSWORD, problem, "give both");
                None
            }
            (None, None, Some(token)) => Some(RegistryLogin::Bearer(token)),
            _ => None,
        }
    }
}
