//! "Echo" in Rust: see tests/cases/contract/README.md.

#![cfg(target_family = "wasm")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kafka_soar_parser::{
    Batch, Error, Message, Output, Parser, export_parser, info, poll, settings,
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    note: String,
}

#[derive(Serialize)]
struct Cef<'a> {
    key: Option<String>,
    message: &'a str,
    headers: Vec<(&'a str, Option<String>)>,
    poll: i64,
    offset_minutes: i16,
}

struct Echo;

impl Parser for Echo {
    fn parse(batch: &Batch, out: &mut Output) -> Result<(), Error> {
        let settings: Settings = settings::get()?;
        let mut refused = false;
        batch.each(out, |message, out| {
            let text = message.text()?;
            match text {
                "!refuse" => refused = true,
                "!trap" => core::arch::wasm32::unreachable(),
                _ => echo(batch.topic(), message, text, &settings.note, out),
            }
            Ok(())
        });
        if refused {
            return Err(Error::new("refused as asked"));
        }
        Ok(())
    }
}

fn echo(topic: &str, message: Message<'_>, text: &str, note: &str, out: &mut Output) {
    if let Some(line) = text.strip_prefix("!log ") {
        info!("{line}");
    }
    let name = format!("{topic}/{}/{}", message.partition(), message.offset());
    let container = out.container(&name).description(note);
    if let Some(time) = message.timestamp() {
        drop(container.start_time(time));
    } else {
        drop(container);
    }
    let started = poll::started();
    // Not by `cef_from`: CEF fields would come first, and the cases want them behind the name.
    out.artifact(message).name("echo").field(
        "cef",
        Cef {
            key: message.key().map(|key| STANDARD.encode(key)),
            message: text,
            headers: message
                .headers()
                .map(|header| {
                    (
                        header.name,
                        header.value.map(|value| STANDARD.encode(value)),
                    )
                })
                .collect(),
            poll: started.utc().unix_ms(),
            offset_minutes: started.utc_offset_minutes(),
        },
    );
}

export_parser!(Echo);
