//! What a guest returns: JSON text, indices of records, rejections.

use kafka_soar::{
    config::ParserLimits, model::Parsed, ports::ParseError, sandbox::fuzzing::validate,
};
use serde_json::Value;

use super::{halves, harmless, oracle};

/// Records in the batch.
const RECORDS: usize = 8;

/// The text; after a zero byte the sources, a byte each, up to 0xff; then rejections: a byte for
/// the index, and the reason up to 0xff.
pub fn check(bytes: &[u8]) {
    let (text, indices) = halves(bytes);
    if let Ok(text) = std::str::from_utf8(text) {
        agrees(text);
        accounts(text, indices);
    }
}

/// A text is taken exactly if `serde_json` and the rules take it, and comes out as it went in.
pub fn agrees(text: &str) {
    let limits = ParserLimits::default();
    match validate(text.to_owned(), vec![], vec![], RECORDS, &limits) {
        Ok(parsed) => {
            assert!(oracle::takes(text), "taken: {text}");
            let whole: Value = serde_json::from_str(text).unwrap_or_else(|_| Value::Array(vec![]));
            assert_eq!(pieces(&parsed), whole);
        }
        Err(ParseError::Invalid(why)) => {
            harmless(&why);
            // How long a name is spelt, only the scanner sees.
            let spelling = why.contains("a field's name has more than") && text.len() > 1024;
            assert!(spelling || !oracle::takes(text), "{why}: {text}");
        }
        Err(other) => panic!("{other}"),
    }
}

fn pieces(parsed: &Parsed) -> Value {
    let read = |json: &str| serde_json::from_str::<Value>(json).expect("a piece is JSON");
    let one = |ingest: kafka_soar::model::Ingest<'_>| {
        let artifacts: Vec<Value> = ingest.artifacts().map(read).collect();
        serde_json::json!({"container": read(ingest.container()), "artifacts": artifacts})
    };
    parsed.ingests().map(one).collect()
}

/// Every source is of a record that is there and isn't rejected.
fn accounts(text: &str, indices: &[u8]) {
    let mut parts = indices.split(|&byte| byte == 0xff);
    let sources = parts.next().unwrap_or_default();
    let sources: Vec<u32> = sources.iter().map(|&byte| byte.into()).collect();
    let rejections = parts.filter_map(|part| {
        let (index, reason) = part.split_first()?;
        let reason = String::from_utf8_lossy(reason).into_owned();
        Some((u32::from(*index), reason))
    });
    let limits = ParserLimits {
        artifacts: 40,
        output: 8 << 10,
        ..ParserLimits::default()
    };
    match validate(
        text.to_owned(),
        sources,
        rejections.collect(),
        RECORDS,
        &limits,
    ) {
        Ok(parsed) => {
            let accepted = parsed.accepted(RECORDS);
            assert_eq!(accepted.len() + parsed.rejections().len(), RECORDS);
            assert!(
                parsed
                    .sources()
                    .iter()
                    .all(|source| accepted.contains(source))
            );
            let told = parsed.sources().len();
            assert!(told == 0 || told == parsed.artifact_count());
            assert!(parsed.artifact_count() + parsed.ingests().len() <= limits.artifacts);
            for rejection in parsed.rejections() {
                harmless(&rejection.reason);
            }
        }
        Err(error) => harmless(&error.to_string()),
    }
}
