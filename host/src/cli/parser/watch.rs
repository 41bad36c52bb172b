//! `kafka-soar parser watch`

use std::path::PathBuf;

use super::{build::sentence, test};
use crate::{
    actions::Failure,
    cli::{end::End, signals::Signals, terminal::Terminal},
    config::Policy,
    toolchain::{Project, build, test::Options, watch::Watch as Watching},
};

/// Build a parser and run its cases, now and whenever one of its files is saved
///
/// Ends with SIGINT (Ctrl-C).
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser watch my-parser
  kafka-soar parser watch my_parser.py --cases cases")]
pub(in crate::cli) struct Watch {
    /// A project's folder, or a Python script
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The folder of the cases, instead of the project's own
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
    /// A Python package that the parser imports, as pip takes it; may be given several times
    #[arg(long, value_name = "PACKAGE")]
    requirement: Vec<String>,
}

impl Watch {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let signals = Signals::catch()?;
        // Before the first build: what is saved meanwhile counts.
        let watch = Watching::start(&self.path)?;
        let stop = signals.stop();
        loop {
            match self.round(terminal, policy) {
                Ok(End::Closed) => return Ok(End::Closed),
                Ok(_) => {}
                Err(failure) => terminal.tell(&failure),
            }
            if let Some(end) = signals.end() {
                return Ok(end);
            }
            terminal.remark("waiting for changes");
            let Some(changed) = watch.next(&stop)? else {
                return Ok(signals.end().unwrap_or(End::Done));
            };
            let names: Vec<_> = changed
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            terminal.remark(&format!("changed: {}", names.join(", ")));
        }
    }

    fn round(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let options = build::Options {
            path: self.path.clone(),
            output: None,
            requirements: self.requirement.clone(),
        };
        let built = build::run(&options, &mut |step| terminal.remark(step))?;
        terminal.remark(&sentence(&built));
        let project = Project::at(&self.path)?;
        let cases = self
            .cases
            .clone()
            .or_else(|| Project::cases(&project.folder));
        let options = Options {
            subject: built.component,
            cases,
            filter: None,
            update: false,
        };
        test::tell(terminal, &options, policy).map(|(_, end)| end)
    }
}
