//! What the host offers: the component's imports, or natively what a test has set up. Each
//! function is its own import, which a component has only if something calls it.

#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::testing::host::{log, settings, started};
#[cfg(target_family = "wasm")]
pub(crate) use crate::wasm::host::{log, settings, started};
