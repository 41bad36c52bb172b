//! kafka-soar: a Kafka → Splunk SOAR connector whose message parsers are sandboxed WebAssembly
//! components. The layers, each of which may use those above it in this list and no other
//! (docs/ARCHITECTURE.md; a test checks it):
//!
//! - 0: [`model`] the nouns, [`ports`] what the pipeline needs
//! - 1: [`config`] an asset's configuration, checked; [`http`] how HTTP is spoken; [`wall`] what a
//!   process gives up
//! - 2: [`kafka`] consumer and producer, [`sandbox`] parsers, [`emit`] where results go,
//!   [`schema`] what decodes before a parser, [`soar_double`] a stand-in for SOAR
//! - 3: [`pipeline`] the loop
//! - 4: [`actions`] what a person or SOAR asks for, [`toolchain`] what a parser's author works with
//! - 5: [`cli`] the command line

pub mod actions;
pub mod cli;
pub mod config;
pub mod emit;
pub mod http;
pub mod kafka;
pub mod model;
pub mod pipeline;
pub mod ports;
pub mod sandbox;
pub mod schema;
pub mod soar_double;
pub mod toolchain;
pub mod wall;
