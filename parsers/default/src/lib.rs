//! The parser that kafka-soar uses when an asset names none: one container a batch and one
//! artifact a message, with the message's text, as the connector that came with SOAR made them.
//!
//! A message that isn't text (no value, or bytes that aren't UTF-8) is rejected.

use kafka_soar_parser::{Batch, Error, Output, Parser, export_parser, poll};

/// The default parser.
#[derive(Debug)]
pub struct DefaultParser;

/// How many characters (code points) of the text an artifact's name has at most.
const NAME: usize = 100;

impl Parser for DefaultParser {
    fn parse(batch: &Batch, out: &mut Output) -> Result<(), Error> {
        let name = format!(
            "Messages ingested from {} at {}",
            batch.topic(),
            poll::started().local()
        );
        out.container(&name)
            .description("Some messages from Kafka")
            .run_automation(false)
            .skip_if_empty();
        batch.each(out, |message, out| {
            let text = message.text()?;
            out.artifact(message)
                .cef_text("message", text)
                .name(beginning(text))
                .source_data_identifier(format_args!(
                    "{}:{}",
                    message.partition(),
                    message.offset()
                ));
            Ok(())
        });
        Ok(())
    }
}

export_parser!(DefaultParser);

/// The first [`NAME`] characters of a text.
fn beginning(text: &str) -> &str {
    // Where they are ASCII, as they mostly are, a character is a byte.
    match text.as_bytes().get(..NAME) {
        None => text,
        Some(bytes) if bytes.is_ascii() => &text[..NAME],
        Some(_) => match text.char_indices().nth(NAME) {
            Some((end, _)) => &text[..end],
            None => text,
        },
    }
}

#[cfg(test)]
mod tests;
