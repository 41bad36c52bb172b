//! What this program is started again for: compiling a component, and running a parser.

pub use crate::sandbox::worker::{compile, run};
