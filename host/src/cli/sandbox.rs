//! `kafka-soar sandbox …`: this program as it starts itself again, once for each component that is
//! compiled and once for each parser that runs. Nobody types it.

use super::end::End;
use crate::actions::sandbox;

/// What kafka-soar starts itself again for: standard input and output are a socket to it
#[derive(Debug, clap::Subcommand)]
pub(super) enum Sandbox {
    /// Compile a component
    Compile,
    /// Run a parser
    Run,
}

impl Sandbox {
    pub(super) fn run(&self) -> End {
        let done = match self {
            Self::Compile => sandbox::compile(),
            Self::Run => sandbox::run(),
        };
        // Nobody reads a report: the socket is all there is.
        if done { End::Done } else { End::Negative }
    }
}
