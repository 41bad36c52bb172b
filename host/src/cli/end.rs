//! How a command ends, and the exit code of each way.

use crate::actions::{Class, Failure};

/// Shown by `--help`; a test holds it against the codes themselves.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    done
  1    done, but the answer is no: test connectivity failed, messages were not sent, or a parser
       replayed something else than what was recorded
  64   the configuration or the command line is wrong
  65   the parser was refused, crashed, hit a limit or returned what it may not
  69   the Kafka cluster can't be reached or used
  70   a defect in kafka-soar
  74   output, quarantine, state or a recording could not be written or read
  130  ended by SIGINT, after the batch at hand (143: by SIGTERM)
  141  the reader of standard output went away; what it did not get comes again"
    };
}

pub(super) const EXIT_CODES: &str = exit_codes!();

pub(super) const EXAMPLES_AND_EXIT_CODES: &str = concat!(
    "\
Examples:
  See it at work, without a Kafka cluster:
    kafka-soar demo

  Check an asset's configuration, hosts, topic and parser:
    kafka-soar test-connectivity --config asset.json

  Ingest what is new since the last poll:
    kafka-soar on-poll --config asset.json --state state.json --output containers.ndjson

  Look at the first ten messages as containers:
    kafka-soar on-poll --config asset.json --poll-now 10

  Bring back what the parser could not handle, after it was mended:
    kafka-soar quarantine replay --all --config asset.json --state state.json

",
    exit_codes!()
);

/// How a command ended.
#[derive(Debug)]
pub(super) enum End {
    Done,
    /// The command did its work and the answer is no.
    Negative,
    /// The parser that the command looked at would be refused, and its result says so.
    Refused,
    /// A signal (its number) asked for the end, and the work was ended in order.
    Interrupted(u8),
    /// Whoever read standard output went away. Not worth a word, as with any Unix tool.
    Closed,
    Failed(Failure),
}

impl End {
    pub(super) fn exit_code(&self) -> u8 {
        const SIGPIPE: u8 = 13;
        match self {
            Self::Done => 0,
            Self::Negative => 1,
            Self::Refused => Class::Parser.exit_code(),
            Self::Interrupted(signal) => 128 + signal,
            Self::Closed => 128 + SIGPIPE,
            Self::Failed(failure) => failure.class.exit_code(),
        }
    }

    /// What a failed write to standard output means.
    pub(super) fn from_write(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::Failed(Failure::new(
            Class::Output,
            format!("standard output can't be written: {error}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_exit_code_is_in_the_help() {
        let mut codes: Vec<u8> = [
            Class::Config,
            Class::Parser,
            Class::Kafka,
            Class::Internal,
            Class::Output,
        ]
        .map(Class::exit_code)
        .to_vec();
        for end in [End::Done, End::Negative, End::Interrupted(2), End::Closed] {
            codes.push(end.exit_code());
        }
        for code in &codes {
            assert!(EXIT_CODES.contains(&format!("\n  {code:<3}  ")), "{code}");
        }
        let listed = EXIT_CODES
            .lines()
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        assert_eq!(listed.count(), codes.len());
        assert_eq!(End::Interrupted(15).exit_code(), 143);
        assert!(codes.contains(&End::Refused.exit_code()));
    }
}
