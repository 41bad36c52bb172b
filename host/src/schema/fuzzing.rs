//! Where fuzzing (`fuzz/`) and its findings (`tests/all/corpus.rs`) reach what has no name outside.

use super::{avro::Avro, protobuf::Protobuf, registry};

/// A schema as a registry has it, without the registry.
pub struct Schema(registry::Schema);

impl Schema {
    /// # Errors
    ///
    /// Why it is no Avro schema.
    pub fn avro(text: &str) -> Result<Self, String> {
        Avro::new(text, &[]).map(|schema| Self(registry::Schema::Avro(schema)))
    }

    /// # Errors
    ///
    /// Why it is no .proto file.
    pub fn protobuf(text: &str) -> Result<Self, String> {
        let schema = Protobuf::new(text, Vec::new())?;
        Ok(Self(registry::Schema::Protobuf(schema)))
    }

    /// Of payloads that are JSON already.
    #[must_use]
    pub fn json() -> Self {
        Self(registry::Schema::Json)
    }

    /// What follows the schema's id in a message, as JSON.
    ///
    /// # Errors
    ///
    /// Why it does not fit the schema.
    pub fn decode(&self, payload: &[u8]) -> Result<String, String> {
        self.0.decode(payload)
    }
}
