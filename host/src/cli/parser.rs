//! `kafka-soar parser …`

mod bench;
mod build;
mod check;
mod inspect;
mod new;
mod replay;
mod run;
mod sign;
mod subject;
mod test;

use super::{end::End, terminal::Terminal};
use crate::{actions::Failure, config::Policy};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Parser {
    New(new::New),
    Build(build::Build),
    Run(run::Run),
    Test(test::Test),
    Check(check::Check),
    Bench(bench::Bench),
    Inspect(inspect::Inspect),
    Sign(sign::Sign),
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
            Self::Inspect(command) => command.run(terminal, policy),
            Self::Sign(command) => command.run(terminal),
            Self::Replay(command) => command.run(terminal, policy),
        }
    }
}
