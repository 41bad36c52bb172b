//! The component's side: bindings made from the WIT, and the way between them and the SDK's own
//! types. Lists move, nothing is copied.

use std::marker::PhantomData;

use bindings::exports::kafka_soar::parser::message_parser::{
    Batch as WitBatch, Column as WitColumn, Guest, Parsed, Rejection,
};

use crate::{Batch, Parser, allocator::BatchAllocator, batch::Column, output};

#[allow(
    clippy::all,
    clippy::pedantic,
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated"
)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../wit/v1",
        world: "parser",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "kafka_soar_parser::wasm::bindings",
    });
}

#[global_allocator]
static ALLOCATOR: BatchAllocator = BatchAllocator::new();

/// A parser as the world's export.
pub struct Exported<P>(PhantomData<P>);

impl<P: Parser> Guest for Exported<P> {
    fn parse_messages(batch: WitBatch) -> Result<Parsed, String> {
        let written = output::run::<P>(&batch.into()).map_err(crate::Error::into_reason)?;
        Ok(Parsed {
            ingests: written.ingests,
            sources: written.sources,
            rejections: written
                .rejections
                .into_iter()
                .map(|(index, reason)| Rejection { index, reason })
                .collect(),
        })
    }
}

impl From<WitBatch> for Batch {
    fn from(batch: WitBatch) -> Self {
        Self {
            topic: batch.topic,
            partitions: batch.partitions,
            offsets: batch.offsets,
            timestamps: batch.timestamps,
            keys: batch.keys.into(),
            values: batch.values.into(),
            header_ends: batch.header_ends,
            header_names: batch.header_names.into(),
            header_values: batch.header_values.into(),
        }
    }
}

impl From<WitColumn> for Column {
    fn from(column: WitColumn) -> Self {
        Self {
            bytes: column.bytes,
            ends: column.ends,
            nulls: column.nulls,
        }
    }
}

/// The imports.
pub(crate) mod host {
    use super::bindings::kafka_soar::parser::{log as wit_log, poll, settings as wit_settings};
    use crate::{log::Level, poll::Instant, time::Timestamp};

    pub(crate) fn settings() -> String {
        wit_settings::get()
    }

    pub(crate) fn started() -> Instant {
        let started = poll::started();
        Instant {
            utc: Timestamp::from_unix_ms(i64::try_from(started.unix_ms).unwrap_or(i64::MAX)),
            utc_offset_minutes: started.utc_offset_minutes,
        }
    }

    pub(crate) fn log(level: Level, line: &str) {
        let level = match level {
            Level::Debug => wit_log::Level::Debug,
            Level::Info => wit_log::Level::Info,
            Level::Warn => wit_log::Level::Warn,
            Level::Error => wit_log::Level::Error,
        };
        wit_log::write(level, line);
    }
}
