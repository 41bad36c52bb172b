//! Components that no guest toolchain makes: refused, stopped, or harmless.

use std::{collections::BTreeMap, time::Duration};

use kafka_soar::{
    config::{ParserLimits, ParserSource, Policy},
    model::{Batch, Instant, NO_TIMESTAMP, Position, Record},
    sandbox::Sandbox,
};
use kafka_soar_tests::guests;

/// How each of `guests/malformed` ends: the beginning of what the person reads, or "fine".
const ENDS: [(&str, &str); 17] = [
    (
        "exports-nothing",
        "it does not export `kafka-soar:parser/message-parser@1.0.0`",
    ),
    (
        "huge-memory",
        "the parser was stopped: it asked for 4294967296 bytes of memory in all",
    ),
    (
        "imports-http",
        "it imports `wasi:http/outgoing-handler@0.2.0`",
    ),
    ("imports-unknown", "it imports `acme:secrets/vault@1.0.0`"),
    ("ingests-not-utf8", "the parser crashed: "),
    ("ingests-outside-memory", "the parser crashed: "),
    ("lists-directories", "fine"),
    (
        "memories",
        "the parser was stopped: it asked for 37748736 bytes of memory in all",
    ),
    ("multi-memory", "the file is not a valid component"),
    (
        "post-return-loop",
        "the parser was stopped: it ran too long on one batch",
    ),
    ("pure", "fine"),
    (
        "realloc-loop",
        "the parser was stopped: it ran too long on one batch",
    ),
    ("result-outside-memory", "the parser crashed: "),
    (
        "start-loop",
        "the parser was stopped: it ran too long on one batch",
    ),
    (
        "table-grow",
        "the parser was stopped: it asked for a table of 101000 elements",
    ),
    ("version-2", "it was made for version 2.0.0"),
    (
        "wrong-type",
        "it does not fit the contract kafka-soar:parser@1.0.0",
    ),
];

fn run(sandbox: &Sandbox, bytes: Vec<u8>) -> Result<(), String> {
    let source = ParserSource::Component {
        name: "guest".to_owned(),
        bytes,
        signature: None,
    };
    let limits = ParserLimits {
        memory: 32 << 20,
        // Ample for what ends by itself, on a busy machine too.
        time: Duration::from_secs(1),
        ..ParserLimits::default()
    };
    let started = Instant {
        unix_ms: 0,
        utc_offset_minutes: 0,
    };
    let mut parser = sandbox
        .load(&source, &Policy::default(), &limits, "{}", started)
        .map_err(|error| error.to_string().replace("guest: ", ""))?;
    let mut batch = Batch::new("topic");
    batch.push(&Record {
        position: Position {
            partition: 0,
            offset: 0,
        },
        timestamp: NO_TIMESTAMP,
        key: None,
        value: Some(b"a value"),
        headers: Vec::new(),
    });
    let parsed = parser.parse(&batch).map_err(|error| error.to_string())?;
    assert_eq!(parsed.ingests().len(), 0);
    Ok(())
}

/// A component without a line in the table fails, and so does a line without a component.
#[test]
fn each_ends_as_it_should() {
    let sandbox = kafka_soar_tests::sandbox(None);
    let ends: BTreeMap<_, _> = ENDS.into_iter().collect();
    let names = guests::text_names();
    assert!(names.iter().eq(ends.keys()), "{names:?}");
    for (name, expected) in ends {
        let found = match run(&sandbox, guests::text(name)) {
            Ok(()) => "fine".to_owned(),
            Err(error) => error,
        };
        assert!(found.starts_with(expected), "{name}: {found}");
    }
}
