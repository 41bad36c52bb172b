//! `parser test`: a parser on cases, and whether what comes is what was to come.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::{Map, Value};
use similar::TextDiff;

use super::{
    Project, Subject,
    case::{Case, expected, found},
    subject::{DEFAULT, source},
};
use crate::{
    actions::{Class, Failure, parsers::Parsers},
    config::{ParserSource, Policy},
    model::Origin,
    ports::{Parse as _, ParseError},
};

/// What is tested.
#[derive(Debug, Clone)]
pub struct Options {
    /// A project's folder, or a parser.
    pub subject: String,
    /// The folder of the cases; `None` for the project's own.
    pub cases: Option<PathBuf>,
    /// Only cases with this in their name.
    pub filter: Option<String>,
    /// Whether what comes is written down as what is to come.
    pub update: bool,
}

/// How a case went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Passed,
    Failed,
    /// Its `expected.json` was written.
    Updated,
}

/// A case that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tested {
    pub case: String,
    pub verdict: Verdict,
    /// From what was to come to what came, as a unified diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// Why it could not be run or compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// All cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub passed: u64,
    pub failed: u64,
    pub updated: u64,
}

impl Tested {
    fn new(case: &str, verdict: Verdict) -> Self {
        Self {
            case: case.to_owned(),
            verdict,
            diff: None,
            error: None,
        }
    }
}

/// Runs a parser on each case, in the order of their names, each as one batch. `each` hears of each
/// one.
///
/// # Errors
///
/// When there is no parser or no case, the parser is refused, or a process for it can't be had. A
/// case that can't be read is one that failed.
pub fn run(
    options: &Options,
    policy: &Policy,
    each: &mut dyn FnMut(&Tested),
) -> Result<Summary, Failure> {
    let (parser, cases) = place(options)?;
    let cases = list(&cases, options.filter.as_deref())?;
    let mut bench = Bench {
        keeps_state: matches!(source(&parser)?, ParserSource::Script { .. }),
        parser,
        policy,
        loaded: None,
    };
    // At once, whatever the first case holds.
    bench.parser_with("{}")?;
    let mut summary = Summary::default();
    for (name, folder) in &cases {
        let tested = bench.test(name, folder, options.update)?;
        *match tested.verdict {
            Verdict::Passed => &mut summary.passed,
            Verdict::Failed => &mut summary.failed,
            Verdict::Updated => &mut summary.updated,
        } += 1;
        each(&tested);
    }
    Ok(summary)
}

/// The parser and the folder of its cases.
fn place(options: &Options) -> Result<(String, PathBuf), Failure> {
    let path = Path::new(&options.subject);
    if options.subject != DEFAULT && path.is_dir() {
        let component = Project::at(path)?.component();
        if !component.is_file() {
            return Err(Failure::new(
                Class::Config,
                format!(
                    "{} is not built: {} is not there",
                    options.subject,
                    component.display()
                ),
            )
            .hint(format!("kafka-soar parser build {}", options.subject)));
        }
        let cases = options.cases.clone().or_else(|| Project::cases(path));
        let parser = component.to_string_lossy().into_owned();
        return Ok((parser, cases.ok_or_else(|| no_cases(path))?));
    }
    let cases = match (&options.cases, options.subject == DEFAULT) {
        (Some(cases), _) => Some(cases.clone()),
        (None, true) => None,
        (None, false) => path.parent().and_then(Project::cases),
    };
    Ok((
        options.subject.clone(),
        cases.ok_or_else(|| no_cases(path))?,
    ))
}

fn no_cases(path: &Path) -> Failure {
    Failure::new(
        Class::Config,
        format!("no cases are found for {}", path.display()),
    )
    .hint(
        "put them into tests/cases or cases of the project, or name their folder with --cases; a case \
         is a folder with in.ndjson and expected.json, which --update writes",
    )
}

/// Names and folders of the cases, sorted.
fn list(cases: &Path, filter: Option<&str>) -> Result<Vec<(String, PathBuf)>, Failure> {
    let failed = |problem: String| {
        Failure::new(Class::Config, problem).hint("name a folder of cases with --cases")
    };
    let unreadable = |e| failed(format!("{} can't be read: {e}", cases.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(cases).map_err(unreadable)? {
        let folder = entry.map_err(unreadable)?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if folder.is_dir() && filter.is_none_or(|filter| name.contains(filter)) {
            found.push((name.into_owned(), folder));
        }
    }
    if found.is_empty() {
        return Err(failed(match filter {
            Some(filter) => format!(
                "{} holds no case with {filter:?} in its name",
                cases.display()
            ),
            None => format!("{} holds no case", cases.display()),
        }));
    }
    found.sort();
    Ok(found)
}

/// Where cases are run: with the parser of the last one, if its settings were the same.
struct Bench<'a> {
    parser: String,
    policy: &'a Policy,
    /// Whether it is a script, whose state would pass from one case to the next.
    keeps_state: bool,
    loaded: Option<(String, Parsers)>,
}

impl Bench<'_> {
    fn parser_with(&mut self, settings: &str) -> Result<&mut Parsers, Failure> {
        let same = |(loaded, _): &(String, Parsers)| loaded == settings && !self.keeps_state;
        let loaded = if let Some(loaded) = self.loaded.take().filter(same) {
            loaded
        } else {
            let subject = Subject {
                parser: self.parser.clone(),
                settings: settings.to_owned(),
                limits: None,
                source: None,
            };
            (settings.to_owned(), subject.load(self.policy)?)
        };
        Ok(&mut self.loaded.insert(loaded).1)
    }

    fn test(&mut self, name: &str, folder: &Path, update: bool) -> Result<Tested, Failure> {
        let failed = |error: String| Tested {
            error: Some(error),
            ..Tested::new(name, Verdict::Failed)
        };
        let case = match Case::read(folder) {
            Ok(case) => case,
            Err(failure) => return Ok(failed(sentence(&failure))),
        };
        let parser = self.parser_with(&case.settings)?;
        let origin = Origin {
            started: case.started,
            parser: parser.digest().to_owned(),
            max_artifacts: None,
        };
        let result = parser.parse(&case.batch, &origin);
        if let Err(ParseError::Unavailable { message, hint }) = result {
            return Err(Failure::new(Class::Internal, message).hint(hint));
        }
        let found = found(&result);
        match case.expected {
            Some(expected) if expected == found => Ok(Tested::new(name, Verdict::Passed)),
            _ if update => {
                write(&expected(folder), &found)?;
                Ok(Tested::new(name, Verdict::Updated))
            }
            None => Ok(failed(
                "there is no expected.json; --update writes what comes now".to_owned(),
            )),
            Some(expected) => Ok(Tested {
                diff: Some(diff(&expected, &found)),
                ..Tested::new(name, Verdict::Failed)
            }),
        }
    }
}

fn sentence(failure: &Failure) -> String {
    match &failure.hint {
        None => failure.message.clone(),
        Some(hint) => format!("{}; {hint}", failure.message),
    }
}

fn write(path: &Path, found: &Value) -> Result<(), Failure> {
    fs::write(path, pretty(found)).map_err(|e| {
        Failure::new(
            Class::Output,
            format!("{} can't be written: {e}", path.display()),
        )
    })
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("texts for keys") + "\n"
}

fn diff(expected: &Value, found: &Value) -> String {
    let (expected, found) = (pretty(&in_order_of(expected, found)), pretty(found));
    TextDiff::from_lines(&expected, &found)
        .unified_diff()
        .header("expected.json", "what came")
        .to_string()
}

/// `value` with members in the order in which `model` has them: members have none in JSON, so that
/// it is no difference to show.
fn in_order_of(value: &Value, model: &Value) -> Value {
    match (value, model) {
        (Value::Object(value), Value::Object(model)) => {
            let both = model.iter().filter_map(|(key, model)| {
                let value = value.get(key)?;
                Some((key.clone(), in_order_of(value, model)))
            });
            let rest = value.iter().filter(|(key, _)| !model.contains_key(*key));
            let rest = rest.map(|(key, value)| (key.clone(), value.clone()));
            Value::Object(both.chain(rest).collect::<Map<_, _>>())
        }
        (Value::Array(value), Value::Array(model)) => {
            let ordered = value
                .iter()
                .enumerate()
                .map(|(i, value)| match model.get(i) {
                    Some(model) => in_order_of(value, model),
                    None => value.clone(),
                });
            Value::Array(ordered.collect())
        }
        (value, _) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_difference_shows_values_and_not_the_order_of_members() {
        let diff = diff(
            &json!({"a": 1, "b": [{"c": 1, "d": 2}], "e": 0}),
            &json!({"b": [{"d": 2, "c": 3}], "a": 1}),
        );
        let changed: Vec<_> = diff
            .lines()
            .filter(|line| line.starts_with(['+', '-']))
            .collect();
        assert_eq!(
            changed,
            [
                "--- expected.json",
                "+++ what came",
                "-      \"c\": 1",
                "+      \"c\": 3",
                "-  \"a\": 1,",
                "-  \"e\": 0",
                "+  \"a\": 1"
            ]
        );
    }
}
