//! A process that compiles one component.

use std::{io::Write as _, time::Duration};

use wasmtime::{
    Engine,
    component::{Component, Linker},
};

use super::{engine, socket::Socket, state::State, wit};
use crate::{
    config::MAX_COMPONENT_BYTES,
    sandbox::wire::{self, Compiled, Order},
    wall,
};

/// Reads an [`Order`] and the component from standard input, and writes [`Compiled`] and the
/// native code to standard output. Whether all went well.
#[must_use]
pub fn main() -> bool {
    super::close_inherited();
    let mut socket = Socket;
    let Ok(Some(order)) = wire::receive::<Order>(&mut socket, 0) else {
        return false;
    };
    let (answer, code) = match confine(&order).and_then(|()| {
        wire::bytes(&mut socket, order.component, MAX_COMPONENT_BYTES).map_err(|e| e.to_string())
    }) {
        Ok(component) => compile(&component),
        Err(why) => (Compiled::Failed(why), Vec::new()),
    };
    match wire::send(&mut socket, &answer).and_then(|()| socket.write_all(&code)) {
        Ok(()) => true,
        // Whoever asked is gone.
        Err(_) => false,
    }
}

fn confine(order: &Order) -> Result<(), String> {
    wall::Limits {
        memory: order.memory,
        time: Some(Duration::from_secs(order.seconds)),
    }
    .set()?;
    if order.wall {
        wall::around_compiler()?;
    }
    Ok(())
}

fn compile(component: &[u8]) -> (Compiled, Vec<u8>) {
    let nothing = |answer| (answer, Vec::new());
    let engine = match engine::compiling() {
        Ok(engine) => engine,
        Err(e) => return nothing(Compiled::Failed(format!("{e:#}"))),
    };
    let compiled = match Component::from_binary(&engine, component) {
        Ok(compiled) => compiled,
        Err(e) => return nothing(Compiled::Invalid(format!("{e:#}"))),
    };
    if let Err(e) = check_type(&engine, &compiled) {
        return nothing(Compiled::WrongType(format!("{e:#}")));
    }
    match compiled.serialize() {
        Ok(code) => (Compiled::Code(code.len() as u64), code),
        Err(e) => nothing(Compiled::Failed(format!("{e:#}"))),
    }
}

/// Whether everything that it imports is there, and its export is what the contract says.
fn check_type(engine: &Engine, component: &Component) -> wasmtime::Result<()> {
    let mut linker: Linker<State> = Linker::new(engine);
    engine::link(&mut linker)?;
    wit::Entry::of(linker.instantiate_pre(component)?).map(drop)
}
