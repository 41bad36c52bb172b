//! `kafka-soar action`

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader},
    os::fd::AsFd as _,
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use super::{end::End, signals::Signals};
use crate::{
    actions::{self, Class, Failure, relay, relay::Request},
    config::{Config, Policy},
    emit::{Exchange, Reply},
};

/// Run one action for a SOAR app, over standard input and output
///
/// Reads a request, one line of JSON, from standard input, and writes progress, containers, states
/// and a result to standard output, a line of JSON each. Containers and states are acknowledged on
/// standard input (docs/protocol.md).
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Example:
  echo '{\"protocol\": 1, \"action\": \"test connectivity\", \"config\": {\"hosts\": \"kafka:9092\",
    \"topic\": \"firewall\", \"timeout\": 5000}}' | tr -d '\\n' | kafka-soar action

Exit codes are those of kafka-soar, but a result that says \"failed\" is 1 whatever the cause.")]
pub(super) struct Action {}

impl Action {
    #[expect(clippy::unused_self, reason = "a command like the others")]
    pub(super) fn run(&self, policy: &Policy) -> Result<End, Failure> {
        // Not Rust's own standard input: its lock can't be handed to the thread that reads on.
        let mut input = BufReader::new(own(io::stdin().as_fd())?);
        let mut line = Vec::new();
        let read = input.read_until(b'\n', &mut line).map_err(|e| {
            Failure::new(Class::Config, format!("standard input can't be read: {e}"))
        })?;
        if read == 0 {
            return Ok(End::Closed);
        }
        let asked = prepare(&line, policy);
        let signals = Signals::catch()?;
        let stop = signals.stop();
        let exchange = Exchange::start(input, io::stdout(), Arc::clone(&stop));
        let reply = match asked {
            Ok(asked) => asked.run(&exchange, stop),
            Err(failure) => relay::failed(&failure, &exchange),
        };
        if exchange.is_closed() {
            return Ok(End::Closed);
        }
        let end = match signals.end() {
            Some(end) => end,
            None if reply.status == "success" => End::Done,
            None => End::Negative,
        };
        Ok(match exchange.result(&reply) {
            Ok(()) => end,
            Err(_) if exchange.is_closed() => End::Closed,
            Err(error) => End::Failed(Failure::new(Class::Output, error.to_string())),
        })
    }
}

/// A request that can be run.
struct Asked {
    request: Request,
    config: Config,
    quarantine: PathBuf,
}

impl Asked {
    fn run(self, exchange: &Exchange, stop: Arc<AtomicBool>) -> Reply {
        relay::run(&self.request, &self.config, exchange, self.quarantine, stop)
    }
}

/// Everything before the wall, and the wall: it wants to be up before there is a thread.
fn prepare(line: &[u8], policy: &Policy) -> Result<Asked, Failure> {
    let line = std::str::from_utf8(line).map_err(|e| {
        let at = e.valid_up_to();
        Failure::new(
            Class::Config,
            format!("the request is not UTF-8: byte {at}"),
        )
        .hint("write JSON in UTF-8, or with everything else escaped")
    })?;
    let request = Request::parse(line)?;
    let config = relay::configure(&request, policy)?;
    let quarantine = super::polling::quarantine(request.quarantine.as_ref(), None);
    actions::wall::raise([quarantine.clone()])?;
    Ok(Asked {
        request,
        config,
        quarantine,
    })
}

fn own(stream: std::os::fd::BorrowedFd<'_>) -> Result<File, Failure> {
    let owned = stream.try_clone_to_owned().map_err(|e| {
        Failure::new(
            Class::Internal,
            format!("standard input can't be used: {e}"),
        )
    })?;
    Ok(File::from(owned))
}
