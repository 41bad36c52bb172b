//! Layer 2: where containers, artifacts, quarantined records and recordings go.

mod append;
mod exchange;
mod ndjson;
mod quarantine;
pub mod recording;
mod soar_rest;
mod table;

pub use append::OpenError;
pub use exchange::{Exchange, ExchangeError, Reply};
pub use ndjson::Ndjson;
pub use quarantine::{QuarantineFile, QuarantineLines};
pub use soar_rest::SoarRest;
pub use table::Table;

#[cfg(test)]
mod tests {
    use crate::model::{IngestSpan, Parsed};

    /// What a parser returned, from containers and their artifacts.
    pub(super) fn parsed(ingests: &[(&str, &[&str])]) -> Parsed {
        let mut parsed = Parsed::default();
        let add = |text: &mut String, json: &str| {
            let start = text.len();
            text.push_str(json);
            start..text.len()
        };
        for (container, artifacts) in ingests {
            let container = add(&mut parsed.text, container);
            let first = parsed.artifacts.len();
            for artifact in *artifacts {
                let span = add(&mut parsed.text, artifact);
                parsed.artifacts.push(span);
            }
            parsed.ingests.push(IngestSpan {
                container,
                artifacts: first..parsed.artifacts.len(),
            });
        }
        parsed
    }
}
