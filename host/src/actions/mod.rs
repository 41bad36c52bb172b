//! Layer 4: what a person or SOAR asks for. Stitches the layers below together.

mod failure;

pub use failure::{Class, Failure};
