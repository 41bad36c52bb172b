//! Scripts that do one thing wrong (`parsers/python-runner/tests/scripts/bad`): each is told with its
//! name, the place and the remedy, and the next one runs.

use std::{fs, time::Duration};

use kafka_soar::{
    config::{ParserLimits, Policy},
    ports::ParseError,
};

use super::{names, native::runner, sandbox, script, source};
use crate::sandbox::{STARTED, batch};

/// What the first line of a script asks for.
enum Expected {
    /// All of these words.
    Words(Vec<String>),
    /// To be stopped by the limit of this name.
    Limit(&'static str),
}

impl Expected {
    fn of(text: &str) -> Option<Self> {
        let line = text.lines().next()?;
        if let Some(words) = line.strip_prefix("# expect: ") {
            return Some(Self::Words(words.split(" | ").map(str::to_owned).collect()));
        }
        Some(Self::Limit(match line.strip_prefix("# limit: ")? {
            "time" => "parser_time_limit",
            "memory" => "parser_memory_limit",
            "output" => "parser_output_limit",
            "stack" => "the call stack",
            _ => return None,
        }))
    }

    /// What is wrong with a failure.
    fn unmet(&self, failure: &ParseError) -> Option<String> {
        match (self, failure) {
            (Self::Words(words), ParseError::Script(said) | ParseError::Broken(said)) => words
                .iter()
                .find(|word| !said.contains(word.as_str()))
                .map(|word| format!("no {word:?} in {said}")),
            (Self::Limit(wanted), ParseError::Limit { limit, .. }) if limit == wanted => None,
            _ => Some(format!("{failure:?}")),
        }
    }
}

#[test]
fn each_fault_is_told_in_its_words() {
    let limits = ParserLimits {
        memory: 256 << 20,
        time: Duration::from_secs(2),
        output: 32 << 20,
        ..ParserLimits::default()
    };
    let mut tried = 0;
    let mut unmet = Vec::new();
    let folder = runner().join("tests/scripts/bad");
    for entry in fs::read_dir(folder).expect("scripts") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&path).expect("a script");
        let expected = Expected::of(&text).unwrap_or_else(|| panic!("{name} expects nothing"));
        let mut parser = sandbox()
            .load(
                &source(&name, &text),
                &Policy::default(),
                &limits,
                "{}",
                STARTED,
            )
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        let what = match parser.parse(&batch(&["hello"])) {
            Ok(parsed) => Some(format!("{:?}", parsed.ingests().len())),
            Err(failure) => expected.unmet(&failure),
        };
        unmet.extend(what.map(|what| format!("{name}: {what}")));
        tried += 1;
    }
    assert!(tried >= 45, "only {tried}");
    assert!(unmet.is_empty(), "{}", unmet.join("\n"));
    let mut good =
        script("def parse_messages(t, m): return [{'container': {'name': t}, 'artifacts': []}]");
    assert_eq!(names(&good.parse(&batch(&["x"]))), ["topic"]);
}
