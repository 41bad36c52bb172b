//! A parser with every fate that a message can have. The first word of its value decides:
//!
//! | word | what becomes of the message |
//! |---|---|
//! | `panic` | the parser crashes, and the whole batch with it |
//! | `reject` | rejected |
//! | `filter` | nothing |
//! | `refused` | a container that SOAR refuses, by its severity |
//! | `incident-…` | an artifact of the container with that identifier, in whatever batch it comes |
//! | last word `phishing` | its container, if it is an incident, has that label |
//! | last word `odd` | its artifact is refused by SOAR, for its severity |
//! | anything else | an artifact of the batch's container, which has no identifier |

#![cfg(target_family = "wasm")]

use std::collections::BTreeMap;

use kafka_soar_parser::{Batch, Error, Message, Output, Parser, export_parser, poll};

struct Picky;

impl Parser for Picky {
    fn parse(batch: &Batch, out: &mut Output) -> Result<(), Error> {
        let at = poll::started().utc();
        let mut incidents: BTreeMap<&str, Vec<Message<'_>>> = BTreeMap::new();
        let mut refused = Vec::new();
        out.container(&format!("Messages of {at}")).skip_if_empty();
        for message in batch.messages() {
            let text = message.text()?;
            match text.split(' ').next() {
                Some("panic") => panic!("{text}"),
                Some("reject") => out.reject(message, Error::new("it says so itself")),
                Some("filter") => {}
                Some("refused") => refused.push(message),
                Some(word) if word.starts_with("incident-") => {
                    incidents.entry(word).or_default().push(message);
                }
                _ => add(out, message)?,
            }
        }
        for (name, messages) in incidents {
            let is_phishing = |m: &Message<'_>| m.text().is_ok_and(|t| t.ends_with(" phishing"));
            let label = messages.iter().any(is_phishing).then_some("phishing");
            let container = out.container(name).source_data_identifier(name);
            match label {
                Some(label) => drop(container.label(label)),
                None => drop(container),
            }
            for message in messages {
                add(out, message)?;
            }
        }
        for message in refused {
            out.container("Unwanted").field("severity", "unheard-of");
            add(out, message)?;
        }
        Ok(())
    }
}

fn add(out: &mut Output, message: Message<'_>) -> Result<(), Error> {
    let text = message.text()?;
    let artifact = out
        .artifact(message)
        .name("Message")
        .cef_text("message", text);
    if text.ends_with(" odd") {
        artifact.field("severity", "unheard-of");
    }
    Ok(())
}

export_parser!(Picky);
