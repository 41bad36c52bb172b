//! How an action fails: a class (the exit code), what happened, and what to do about it.

use std::fmt;

use crate::emit::OpenError;

/// What kind of failure; each has an exit code of its own, after sysexits.h where that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The configuration or the command line is wrong: 64.
    Config,
    /// The parser was refused, crashed, hit a limit or returned what it may not: 65.
    Parser,
    /// The Kafka cluster can't be reached or used: 69.
    Kafka,
    /// A defect in kafka-soar: 70.
    Internal,
    /// Containers, quarantined records, the state or recordings could not be written or read: 74.
    Output,
}

impl Class {
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Config => 64,
            Self::Parser => 65,
            Self::Kafka => 69,
            Self::Internal => 70,
            Self::Output => 74,
        }
    }

    /// The class's name in `--json` output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Parser => "parser",
            Self::Kafka => "kafka",
            Self::Internal => "internal",
            Self::Output => "output",
        }
    }
}

/// An action that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub class: Class,
    /// What happened, with names and values. May have several lines.
    pub message: String,
    /// What a person can do about it.
    pub hint: Option<String>,
}

impl Failure {
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            hint: None,
        }
    }

    /// A file that can't be opened for writing. `what` is its part, such as "output".
    #[must_use]
    pub fn not_opened(what: &str, error: &OpenError) -> Self {
        let hint = match error {
            OpenError::Busy { .. } => "wait until it is over, or name another file",
            OpenError::Io { .. } => "its folder must be there and writable",
        };
        let message = format!("the {what} can't be opened: {error}");
        Self::new(Class::Output, message).hint(hint)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}
