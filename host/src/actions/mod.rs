//! Layer 4: what a person or SOAR asks for. Stitches the layers below together.

mod cluster;
mod delivery;
pub mod demo;
mod failure;
pub mod on_poll;
pub mod parser_inspect;
pub mod parser_sign;
pub(crate) mod parsers;
pub mod post_data;
pub mod quarantine;
pub mod recording;
pub mod relay;
pub mod sandbox;
pub mod serve;
pub(crate) mod settings_schema;
pub mod state;
pub mod test_connectivity;
pub mod wall;
mod work;

pub use failure::{Class, Failure};
