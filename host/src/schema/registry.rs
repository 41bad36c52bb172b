//! Schemas by id, over HTTP.

use std::{collections::HashMap, rc::Rc, time::Duration};

use backon::{BlockingRetryable as _, ExponentialBuilder};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use ureq::Agent;
use url::Url;

use super::{avro::Avro, decoder, protobuf::Protobuf};
use crate::{
    config::{RegistryLogin, SchemaRegistry},
    http,
    model::text::shorten,
};

/// One request, its answer included.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Tries after the first, with half a second and more in between: a registry may be restarting.
const RETRIES: usize = 4;
const PAUSE: Duration = Duration::from_millis(250);
/// Far above any schema; bounds what a wrong address makes us read.
const MAX_ANSWER: u64 = 8 << 20;
/// Schemas that a schema may refer to, directly or not.
const MAX_REFERENCES: usize = 500;

/// Why a message was not decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It is the message's own: asking again would not help.
    Message(String),
    /// The registry can't be asked.
    Registry { message: String, hint: &'static str },
}

/// A schema, ready to decode payloads.
pub(super) enum Schema {
    Avro(Avro),
    Protobuf(Protobuf),
    /// Payloads are JSON already.
    Json,
}

impl Schema {
    /// The payload as JSON text.
    pub(super) fn decode(&self, payload: &[u8]) -> Result<String, String> {
        match self {
            Self::Avro(schema) => schema.decode(payload),
            Self::Protobuf(schema) => schema.decode(payload),
            Self::Json => decoder::json(payload),
        }
    }
}

/// A client of one registry. Each schema is asked for once in its life, and so is one that the
/// registry doesn't have.
pub struct Registry {
    agent: Agent,
    urls: Vec<Url>,
    authorization: Option<String>,
    schemas: HashMap<u32, Result<Rc<Schema>, String>>,
}

/// `GET /schemas/ids/{id}` and `GET /subjects/{subject}/versions/{version}`.
/// <https://docs.confluent.io/platform/current/schema-registry/develop/api.html>
#[derive(Deserialize)]
struct Answer {
    schema: String,
    #[serde(rename = "schemaType")]
    kind: Option<String>,
    #[serde(default)]
    references: Vec<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    /// How the schema calls it: an Avro name, a path of a .proto file.
    name: String,
    subject: String,
    version: i64,
}

/// What one request came to.
enum Failed {
    /// Worth another try.
    Passing(String),
    /// The registry answered that there is no such thing.
    Missing,
    Refused(u16),
    /// Whatever answers is no registry.
    Foreign(String),
}

impl Registry {
    #[must_use]
    pub fn new(config: &SchemaRegistry) -> Self {
        let authorization = config.login.as_ref().map(|login| match login {
            RegistryLogin::Basic(login) => {
                let pair = format!("{}:{}", login.username, login.password.expose_secret());
                format!("Basic {}", BASE64_STANDARD.encode(pair))
            }
            RegistryLogin::Bearer(token) => format!("Bearer {}", token.expose_secret()),
        });
        Self {
            agent: http::agent(config.ca.as_ref()),
            urls: config.urls.clone(),
            authorization,
            schemas: HashMap::new(),
        }
    }

    /// Whether the registry answers within `within` and accepts this client.
    ///
    /// # Errors
    ///
    /// [`Trouble::Registry`].
    pub fn check(&self, within: Duration) -> Result<(), Trouble> {
        let path = ["schemas", "types"];
        let text = self
            .once(&self.urls[0], &path, within.min(TIMEOUT))
            .map_err(|failed| self.trouble(failed))?;
        serde_json::from_str::<Vec<String>>(&text)
            .map(drop)
            .map_err(|error| self.foreign(&error.to_string()))
    }

    pub(super) fn schema(&mut self, id: u32) -> Result<Rc<Schema>, Trouble> {
        if let Some(known) = self.schemas.get(&id) {
            return known.clone().map_err(Trouble::Message);
        }
        let found = match self.load(id) {
            Ok(schema) => Ok(Rc::new(schema)),
            Err(Trouble::Message(reason)) => Err(reason),
            Err(trouble) => return Err(trouble),
        };
        self.schemas.insert(id, found.clone());
        found.map_err(Trouble::Message)
    }

    fn load(&self, id: u32) -> Result<Schema, Trouble> {
        let missing = || format!("the schema registry has no schema {id}");
        let answer = self.answer(&["schemas", "ids", &id.to_string()], &missing)?;
        let unusable =
            |problem: String| Trouble::Message(format!("schema {id} can't be used: {problem}"));
        match answer.kind.as_deref().unwrap_or("AVRO") {
            "JSON" => Ok(Schema::Json),
            "AVRO" => {
                let references = self.references(&answer)?;
                Avro::new(&answer.schema, &references)
                    .map(Schema::Avro)
                    .map_err(unusable)
            }
            "PROTOBUF" => {
                let references = self.references(&answer)?;
                Protobuf::new(&answer.schema, references)
                    .map(Schema::Protobuf)
                    .map_err(unusable)
            }
            other => Err(unusable(format!("its type is {}", shorten(other, 40)))),
        }
    }

    /// All schemas that one refers to, directly or not: name and text, each before those that
    /// refer to it.
    fn references(&self, answer: &Answer) -> Result<Vec<(String, String)>, Trouble> {
        let mut found: Vec<(String, String)> = Vec::new();
        self.follow(&answer.references, &mut found, 0)?;
        Ok(found)
    }

    fn follow(
        &self,
        references: &[Reference],
        found: &mut Vec<(String, String)>,
        depth: usize,
    ) -> Result<(), Trouble> {
        for Reference {
            name,
            subject,
            version,
        } in references
        {
            if found.iter().any(|(known, _)| known == name) {
                continue;
            }
            if found.len() + depth >= MAX_REFERENCES {
                let problem = format!("a schema refers to more than {MAX_REFERENCES} others");
                return Err(Trouble::Message(problem));
            }
            let version = version.to_string();
            let missing = || format!("the schema registry has no version {version} of {subject}");
            let path = ["subjects", subject, "versions", &version];
            let answer = self.answer(&path, &missing)?;
            self.follow(&answer.references, found, depth + 1)?;
            found.push((name.clone(), answer.schema));
        }
        Ok(())
    }

    fn answer(&self, path: &[&str], missing: &dyn Fn() -> String) -> Result<Answer, Trouble> {
        let text = self.get(path).map_err(|trouble| match trouble {
            Trouble::Message(_) => Trouble::Message(missing()),
            registry @ Trouble::Registry { .. } => registry,
        })?;
        serde_json::from_str(&text).map_err(|error| self.foreign(&error.to_string()))
    }

    /// The body of an answer. [`Trouble::Message`] when the registry has no such thing.
    fn get(&self, path: &[&str]) -> Result<String, Trouble> {
        let mut tries = 0;
        let once = || {
            let url = &self.urls[tries % self.urls.len()];
            tries += 1;
            self.once(url, path, TIMEOUT)
        };
        let pauses = ExponentialBuilder::default()
            .with_min_delay(PAUSE)
            .with_max_times(RETRIES)
            .with_jitter();
        once.retry(pauses)
            .when(|failed| matches!(failed, Failed::Passing(_)))
            .call()
            .map_err(|failed| self.trouble(failed))
    }

    fn trouble(&self, failed: Failed) -> Trouble {
        match failed {
            Failed::Missing => Trouble::Message(String::new()),
            Failed::Passing(cause) => Trouble::Registry {
                message: format!(
                    "the schema registry {} does not answer: {cause}",
                    self.name()
                ),
                hint: "check schema_registry_url and that the registry runs; the batch stays in \
                           the topic and is read again",
            },
            Failed::Refused(status) => Trouble::Registry {
                message: format!(
                    "the schema registry {} does not accept this client ({status})",
                    self.name()
                ),
                hint: "check schema_registry_username and schema_registry_password, or \
                           schema_registry_bearer_token",
            },
            Failed::Foreign(what) => self.foreign(&what),
        }
    }

    fn once(&self, url: &Url, path: &[&str], within: Duration) -> Result<String, Failed> {
        let mut url = url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        let mut request = self
            .agent
            .get(url.as_str())
            .config()
            .timeout_global(Some(within))
            .build();
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let mut answer = request
            .call()
            .map_err(|error| Failed::Passing(error.to_string()))?;
        let status = answer.status().as_u16();
        let body = answer
            .body_mut()
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_string()
            .map_err(|error| Failed::Passing(error.to_string()));
        match status {
            200 => body,
            401 | 403 => Err(Failed::Refused(status)),
            // Its own: 40401 no subject, 40402 no version, 40403 no schema.
            404 if error_code(&body?).is_some_and(|code| code / 100 == 404) => Err(Failed::Missing),
            429 | 500..=599 => Err(Failed::Passing(format!("status {status}"))),
            other => Err(Failed::Foreign(format!("status {other}"))),
        }
    }

    fn foreign(&self, what: &str) -> Trouble {
        Trouble::Registry {
            message: format!(
                "what answers at {} is no schema registry: {what}",
                self.name()
            ),
            hint: "correct schema_registry_url; a path such as /apis/ccompat/v7 belongs to it",
        }
    }

    fn name(&self) -> String {
        let urls: Vec<&str> = self.urls.iter().map(Url::as_str).collect();
        urls.join(", ")
    }
}

fn error_code(body: &str) -> Option<u64> {
    let error: serde_json::Value = serde_json::from_str(body).ok()?;
    error["error_code"].as_u64()
}
