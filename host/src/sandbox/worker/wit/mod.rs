//! The versions of the contract that this host runs. Each is one file with the name of the
//! version that brought it in; it converts to and from `model`, so behaviour exists once.

mod python;
mod since_v1_0_0;

use wasmtime::{
    Store,
    component::{InstancePre, Linker},
};

use super::state::State;
pub(super) use crate::sandbox::wire::Returned;
use crate::{model::Batch, sandbox::wire::Outcome};
pub(crate) use python::IMPORT as SCRIPT;

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
    /// Executes scripts.
    Python(python::Pre),
}

/// What a component became.
pub(crate) enum Instance {
    V1(since_v1_0_0::Instance),
    Python(python::Instance),
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
            // The runner alone has no parser of its own: a script is one.
            None if component
                .exports(pre.engine())
                .any(|(name, _)| name.starts_with(python::EXPORT)) =>
            {
                python::Pre::new(pre).map(Self::Python)
            }
            None => wasmtime::bail!("it does not export `{EXPORT}`"),
        }
    }

    /// Whether an instance serves more than one batch: a script's state lasts a poll, as it did in
    /// the original connector.
    pub(crate) fn keeps_state(&self) -> bool {
        matches!(self, Self::Python(_))
    }

    pub(crate) fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Instance> {
        match self {
            Self::V1(pre) => pre.instantiate(store).map(Instance::V1),
            Self::Python(pre) => pre.instantiate(store).map(Instance::Python),
        }
    }
}

impl Instance {
    /// The inner error is the parser's own.
    pub(crate) fn call(
        &self,
        store: &mut Store<State>,
        batch: &Batch,
    ) -> wasmtime::Result<Result<Returned, Outcome>> {
        match self {
            Self::V1(instance) => instance.call(store, batch),
            Self::Python(instance) => instance.call(store, batch),
        }
    }
}

/// Adds what guests of any known contract may import.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    since_v1_0_0::link(linker)?;
    python::link(linker)
}
