//! Kafka's errors as an action's failure.

use super::{Class, Failure};
use crate::kafka::Error;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let class = match error {
            Error::Settings { .. } | Error::UnknownPartition { .. } => Class::Config,
            _ => Class::Kafka,
        };
        Self::new(class, error.to_string()).hint(error.remedy())
    }
}
