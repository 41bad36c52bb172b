//! What an error means to a poll. Most of librdkafka's are news, not failures.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::super::{
    Error,
    error::{unauthorized, words},
    trouble::Context,
};
use crate::config::Topic;

pub(in crate::kafka) enum Judgement {
    /// Nothing more in this partition for now.
    End(i32),
    /// librdkafka is on it.
    Wait,
    /// The cluster refuses this client: the context knows which host and why.
    Refused,
    Fail(Error),
}

pub(in crate::kafka) fn judge(error: &KafkaError, topic: &Topic, context: &Context) -> Judgement {
    if let KafkaError::PartitionEOF(partition) = error {
        return Judgement::End(*partition);
    }
    let Some(code) = error.rdkafka_error_code() else {
        return Judgement::Wait;
    };
    let cause = || context.last().unwrap_or_else(|| words(error));
    let topic = || topic.to_string();
    if matches!(error, KafkaError::MessageConsumptionFatal(_)) {
        return Judgement::Fail(Error::Client {
            doing: format!("go on reading topic {}", topic()),
            cause: cause(),
        });
    }
    match code {
        Code::AutoOffsetReset | Code::OffsetOutOfRange => {
            Judgement::Fail(Error::OffsetOutOfRange {
                topic: topic(),
                cause: cause(),
            })
        }
        // librdkafka goes on behind the damage; a poll that did so would lose records.
        Code::BadMessage | Code::BadCompression | Code::InvalidMessage => {
            Judgement::Fail(Error::Corrupt {
                topic: topic(),
                cause: cause(),
            })
        }
        Code::MessageSizeTooLarge => Judgement::Fail(Error::Client {
            doing: format!("read a record of topic {} over 1 GiB", topic()),
            cause: cause(),
        }),
        code if unauthorized(code) => Judgement::Fail(Error::Unauthorized {
            doing: format!("read topic {}", topic()),
            cause: cause(),
        }),
        _ if context.refused() => Judgement::Refused,
        _ => Judgement::Wait,
    }
}
