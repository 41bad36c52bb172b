use kafka_soar_parser::{Batch, Error, Output, Parser, export_parser};

struct Hello;

impl Parser for Hello {
    fn parse(batch: &Batch, out: &mut Output) -> Result<(), Error> {
        batch.each(out, |message, out| {
            let line = message.text()?.lines().next().unwrap_or_default();
            out.container(&line.chars().take(100).collect::<String>());
            out.artifact(message).cef("message", message.text()?);
            Ok(())
        });
        Ok(())
    }
}

export_parser!(Hello);
