//! Everything that a parser can see, as JSON.

use serde_json::{Value, json};

use crate::bindings::{
    exports::kafka_soar::parser::message_parser::{Batch, Column},
    kafka_soar::parser::{poll, settings},
};

/// Bytes come as a list of numbers: exact, whatever they are.
pub(crate) fn all(batch: &Batch) -> Value {
    let started = poll::started();
    json!({
        "settings": serde_json::from_str::<Value>(&settings::get()).ok(),
        "started": {
            "unix_ms": started.unix_ms,
            "utc_offset_minutes": started.utc_offset_minutes,
        },
        "topic": batch.topic,
        "partitions": batch.partitions,
        "offsets": batch.offsets,
        "timestamps": batch.timestamps,
        "keys": column(&batch.keys),
        "values": column(&batch.values),
        "header_ends": batch.header_ends,
        "header_names": column(&batch.header_names),
        "header_values": column(&batch.header_values),
    })
}

fn column(column: &Column) -> Value {
    json!({"bytes": column.bytes, "ends": column.ends, "nulls": column.nulls})
}
