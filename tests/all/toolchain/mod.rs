//! What parser authors work with: `kafka-soar parser run`, `test`, `check`, `new`, `build`, `bench`.

mod bench;
mod build;
mod check;
mod languages;
mod new;
mod registry;
mod run;
mod scripts;
mod test;
mod verify;
mod watch;

use std::process::Command;

use serde_json::Value;

use crate::policy::{Place, Ran};

/// Runs `kafka-soar parser …`.
fn parser(place: &Place, words: &[&str]) -> Ran {
    place.run(&[&["parser"], words].concat())
}

/// The lines of standard output, each of them JSON.
fn lines(ran: &Ran) -> Vec<Value> {
    ran.stdout
        .lines()
        .map(|line| line.parse().unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

/// `kafka-soar parser …` in an environment as a person has it: what cargo tells the tests about
/// themselves is not for the projects that they build. These share what they depend on.
fn building(words: &[&str]) -> Command {
    let mut command = Place::command(&[&["parser"], words].concat());
    for (name, _) in std::env::vars_os() {
        let kept = name == "CARGO_HOME" || !name.to_string_lossy().starts_with("CARGO");
        if !kept {
            command.env_remove(name);
        }
    }
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests/projects");
    command.env("CARGO_TARGET_DIR", shared);
    command
}
