//! What a person names on the command line: files, standard input, values in their place.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use crate::{
    actions::{Class, Failure},
    config::{Config, Faults, Form, Policy},
};

/// A file, or `-` for standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Stdin,
    File(PathBuf),
}

impl FromStr for Input {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "-" => Self::Stdin,
            path => Self::File(path.into()),
        })
    }
}

impl Input {
    /// The text of `what`, for messages ("the configuration").
    pub(super) fn read(&self, what: &str) -> Result<String, Failure> {
        let bytes = match self {
            Self::Stdin => {
                let mut bytes = Vec::new();
                io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            }
            Self::File(path) => fs::read(path),
        };
        let named = |problem: &str| match self {
            Self::Stdin => format!("{what} on standard input {problem}"),
            Self::File(path) => format!("{what} {} {problem}", path.display()),
        };
        let bytes = bytes.map_err(|e| {
            let problem = match e.kind() {
                io::ErrorKind::NotFound => "is not there: no such file".to_owned(),
                _ => format!("can't be read: {e}"),
            };
            Failure::new(Class::Config, named(&problem)).hint("check the path")
        })?;
        String::from_utf8(bytes).map_err(|e| {
            let at = e.utf8_error().valid_up_to();
            Failure::new(Class::Config, named(&format!("is not UTF-8: byte {at}")))
                .hint("save it as UTF-8")
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Stdin => "from standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

/// The asset's configuration, and where its cluster is.
#[derive(Debug, clap::Args)]
pub(super) struct Configuration {
    /// The asset's configuration, a JSON object with the fields of SOAR's form; "-" is stdin
    #[arg(long, short, value_name = "FILE")]
    config: Input,
    /// Brokers instead of the asset's `hosts`: host:port, separated by commas
    #[arg(long, value_name = "HOSTS")]
    hosts: Option<String>,
}

impl Configuration {
    /// Reads the configuration; `change` makes further changes to the form before its check.
    pub(super) fn load(
        &self,
        policy: &Policy,
        change: impl FnOnce(&mut Form),
    ) -> Result<Config, Failure> {
        load(&self.config, policy, |form| {
            if let Some(hosts) = &self.hosts {
                form.set("hosts", hosts.as_str());
            }
            change(form);
        })
    }
}

/// Reads an asset's configuration; `change` makes changes to the form before its check.
pub(super) fn load(
    input: &Input,
    policy: &Policy,
    change: impl FnOnce(&mut Form),
) -> Result<Config, Failure> {
    let text = input.read("the configuration")?;
    let faulty = |faults| failure(&input.name(), &faults);
    let mut form = Form::parse(&text).map_err(faulty)?;
    change(&mut form);
    form.check(policy).map_err(faulty)
}

/// The asset's configuration, and fields of it that the command line overrides.
#[derive(Debug, clap::Args)]
pub(super) struct Asset {
    #[command(flatten)]
    configuration: Configuration,
    /// A topic instead of the asset's `topic`
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
    /// A parser instead of the asset's `message_parser`; "" is the default parser
    #[arg(long, value_name = "FILE")]
    parser: Option<String>,
}

impl Asset {
    /// Whether the configuration comes from standard input, which then holds nothing else.
    pub(super) fn takes_stdin(&self) -> bool {
        self.configuration.config == Input::Stdin
    }

    /// As [`Configuration::load`].
    pub(super) fn load(
        &self,
        policy: &Policy,
        change: impl FnOnce(&mut Form),
    ) -> Result<Config, Failure> {
        self.configuration.load(policy, |form| {
            if let Some(topic) = &self.topic {
                form.set("topic", topic.as_str());
            }
            if let Some(parser) = &self.parser {
                set_parser(form, parser);
            }
            change(form);
        })
    }
}

/// Puts another parser in the place of the asset's; the signature that the asset has is not its.
pub(super) fn set_parser(form: &mut Form, parser: &str) {
    form.set("message_parser", parser);
    form.set("message_parser_signature", "");
}

fn failure(name: &str, faults: &Faults) -> Failure {
    let count = match faults.list() {
        [_] => "a fault".to_owned(),
        list => format!("{} faults", list.len()),
    };
    Failure::new(
        Class::Config,
        format!("the configuration {name} has {count}\n\n{faults}"),
    )
    .hint("an example of a configuration is in kafka-soar on-poll --help")
}

/// A value in its place, `@FILE`, or `-` for standard input.
pub(super) fn value(text: &str, what: &str) -> Result<String, Failure> {
    match text.strip_prefix('@') {
        Some(path) => Input::File(Path::new(path).to_owned()).read(what),
        None if text == "-" => Input::Stdin.read(what),
        None => Ok(text.to_owned()),
    }
}
