//! `kafka-soar quarantine …`

mod list;
mod replay;
mod show;

use std::path::PathBuf;

use super::{end::End, input::Configuration, polling, terminal::Terminal};
use crate::{
    actions::{Failure, quarantine::Where},
    config::{Config, Policy},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Quarantine {
    List(list::List),
    Show(show::Show),
    Replay(replay::Replay),
}

impl Quarantine {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        match self {
            Self::List(command) => command.run(terminal, policy),
            Self::Show(command) => command.run(terminal, policy),
            Self::Replay(command) => command.run(terminal, policy),
        }
    }
}

/// The asset whose quarantine is meant.
#[derive(Debug, clap::Args)]
struct Asset {
    #[command(flatten)]
    configuration: Configuration,
    /// The asset's state: the quarantine file is beside it, and it knows how far a dead-letter
    /// topic was brought back
    #[arg(long, short, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The quarantine file instead of kafka-soar-quarantine.ndjson beside the state; an asset with
    /// `dead_letter_topic` has none
    #[arg(long, value_name = "FILE")]
    quarantine: Option<PathBuf>,
}

impl Asset {
    fn config(&self, policy: &Policy) -> Result<Config, Failure> {
        self.configuration.load(policy, |_| {})
    }

    fn place(&self) -> Where {
        Where {
            state: self.state.clone(),
            file: polling::quarantine(self.quarantine.as_ref(), self.state.as_ref()),
        }
    }
}
