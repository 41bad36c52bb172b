//! One binary for all integration tests: each theme a module.

mod admission;
mod asset;
mod backlog;
mod chaos;
mod contract;
mod corpus;
mod default_parser;
mod determinism;
mod isolation;
mod kafka;
mod languages;
mod laws;
mod layers;

mod on_poll;
mod policy;
mod probe;
mod quarantine;
mod recordings;
mod sandbox;
mod schemas;
mod scripts;
mod security;
mod serve;
mod soar_app;
mod soar_double;
mod soar_rest;
mod toolchain;
mod wall;
