//! The versions of the contract that this host runs. Each is one file with the name of the
//! version that brought it in; it converts to and from `model`, so behaviour exists once.

mod since_v1_0_0;

use wasmtime::{
    Store,
    component::{InstancePre, Linker},
};

use super::state::State;
use crate::model::Batch;
pub(super) use crate::sandbox::wire::Returned;

/// The interface that every parser exports, without its version.
pub(crate) const EXPORT: &str = "kafka-soar:parser/message-parser";

/// A version of the contract, from the name of the exported interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contract {
    V1,
}

impl Contract {
    /// The contract that an exported `kafka-soar:parser/message-parser@VERSION` asks for. Minor
    /// versions only add, so a parser made for a later 1.x runs if it imports nothing new.
    pub(crate) fn of_version(version: &str) -> Option<Self> {
        match version.split('.').next() {
            Some("1") => Some(Self::V1),
            _ => None,
        }
    }

    /// What this host runs, for a person.
    pub(crate) fn known() -> &'static str {
        "1.x"
    }
}

/// A linked component, ready to be instantiated.
#[derive(Clone)]
pub(crate) enum Entry {
    V1(since_v1_0_0::Pre),
}

impl Entry {
    /// # Errors
    ///
    /// When the component's `parse-messages` hasn't the type that the contract gives it.
    pub(crate) fn of(pre: InstancePre<State>) -> wasmtime::Result<Self> {
        let component = pre.component().component_type();
        let contract = component.exports(pre.engine()).find_map(|(name, _)| {
            Contract::of_version(name.strip_prefix(EXPORT)?.strip_prefix('@')?)
        });
        match contract {
            Some(Contract::V1) => Ok(Self::V1(since_v1_0_0::Pre::new(pre)?)),
            None => wasmtime::bail!("it does not export `{EXPORT}`"),
        }
    }

    /// Instantiates and calls. The inner error is the parser's own.
    pub(crate) fn call(
        &self,
        store: &mut Store<State>,
        batch: &Batch,
    ) -> wasmtime::Result<Result<Returned, String>> {
        match self {
            Self::V1(pre) => pre.call(store, batch),
        }
    }
}

/// Adds what guests of any known contract may import.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    since_v1_0_0::link(linker)
}
