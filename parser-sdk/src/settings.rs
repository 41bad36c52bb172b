//! The asset's `parser_settings`.

use serde::de::DeserializeOwned;

use crate::{Error, error, host};

/// The settings as type `T`; an asset without settings has an empty object. They are the same
/// for a whole poll.
///
/// ```
/// # use kafka_soar_parser::{Error, settings};
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Settings {
///     label: String,
///     #[serde(default)]
///     tags: Vec<String>,
/// }
///
/// # fn parse() -> Result<(), Error> {
/// let settings: Settings = settings::get()?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// When they aren't of type `T`; the reason names the field, line and column.
pub fn get<T: DeserializeOwned>() -> Result<T, Error> {
    serde_json::from_str(&text()).map_err(|error| error::json("`parser_settings`", &error))
}

/// The settings as JSON text, always of an object.
#[must_use]
pub fn text() -> String {
    host::settings()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Batch, Output, Parser, testing::batch};

    struct Labelled;

    impl Parser for Labelled {
        fn parse(_: &Batch, out: &mut Output) -> Result<(), Error> {
            let settings: BTreeMap<String, u8> = get()?;
            out.container(&format!("{settings:?}"));
            Ok(())
        }
    }

    #[test]
    fn settings_are_typed_and_empty_by_default() {
        let parsed = batch("t").value("x").parse::<Labelled>().unwrap();
        assert_eq!(parsed.ingests[0].container["name"], "{}");
        let with = batch("t").value("x").settings(r#"{"a": 1}"#);
        let parsed = with.parse::<Labelled>().unwrap();
        assert_eq!(parsed.ingests[0].container["name"], r#"{"a": 1}"#);
    }

    #[test]
    fn wrong_settings_refuse_the_batch_and_name_the_place() {
        let with = batch("t").value("x").settings(r#"{"a": "b"}"#);
        assert_eq!(
            with.parse::<Labelled>().unwrap_err().reason(),
            "`parser_settings` isn't the JSON that this parser expects: \
             invalid type: string \"b\", expected u8 at line 1 column 9"
        );
    }
}
