//! `kafka-soar:python-runner`, from `wit/python-runner`: the component that executes scripts.

use wasmtime::{
    Store,
    component::{HasSelf, InstancePre, Linker},
};

use self::exports::kafka_soar::python_runner::run::{Failure, Messages};
use self::kafka_soar::python_runner::script;
use super::since_v1_0_0;
use crate::{
    model::{Batch, text},
    sandbox::{
        wire::{Outcome, Returned},
        worker::{script::Texts, state::State},
    },
};

wasmtime::component::bindgen!({
    path: ["../wit/v1", "../wit/python-runner"],
    world: "kafka-soar:python-runner/python-runner",
    with: { "kafka-soar:parser/log@1.0.0": since_v1_0_0::kafka_soar::parser::log },
    ownership: Borrowing { duplicate_if_necessary: true },
    imports: { default: trappable },
});

/// What a script's failure says is cut to this many bytes.
const FAILURE_BYTES: usize = 8 << 10;

/// What the runner exports, version aside.
pub(super) const EXPORT: &str = "kafka-soar:python-runner/run";

/// What the runner imports and no other component may.
pub(crate) const IMPORT: &str = "kafka-soar:python-runner/script";

/// The runner, linked.
#[derive(Clone)]
pub(crate) struct Pre(PythonRunnerPre<State>);

/// An instance in which a script lives.
pub(crate) struct Instance(PythonRunner);

impl Pre {
    pub(super) fn new(pre: InstancePre<State>) -> wasmtime::Result<Self> {
        PythonRunnerPre::new(pre).map(Self)
    }

    pub(super) fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Instance> {
        self.0.instantiate(store).map(Instance)
    }
}

impl Instance {
    /// Has the script parse what of a batch is text. The inner error is what the script did.
    pub(super) fn call(
        &self,
        store: &mut Store<State>,
        batch: &Batch,
    ) -> wasmtime::Result<Result<Returned, Outcome>> {
        let texts = Texts::of(batch);
        let rejections = texts.rejections;
        if rejections.len() == batch.len() {
            return Ok(Ok(Returned {
                ingests: String::new(),
                sources: Vec::new(),
                rejections,
            }));
        }
        let called = self.0.kafka_soar_python_runner_run().call_parse_messages(
            store,
            Messages {
                topic: batch.topic(),
                text: &texts.text,
                ends: &texts.ends,
                offsets: &texts.offsets,
                partitions: &texts.partitions,
            },
        )?;
        Ok(match called {
            Ok(ingests) => Ok(Returned {
                ingests,
                sources: Vec::new(),
                rejections,
            }),
            Err(Failure::Broken(why)) => Err(Outcome::Broken(cut(&why))),
            Err(Failure::Failed(why)) => Err(Outcome::Failed(cut(&why))),
        })
    }
}

/// The runner bounds what it says; whoever takes it over may not.
fn cut(why: &str) -> String {
    text::cut(why, FAILURE_BYTES).to_owned()
}

pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    script::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

impl script::Host for State {
    fn get(&mut self) -> wasmtime::Result<script::Source> {
        let Some(script) = &self.script else {
            wasmtime::bail!("there is no script");
        };
        Ok(script::Source {
            name: script.name.clone(),
            text: script.text.clone(),
        })
    }
}
