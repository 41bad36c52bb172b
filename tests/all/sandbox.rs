//! What the tests of the sandbox share.

use std::{sync::OnceLock, time::Duration};

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{Batch, Instant, NO_TIMESTAMP, Parsed, Position, Record},
    ports::ParseError,
    sandbox::{LoadError, Parser, Refusal, Sandbox},
};
use kafka_soar_tests::guests;

pub(crate) const STARTED: Instant = Instant {
    unix_ms: 1_793_000_000_123,
    utc_offset_minutes: 330,
};

/// One engine for all tests, as in production.
pub(crate) fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| kafka_soar_tests::sandbox(None))
}

/// Loads a component, with `{"mode": "test"}` as its settings.
pub(crate) fn load(bytes: &[u8], limits: &ParserLimits) -> Result<Parser, LoadError> {
    load_into(sandbox(), bytes, limits)
}

/// [`load`], into a sandbox of one's own.
pub(crate) fn load_into(
    sandbox: &Sandbox,
    bytes: &[u8],
    limits: &ParserLimits,
) -> Result<Parser, LoadError> {
    let source = ParserSource::Component {
        name: "guest".into(),
        bytes: bytes.to_vec(),
        signature: None,
    };
    sandbox.load(
        &source,
        &Policy::default(),
        limits,
        r#"{"mode":"test"}"#,
        STARTED,
    )
}

/// Why a component is refused.
pub(crate) fn refusal(bytes: &[u8]) -> Refusal {
    match load(bytes, &ParserLimits::default()) {
        Err(LoadError::Refused { refusal, .. }) => refusal,
        Err(other) => panic!("not refused, but: {other}"),
        Ok(_) => panic!("admitted"),
    }
}

/// A batch of these values, one partition, offsets from 0.
pub(crate) fn batch(values: &[&str]) -> Batch {
    let mut batch = Batch::new("topic");
    for (offset, value) in (0..).zip(values) {
        batch.push(&Record {
            position: Position {
                partition: 0,
                offset,
            },
            timestamp: NO_TIMESTAMP,
            key: None,
            value: Some(value.as_bytes()),
            headers: vec![],
        });
    }
    batch
}

/// Small limits, so that passing them is quick.
pub(crate) fn limits() -> ParserLimits {
    ParserLimits {
        memory: 32 << 20,
        time: Duration::from_secs(20),
        message_time: None,
        output: 1 << 20,
        log: 10_000,
        artifacts: 100,
    }
}

/// What the hostile guest makes of a command, with two more messages behind it.
pub(crate) fn tell(command: &str, limits: &ParserLimits) -> Result<Parsed, ParseError> {
    load(guests::HOSTILE, limits)
        .expect("the hostile guest is admitted")
        .parse(&batch(&[command, "second", "third"]))
}

/// Why what the guest returned is invalid.
pub(crate) fn invalid(result: Result<Parsed, ParseError>) -> String {
    match result {
        Err(ParseError::Invalid(why)) => why,
        other => panic!("not invalid, but: {other:?}"),
    }
}
