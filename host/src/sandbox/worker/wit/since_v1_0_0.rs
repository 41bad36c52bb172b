//! `kafka-soar:parser@1.0.0`, from `wit/v1`.

use wasmtime::{
    Store,
    component::{HasSelf, InstancePre, Linker, types::ComponentItem},
    error::Context as _,
};

use self::exports::kafka_soar::parser::message_parser::{
    Batch as WitBatch, Column as WitColumn, Parsed as WitParsed,
};
use self::kafka_soar::parser::{log, poll, settings};
use super::{EXPORT, Returned};
use crate::{
    model::{Batch, Column, text},
    sandbox::{
        wire::{Level, Outcome},
        worker::state::State,
    },
};

wasmtime::component::bindgen!({
    path: "../wit/v1",
    world: "parser",
    // Batches are lowered from the host's own vectors, without a copy in between.
    ownership: Borrowing { duplicate_if_necessary: true },
    imports: { default: trappable },
});

/// A component of this version, linked.
#[derive(Clone)]
pub(crate) struct Pre(ParserPre<State>);

/// What it became.
pub(crate) struct Instance(Parser);

/// What a parser says when it refuses a batch is cut to this many bytes.
const REFUSAL_BYTES: usize = 4 << 10;

impl Pre {
    pub(super) fn new(pre: InstancePre<State>) -> wasmtime::Result<Self> {
        check_type(&pre)?;
        ParserPre::new(pre).map(Self)
    }

    pub(super) fn instantiate(&self, store: &mut Store<State>) -> wasmtime::Result<Instance> {
        self.0.instantiate(store).map(Instance)
    }
}

impl Instance {
    pub(super) fn call(
        &self,
        store: &mut Store<State>,
        batch: &Batch,
    ) -> wasmtime::Result<Result<Returned, Outcome>> {
        let returned = self
            .0
            .kafka_soar_parser_message_parser()
            .call_parse_messages(store, lower(batch))?;
        Ok(match returned {
            Ok(parsed) => Ok(Returned {
                ingests: parsed.ingests,
                sources: parsed.sources,
                rejections: parsed
                    .rejections
                    .into_iter()
                    .map(|r| (r.index, r.reason))
                    .collect(),
            }),
            Err(reason) => Err(Outcome::Refused(
                text::cut(&reason, REFUSAL_BYTES).to_owned(),
            )),
        })
    }
}

/// The bindings look at a function's type only once there is an instance; a parser of the wrong
/// type is to be refused before any of it runs. `typecheck` is hidden from wasmtime's documentation.
fn check_type(pre: &InstancePre<State>) -> wasmtime::Result<()> {
    let (engine, component) = (pre.engine(), pre.component().component_type());
    let interface = component
        .exports(engine)
        .find_map(|(name, export)| match export.ty {
            ComponentItem::ComponentInstance(interface) if name.starts_with(EXPORT) => {
                Some(interface)
            }
            _ => None,
        })
        .with_context(|| format!("`{EXPORT}` is not an interface"))?;
    match interface.get_export(engine, "parse-messages").map(|e| e.ty) {
        Some(ComponentItem::ComponentFunc(function)) => function
            .typecheck::<(WitBatch<'_>,), (Result<WitParsed, String>,)>(&component.instance_type())
            .context("`parse-messages` has another type"),
        _ => wasmtime::bail!("there is no function `parse-messages` in `{EXPORT}`"),
    }
}

fn lower(batch: &Batch) -> WitBatch<'_> {
    WitBatch {
        topic: batch.topic(),
        partitions: batch.partitions(),
        offsets: batch.offsets(),
        timestamps: batch.timestamps(),
        keys: column(batch.keys()),
        values: column(batch.values()),
        header_ends: batch.header_ends(),
        header_names: column(batch.header_names()),
        header_values: column(batch.header_values()),
    }
}

fn column(column: &Column) -> WitColumn<'_> {
    WitColumn {
        bytes: column.bytes(),
        ends: column.ends(),
        nulls: column.nulls(),
    }
}

pub(super) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    Parser::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}

impl settings::Host for State {
    fn get(&mut self) -> wasmtime::Result<String> {
        Ok(self.settings.to_string())
    }
}

impl poll::Host for State {
    fn started(&mut self) -> wasmtime::Result<poll::Instant> {
        Ok(poll::Instant {
            unix_ms: self.started.unix_ms,
            utc_offset_minutes: self.started.utc_offset_minutes,
        })
    }
}

impl log::Host for State {
    fn write(&mut self, level: log::Level, text: String) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        };
        self.write_log(level, &text).map_err(wasmtime::Error::new)
    }
}
