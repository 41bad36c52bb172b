//! What the tests and the benchmarks share.

pub mod guests;
pub mod testbed;
