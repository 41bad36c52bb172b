//! What becomes of containers, and of messages that can't be handled: the fields `container_…`,
//! `quarantine_…`, `dead_letter_topic` and `soar_…`.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use super::{
    Certificates, INVALID_TOPIC, Topic,
    check::Checks,
    raw::{Given, wrong_type},
};
use crate::model::text::shorten;

const URL: &str = "soar_url";
const TOKEN: &str = "soar_token";
const TAGS: &str = "container_tags";
const DEAD_LETTERS: &str = "dead_letter_topic";

/// What SOAR's own form offers as severities; administrators add others, so it isn't checked here.
const SEVERITY_LENGTH: usize = 100;

/// What the asset says about containers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Containers {
    /// `ingest.container_label`: of every container, whatever the parser says.
    pub label: Option<String>,
    /// `container_severity`: of containers whose parser gives none.
    pub severity: Option<String>,
    /// `container_tags`: of containers whose parser gives none.
    pub tags: Vec<String>,
    /// `container_max_artifacts`: larger ones are split. `None`: never, which is the default
    /// without `soar_url`.
    pub max_artifacts: Option<usize>,
}

/// Where messages go that can't be handled, and when there are too many of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// `dead_letter_topic`; a file without it.
    pub topic: Option<Topic>,
    /// `quarantine_threshold`: percent of a batch above which a poll stops instead.
    pub threshold: u8,
}

impl Default for Quarantine {
    fn default() -> Self {
        Self {
            topic: None,
            threshold: 50,
        }
    }
}

/// SOAR's REST API.
#[derive(Debug, Clone)]
pub struct Soar {
    /// Without `/rest`.
    pub url: Url,
    /// Of an automation user.
    pub token: SecretString,
    /// Whom to trust; the system's authorities when absent.
    pub ca: Option<Certificates>,
    /// `soar_asset_id`: SOAR tells duplicates by asset.
    pub asset_id: Option<u64>,
    /// For one request, its answer included.
    pub timeout: Duration,
    /// How long a request is tried again before the poll stops.
    pub give_up: Duration,
    /// Containers of one request; 1 sends each by itself.
    pub bulk: usize,
}

impl Checks<'_> {
    pub(super) fn containers(&mut self, soar: bool) -> Containers {
        let max = if soar { 1000 } else { 0 };
        let max = self.bounded("container_max_artifacts", max, 0, 1_000_000);
        Containers {
            label: self.container_label(),
            severity: self.severity(),
            tags: self.tags(),
            max_artifacts: (max > 0).then_some(max),
        }
    }

    fn severity(&mut self) -> Option<String> {
        const FIELD: &str = "container_severity";
        let severity = self.text(FIELD).value()?;
        if severity.chars().count() > SEVERITY_LENGTH || severity.chars().any(char::is_control) {
            let problem = format!("{} is not the name of a severity", shorten(severity, 60));
            self.fault(FIELD, problem, "give one of SOAR's: high, medium, low, …");
        }
        Some(severity.to_owned())
    }

    /// A list of texts, or one text with commas, which is what SOAR's form gives.
    fn tags(&mut self) -> Vec<String> {
        let list: Vec<String> = match self.form.get(TAGS) {
            None => return Vec::new(),
            Some(Value::String(text)) => text.split(',').map(|tag| tag.trim().to_owned()).collect(),
            Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
                let texts = items.iter().filter_map(Value::as_str);
                texts.map(|tag| tag.trim().to_owned()).collect()
            }
            Some(other) => {
                let remedy = "write [\"kafka\", \"firewall\"] or \"kafka, firewall\"";
                let fault = wrong_type(TAGS, "a list of texts", other, remedy);
                self.faults.push(fault);
                return Vec::new();
            }
        };
        list.into_iter().filter(|tag| !tag.is_empty()).collect()
    }

    pub(super) fn quarantine(&mut self, reads: Option<&super::Topics>) -> Quarantine {
        let default = Quarantine::default();
        let threshold = usize::from(default.threshold);
        let threshold = self.bounded("quarantine_threshold", threshold, 0, 100);
        let topic = self.text(DEAD_LETTERS).value().and_then(|name| {
            let topic = name.parse::<Topic>();
            if topic.is_err() {
                let problem = format!("{INVALID_TOPIC} Found \"{}\"", shorten(name, 60));
                self.fault(DEAD_LETTERS, problem, "give the name of one topic");
            }
            topic.ok()
        });
        if let (Some(topic), Some(reads)) = (&topic, reads)
            && reads.include(topic)
        {
            let problem = format!("{topic} is also a topic that is read");
            let remedy = "messages would go round for ever: name another, or leave it out of topic";
            self.fault(DEAD_LETTERS, problem, remedy);
        }
        Quarantine {
            topic,
            threshold: u8::try_from(threshold).unwrap_or(default.threshold),
        }
    }

    pub(super) fn soar(&mut self) -> Option<Soar> {
        let given: Vec<String> = self
            .form
            .given()
            .filter(|field| field.starts_with("soar_") && *field != URL)
            .map(|field| shorten(field, 60).into_owned())
            .collect();
        let Some(text) = self.text(URL).value() else {
            for field in given {
                let problem = format!("it belongs to {URL}, which is not given");
                self.fault(&field, problem, "give the URL, or leave this out");
            }
            return None;
        };
        let url = self.soar_url(text);
        let token = self.required_secret(TOKEN, &format!("with {URL}"));
        if let Some(token) = &token {
            self.header_safe(token);
        }
        let ca = self.certificates("soar_ca_cert");
        let asset_id = self.asset_id();
        let timeout = self.bounded("soar_timeout", 30, 1, 3600);
        let give_up = self.bounded("soar_give_up", 300, 0, 86_400);
        let bulk = self.bounded("soar_bulk", 50, 1, 1000);
        Some(Soar {
            url: url?,
            token: token?,
            ca,
            asset_id,
            timeout: Duration::from_secs(timeout as u64),
            give_up: Duration::from_secs(give_up as u64),
            bulk,
        })
    }

    fn header_safe(&mut self, token: &SecretString) {
        use secrecy::ExposeSecret as _;
        if !token.expose_secret().bytes().all(|b| b.is_ascii_graphic()) {
            let problem = "it has a space or a character that no token has";
            self.fault(TOKEN, problem, "copy it again from SOAR's automation user");
        }
    }

    fn soar_url(&mut self, given: &str) -> Option<Url> {
        let url = Url::parse(given).ok().filter(|url| {
            matches!(url.scheme(), "https" | "http")
                && url.username().is_empty()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        let url = url.map(|mut url| {
            let path = url.path().trim_end_matches('/');
            let path = path.strip_suffix("/rest").unwrap_or(path).to_owned();
            url.set_path(&path);
            url
        });
        if url.is_none() {
            let shown = if given.contains('@') {
                "what is given"
            } else {
                given
            };
            let problem = format!("{} is not SOAR's URL", shorten(shown, 120));
            let remedy =
                format!("write it as https://soar.example.com; the token goes into {TOKEN}");
            self.fault(URL, problem, remedy);
        }
        url
    }

    fn asset_id(&mut self) -> Option<u64> {
        const FIELD: &str = "soar_asset_id";
        let Given::Value(found) = self.form.whole(FIELD, &mut self.faults) else {
            return None;
        };
        let id = u64::try_from(found).ok().filter(|id| *id > 0);
        if id.is_none() {
            let remedy = "give the number in the asset's address in SOAR, from 1";
            self.fault(FIELD, format!("{found} is not an asset's id"), remedy);
        }
        id
    }
}
