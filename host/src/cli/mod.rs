//! Layer 5: the command line. Standard output carries data and nothing else; progress, logs and
//! errors go to standard error.
//!
//! One file a command; [`terminal`] is the only one that writes for a person, [`end`] knows the
//! exit codes.

mod action;
mod demo;
mod end;
mod input;
mod on_poll;
mod panic;
mod parser;
mod polling;
mod post_data;
mod progress;
mod quarantine;
mod recording;
mod sandbox;
mod serve;
mod signals;
mod soar_double;
mod terminal;
mod test_connectivity;
mod trace;

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use clap::{ArgAction, ColorChoice, Parser, Subcommand, error::ErrorKind};

use self::{end::End, terminal::Terminal};
use crate::{
    actions::{Class, Failure},
    config::Policy,
};

/// Kafka to Splunk SOAR, with message parsers in a sandbox
///
/// Reads a Kafka topic, lets a sandboxed WebAssembly component turn the messages into SOAR
/// containers and artifacts, and writes these out. Offsets advance only after the output is safe.
#[derive(Debug, Parser)]
#[command(
    name = "kafka-soar",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = end::EXIT_CODES,
    after_long_help = end::EXAMPLES_AND_EXIT_CODES,
)]
struct Args {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Args)]
struct Global {
    /// Write results and errors as JSON to standard output
    #[arg(long, global = true)]
    json: bool,
    /// Write no progress and no remarks, only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Log more; twice for even more
    ///
    /// The variable `KAFKA_SOAR_LOG` sets a filter by module instead, such as
    /// `kafka_soar::kafka=trace`.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Colours; "auto" means on a terminal, and also heeds `NO_COLOR`
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
    /// Which parsers may run and within which limits, instead of /etc/kafka-soar/policy.toml
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "KAFKA_SOAR_POLICY",
        hide_env_values = true
    )]
    policy: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    TestConnectivity(test_connectivity::TestConnectivity),
    OnPoll(on_poll::OnPoll),
    Serve(serve::Serve),
    PostData(post_data::PostData),
    Action(action::Action),
    /// Look at messages that could not be handled, and bring them back
    #[command(subcommand)]
    Quarantine(quarantine::Quarantine),
    SoarDouble(soar_double::Serve),
    /// Tools for parsers
    #[command(subcommand)]
    Parser(parser::Parser),
    #[command(subcommand, hide = true)]
    Sandbox(sandbox::Sandbox),
}

impl Command {
    fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        match self {
            Self::Demo(command) => command.run(terminal, policy),
            Self::TestConnectivity(command) => command.run(terminal, policy),
            Self::OnPoll(command) => command.run(terminal, policy),
            Self::Serve(command) => command.run(terminal, policy),
            Self::PostData(command) => command.run(terminal, policy),
            Self::Action(command) => command.run(policy),
            Self::Quarantine(command) => command.run(terminal, policy),
            Self::SoarDouble(command) => command.run(terminal),
            Self::Parser(command) => command.run(terminal, policy),
            Self::Sandbox(command) => Ok(command.run()),
        }
    }
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    panic::guard(|| run(std::env::args_os().collect()))
}

fn run(words: Vec<OsString>) -> ExitCode {
    // Known even when the rest of the line can't be understood.
    let json = words.iter().any(|word| word == "--json");
    match Args::try_parse_from(words) {
        Ok(args) => {
            let terminal = Terminal::new(&args.global);
            let on_a_parser = matches!(args.command, Command::Parser(_));
            trace::start(&args.global, &terminal, on_a_parser);
            // Of every command: one that can't be read stops whatever would run under it.
            let end = policy(&args.global)
                .and_then(|policy| args.command.run(&terminal, &policy))
                .unwrap_or_else(End::Failed);
            terminal.close(end)
        }
        Err(e) if !e.use_stderr() => {
            let _ = e.print();
            ExitCode::SUCCESS
        }
        Err(e) if json => Terminal::json().close(End::Failed(usage(&e))),
        Err(e) => {
            let _ = e.print();
            ExitCode::from(Class::Config.exit_code())
        }
    }
}

fn policy(global: &Global) -> Result<Policy, Failure> {
    Policy::find(global.policy.as_deref()).map_err(|error| {
        Failure::new(Class::Config, error.to_string())
            .hint("nothing runs until it is mended; docs/policy.md has its fields")
    })
}

/// A command line that can't be understood, for `--json`.
fn usage(error: &clap::Error) -> Failure {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::new(Class::Config, "no command is given").hint("see kafka-soar --help");
    }
    let text = error.to_string();
    let problem = text.split("\n\n").next().unwrap_or(&text);
    let problem = problem.strip_prefix("error: ").unwrap_or(problem);
    Failure::new(Class::Config, problem).hint("see kafka-soar --help, or --help of the command")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn every_command_and_option_says_what_it_does() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for arg in command.get_arguments() {
                assert!(
                    arg.get_help().is_some(),
                    "{} {}",
                    command.get_name(),
                    arg.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Args::command());
    }

    #[test]
    fn a_bad_command_line_keeps_to_json_when_asked() {
        let error = Args::try_parse_from(["kafka-soar", "on-pol", "--json"]).unwrap_err();
        assert_eq!(usage(&error).message, "unrecognized subcommand 'on-pol'");
    }
}
