//! The apps in SOAR's place: Python, the built binary, a real broker, the stand-ins for SOAR's
//! closed package (`tests/soar_app`) and for its REST API.

mod app;
mod behaviour;
mod deaths;
mod form;
mod packages;
mod parsers;
mod pattern;
mod protocol;
