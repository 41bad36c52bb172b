//! What parser authors work with: `kafka-soar parser run`, `test`, `check`, `new`, `build`, `bench`.

mod bench;
mod build;
mod check;
mod new;
mod run;
mod test;

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
