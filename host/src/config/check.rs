//! From the form as typed to a configuration that can be used as it is. Every fault is
//! collected; whoever corrects them all is done.

use std::time::Duration;

use serde_json::Value;

use super::{
    BatchLimits, Config, Connection, ConsumerGroup, Fault, Faults, Form, Host, INVALID_TOPIC,
    ParserLimits, ParserSource, Policy, TopicError, Topics, component, hosts,
    parser::Limit,
    raw::{Given, QUOTE, alike, wrong_type},
    topics::TopicsError,
};
use crate::model::text::shorten;

/// Milliseconds of the longest poll: a day. SOAR itself ends an action long before.
const MAX_TIMEOUT: i64 = 24 * 60 * 60 * 1000;

impl Form {
    /// Checks everything, files included, under the policy of whoever runs this host.
    ///
    /// # Errors
    ///
    /// Every fault that there is.
    ///
    /// # Panics
    ///
    /// Never: a part that is missing has left a fault.
    pub fn check(&self, policy: &Policy) -> Result<Config, Faults> {
        let mut checks = Checks {
            form: self,
            policy,
            faults: Vec::new(),
        };
        self.unknown_fields(&mut checks.faults);
        let hosts = checks.hosts();
        let topics = checks.topics();
        let schema_registry = checks.schema_registry();
        let parser = checks.parser();
        let group = checks.group();
        let timeout = checks.timeout();
        let read_from_beginning = checks.flag("read_from_beginning");
        let security = checks.security();
        let soar = checks.soar();
        let containers = checks.containers(checks.form.text_given("soar_url"));
        let quarantine = checks.quarantine(topics.as_ref());
        let parser_settings = checks.parser_settings();
        let batch = checks.batch();
        let limits = checks.limits();
        if let Some(faults) = Faults::some(checks.faults) {
            return Err(faults);
        }
        Ok(Config {
            connection: Connection {
                hosts: hosts.expect("checked"),
                security,
            },
            topics: topics.expect("checked"),
            parser: parser.expect("checked"),
            policy: policy.clone(),
            schema_registry,
            group,
            parser_settings,
            timeout: timeout.expect("checked"),
            read_from_beginning,
            batch,
            limits,
            containers,
            quarantine,
            soar,
        })
    }
}

/// The checks of one form and what they have found.
pub(super) struct Checks<'a> {
    pub(super) form: &'a Form,
    policy: &'a Policy,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Checks<'a> {
    /// A text without the spaces around it.
    pub(super) fn text(&mut self, field: &str) -> Given<&'a str> {
        match self.form.text(field, &mut self.faults) {
            Given::Value(text) => Given::Value(text.trim()),
            other => other,
        }
    }

    pub(super) fn flag(&mut self, field: &str) -> bool {
        self.form.flag(field, &mut self.faults)
    }

    /// One of a few words, in whichever case it was typed.
    pub(super) fn one_of(&mut self, field: &str, words: &[&'static str]) -> Given<&'static str> {
        let typed = match self.text(field) {
            Given::Value(typed) => typed,
            Given::Absent => return Given::Absent,
            Given::Faulty => return Given::Faulty,
        };
        if let Some(word) = words.iter().find(|word| word.eq_ignore_ascii_case(typed)) {
            return Given::Value(word);
        }
        let problem = format!("there is no \"{}\"", shorten(typed, 60));
        self.fault(
            field,
            problem,
            format!("choose one of {}", words.join(", ")),
        );
        Given::Faulty
    }

    pub(super) fn fault(
        &mut self,
        field: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(Fault::new(field, problem, remedy));
    }

    /// Reports a required field that isn't there.
    fn required<T>(&mut self, field: &str, given: Given<T>, remedy: &str) -> Option<T> {
        self.required_with(field, given, "", remedy)
    }

    /// Reports a field that isn't there although another makes it required; `why` says which.
    pub(super) fn required_with<T>(
        &mut self,
        field: &str,
        given: Given<T>,
        why: &str,
        remedy: &str,
    ) -> Option<T> {
        if matches!(given, Given::Absent) && !self.form.is_misspelt(field) {
            let problem = format!("this field is required {why}");
            self.fault(field, problem.trim_end(), remedy);
        }
        given.value()
    }

    fn hosts(&mut self) -> Option<Vec<Host>> {
        let given = self.text("hosts");
        let remedy = "name one broker or more: host:port, host:port";
        let text = self.required("hosts", given, remedy)?;
        hosts::parse(text)
            .map_err(|faults| self.faults.extend(faults))
            .ok()
    }

    fn topics(&mut self) -> Option<Topics> {
        const NAME: &str = "give the topic's name as Kafka knows it; several are separated by \
                            commas, a pattern begins with ^";
        let given = self.text("topic");
        let text = self.required("topic", given, "name the topic to read")?;
        let problem = match Topics::parse(text) {
            Ok(topics) => return Some(topics),
            Err(TopicsError::Name(name, TopicError::Characters)) => {
                format!("{INVALID_TOPIC} Found \"{}\"", shorten(&name, 60))
            }
            Err(TopicsError::Name(_, TopicError::Empty)) => {
                "a topic between two commas is empty".to_owned()
            }
            Err(error) => error.to_string(),
        };
        self.fault("topic", problem, NAME);
        None
    }

    fn parser(&mut self) -> Option<ParserSource> {
        let filename = self.text("message_parser__filename").value();
        let signature = self.text("message_parser_signature").value();
        // Not trimmed: a component that is handed on as text may end in what looks like a space.
        match self.form.text("message_parser", &mut self.faults) {
            Given::Absent => {
                if signature.is_some() {
                    self.fault(
                        "message_parser_signature",
                        "a signature without the component that it is for",
                        "give the component in message_parser, or leave the signature out",
                    );
                }
                Some(ParserSource::Default)
            }
            Given::Faulty => None,
            Given::Value(value) => component::source(value, filename, signature)
                .map_err(|fault| self.faults.push(fault))
                .ok(),
        }
    }

    fn group(&mut self) -> Option<ConsumerGroup> {
        const FIELD: &str = "group_id";
        let session = self.bounded("group_session_timeout", 45_000, 6_000, 1_800_000);
        let id = self.text(FIELD).value()?;
        if id.len() > 249 || id.chars().any(char::is_control) {
            let problem = format!("{} is not a group's id", shorten(id, 60));
            let remedy = "give up to 249 characters, none of them a control";
            self.fault(FIELD, problem, remedy);
        }
        Some(ConsumerGroup {
            id: id.to_owned(),
            session_timeout: Duration::from_millis(session as u64),
        })
    }

    fn timeout(&mut self) -> Option<Duration> {
        const UNIT: &str = "give milliseconds, 0 to 86400000 (a day)";
        let given = self.form.whole("timeout", &mut self.faults);
        let ms = self.required("timeout", given, UNIT)?;
        if ms < 0 {
            let problem = format!("Timeout should not be negative. Found {ms}");
            self.fault("timeout", problem, UNIT);
        } else if ms > MAX_TIMEOUT {
            self.fault("timeout", format!("{ms} ms is more than a day"), UNIT);
        }
        Some(Duration::from_millis(ms.unsigned_abs()))
    }

    pub(super) fn container_label(&mut self) -> Option<String> {
        const LABEL: &str = "container_label";
        let ingest = match self.form.get("ingest")? {
            Value::Object(ingest) => ingest,
            other => {
                let remedy = "write {\"container_label\": \"events\"}";
                self.faults
                    .push(wrong_type("ingest", "an object", other, remedy));
                return None;
            }
        };
        // The rest of `ingest` is SOAR's schedule (interval_mins, poll, start_time_epoch_utc …),
        // which it keeps as it likes; only a slip of the pen for our one key is caught.
        for key in ingest.keys().filter(|key| *key != LABEL) {
            if alike(key, &[LABEL]).is_some() {
                self.fault(
                    &format!("ingest.{}", shorten(key, 60)),
                    "there is no such field",
                    format!("did you mean \"{LABEL}\"?"),
                );
            }
        }
        match ingest.get(LABEL)? {
            Value::Null => None,
            Value::String(label) if label.trim().is_empty() => None,
            Value::String(label) => Some(label.trim().to_owned()),
            other => {
                let field = format!("ingest.{LABEL}");
                self.faults.push(wrong_type(&field, "a text", other, QUOTE));
                None
            }
        }
    }

    /// Its values are never shown: parsers may be given passwords.
    fn parser_settings(&mut self) -> String {
        match self.form.get("parser_settings") {
            None => {}
            Some(Value::Object(settings)) => {
                return match self.form.settings_text() {
                    Some(text) => text.to_owned(),
                    None => Value::Object(settings.clone()).to_string(),
                };
            }
            Some(other) => self.fault(
                "parser_settings",
                format!(
                    "expected an object, found {}",
                    super::json::type_name(other)
                ),
                "write {\"name\": value, …}; what is in it is up to the parser",
            ),
        }
        "{}".to_owned()
    }

    fn batch(&mut self) -> BatchLimits {
        let default = BatchLimits::default();
        BatchLimits {
            max_messages: self.bounded("batch_max_messages", default.max_messages, 1, 1_000_000),
            max_bytes: self.bounded("batch_max_bytes", default.max_bytes, 1 << 10, 1 << 30),
        }
    }

    fn limits(&mut self) -> ParserLimits {
        let message_time = self.bounded("parser_message_time_limit", 0, 0, 3_600_000) as u64;
        ParserLimits {
            memory: self.limit(&Limit::MEMORY),
            time: Duration::from_millis(self.limit(&Limit::TIME) as u64),
            message_time: (message_time > 0).then(|| Duration::from_millis(message_time)),
            output: self.limit(&Limit::OUTPUT),
            log: self.limit(&Limit::LOG),
            artifacts: self.limit(&Limit::ARTIFACTS),
        }
    }

    /// A limit of the parser, which the asset may tighten below the policy's ceiling and not
    /// loosen above it.
    fn limit(&mut self, limit: &Limit) -> usize {
        let field = limit.field;
        let Some((file, ceiling)) = self.policy.ceiling(field) else {
            return self.bounded(field, limit.default, limit.min, limit.max);
        };
        let default = limit.default.min(ceiling);
        let given = self.bounded(field, default, limit.min, limit.max);
        if given <= ceiling {
            return given;
        }
        self.fault(
            field,
            format!(
                "{given} {} are more than the {ceiling} that the policy {file} allows \
                 (limits.{field})",
                unit(field)
            ),
            format!("give {ceiling} or less; without the field it is {default}"),
        );
        default
    }

    /// A whole number within bounds.
    pub(super) fn bounded(&mut self, field: &str, default: usize, min: usize, max: usize) -> usize {
        let Given::Value(found) = self.form.whole(field, &mut self.faults) else {
            return default;
        };
        match usize::try_from(found) {
            Ok(value) if (min..=max).contains(&value) => value,
            _ => {
                self.fault(
                    field,
                    format!("{found} is out of range"),
                    format!(
                        "give {}, {min} to {max}; without the field it is {default}",
                        unit(field)
                    ),
                );
                default
            }
        }
    }
}

/// What a field that holds a number counts.
pub(super) fn unit(field: &str) -> &'static str {
    match field {
        "parser_time_limit" | "group_session_timeout" => "milliseconds",
        "parser_message_time_limit" => "milliseconds, or 0 for none",
        "batch_max_messages" => "messages",
        "parser_artifact_limit" => "artifacts",
        "container_max_artifacts" => "artifacts, or 0 for never",
        "quarantine_threshold" => "percent",
        "soar_timeout" | "soar_give_up" => "seconds",
        "soar_bulk" => "containers",
        _ => "bytes",
    }
}
