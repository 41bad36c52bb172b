//! `kafka-soar parser …`

mod bench;
mod build;
mod check;
mod inspect;
mod new;
mod registry;
mod replay;
mod run;
mod sign;
mod subject;
mod test;
mod verify;
mod watch;

use super::{end::End, terminal::Terminal};
use crate::{actions::Failure, config::Policy};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Parser {
    New(new::New),
    Build(build::Build),
    Run(run::Run),
    Test(test::Test),
    Check(check::Check),
    Watch(watch::Watch),
    Bench(bench::Bench),
    Inspect(inspect::Inspect),
    Sign(sign::Sign),
    Verify(verify::Verify),
    Push(registry::Push),
    Pull(registry::Pull),
    Replay(replay::Replay),
}

impl Parser {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        match self {
            Self::New(command) => command.run(terminal),
            Self::Build(command) => command.run(terminal, policy),
            Self::Run(command) => command.run(terminal, policy),
            Self::Test(command) => command.run(terminal, policy),
            Self::Check(command) => command.run(terminal, policy),
            Self::Bench(command) => command.run(terminal, policy),
            Self::Verify(command) => command.run(terminal),
            Self::Push(command) => command.run(terminal),
            Self::Pull(command) => command.run(terminal),
            Self::Watch(command) => command.run(terminal, policy),
            Self::Inspect(command) => command.run(terminal, policy),
            Self::Sign(command) => command.run(terminal),
            Self::Replay(command) => command.run(terminal, policy),
        }
    }
}
