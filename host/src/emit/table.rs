//! Containers as a table for a person at a terminal.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, presets};
use serde_json::Value;

use crate::{
    model::{Batch, Ingest, Parsed, Rejection, text::shorten},
    ports::{Deliver, DeliverError},
};

/// Containers of a batch that are shown; more would bury the figures that matter.
const ROWS: usize = 40;
/// Characters of a name.
const NAME: usize = 100;
/// Columns without a terminal to fit.
const WIDTH: u16 = 120;
const NARROWEST: u16 = 20;

/// Writes a table a batch: a row a container. Nothing that a parser returns can act on the
/// terminal.
#[derive(Debug)]
pub struct Table<W> {
    out: W,
    /// Columns; the terminal's when `None`.
    width: Option<u16>,
    closed: bool,
}

impl<W: Write> Table<W> {
    /// As wide as the terminal.
    pub fn new(out: W) -> Self {
        Self {
            out,
            width: None,
            closed: false,
        }
    }

    /// Whether the reader has gone away, as with [`super::Ndjson::is_closed`].
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn render(&self, parsed: &Parsed) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_preset(presets::UTF8_BORDERS_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header([
                "Container",
                "Label",
                "Severity",
                "Artifacts",
                "First",
                "Last",
            ]);
        // A terminal that tells of no columns, or of fewer than a table needs, doesn't know better.
        let unknown = table.width().is_none_or(|columns| columns < NARROWEST);
        if let Some(width) = self.width.or_else(|| unknown.then_some(WIDTH)) {
            table.set_width(width);
        }
        if let Some(count) = table.column_mut(3) {
            count.set_cell_alignment(CellAlignment::Right);
        }
        for ingest in parsed.ingests().take(ROWS) {
            table.add_row(Self::row(ingest));
        }
        let mut text = format!("{table}\n");
        let more = parsed.ingests().len().saturating_sub(ROWS);
        if more > 0 {
            text.push_str("… and ");
            text.push_str(&more.to_string());
            text.push_str(" more containers (--json shows all)\n");
        }
        text
    }

    fn row(ingest: Ingest<'_>) -> [String; 6] {
        let container: Value = serde_json::from_str(ingest.container()).unwrap_or_default();
        let mut artifacts = ingest.artifacts();
        let count = artifacts.len();
        let first = artifacts.next().map_or_else(String::new, name);
        let last = artifacts.last().map_or_else(String::new, name);
        [
            field(&container, "name"),
            field(&container, "label"),
            field(&container, "severity"),
            count.to_string(),
            first,
            last,
        ]
    }
}

/// A field as one line of text, escaped; empty when it isn't there.
fn field(object: &Value, name: &str) -> String {
    match object.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => shorten(text, NAME).into_owned(),
        Some(other) => shorten(&other.to_string(), NAME).into_owned(),
    }
}

/// What an artifact is called: its name, else where it came from.
fn name(artifact: &str) -> String {
    let artifact: Value = serde_json::from_str(artifact).unwrap_or_default();
    match field(&artifact, "name") {
        name if name.is_empty() => field(&artifact, "source_data_identifier"),
        name => name,
    }
}

impl<W: Write> Deliver for Table<W> {
    fn deliver(
        &mut self,
        _: &Batch,
        parsed: &Parsed,
        _: bool,
    ) -> Result<Vec<Rejection>, DeliverError> {
        if parsed.ingests().len() == 0 {
            return Ok(Vec::new());
        }
        let text = self.render(parsed);
        self.out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush())
            .map(|()| Vec::new())
            .map_err(|e| {
                self.closed |= e.kind() == io::ErrorKind::BrokenPipe;
                DeliverError {
                    message: format!("standard output can't be written: {e}"),
                    hint: "mend the output, and poll again: nothing is lost".to_owned(),
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::tests::parsed;

    fn shown(ingests: &[(&str, &[&str])]) -> String {
        let mut out = Vec::new();
        let mut table = Table::new(&mut out);
        table.width = Some(100);
        table
            .deliver(&Batch::new("t"), &parsed(ingests), false)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_container_is_a_row() {
        let text = shown(&[(
            r#"{"name":"Messages from fw","severity":"high","label":"events"}"#,
            &[
                r#"{"name":"first one"}"#,
                r#"{"name":"middle"}"#,
                r#"{"source_data_identifier":"0:7"}"#,
            ],
        )]);
        for part in [
            "Messages from fw",
            "events",
            "high",
            " 3 ",
            "first one",
            "0:7",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("middle"));
    }

    #[test]
    fn nothing_a_parser_says_acts_on_the_terminal() {
        let text = shown(&[(
            r#"{"name":"\u001b[2Jgone\u0007","label":"\u202egpj","severity":["\u009b"]}"#,
            &[r#"{"name":"a\nb\r\u0000"}"#],
        )]);
        let active =
            |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!text.contains(active), "{text:?}");
        assert!(text.contains("\\u{1b}[2Jgone\\u{7}"), "{text}");
    }

    #[test]
    fn many_containers_are_cut_short() {
        let text = shown(&vec![("{}", &[] as &[&str]); 45]);
        assert!(
            text.ends_with("… and 5 more containers (--json shows all)\n"),
            "{text}"
        );
        assert_eq!(shown(&[]), "");
    }
}
