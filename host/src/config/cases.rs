//! Configurations that are accepted and rejected, as pairs of files: `x.json` and beside it
//! `x.txt`, what the configuration amounts to or the full text of the error. To write the texts
//! anew after a change, run the test with `UPDATE_CASES=1` and read the difference.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{Config, Policy};

fn cases(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/cases/config")
        .join(kind);
    let mut cases: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    cases.sort();
    assert!(
        cases.len() >= 3,
        "{} cases in {}",
        cases.len(),
        folder.display()
    );
    cases
}

fn compare(kind: &str, render: impl Fn(Result<Config, String>) -> Result<String, String>) {
    let mut differences = Vec::new();
    for case in cases(kind) {
        let text = fs::read_to_string(&case).unwrap();
        let outcome =
            Config::from_json(&text, &Policy::default()).map_err(|faults| faults.to_string());
        let found = render(outcome)
            .unwrap_or_else(|e| panic!("{} is not {kind}ed:\n{e}", case.display()))
            + "\n";
        let beside = case.with_extension("txt");
        if env::var_os("UPDATE_CASES").is_some() {
            fs::write(&beside, found).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if found != expected {
            differences.push(format!(
                "{}\nexpected\n{expected}found\n{found}",
                case.display()
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

// The paths in the cases are relative to the package, where cargo runs its tests.

#[test]
fn accepted_configurations_amount_to_what_stands_beside_them() {
    compare("accept", |outcome| {
        outcome.map(|config| format!("{config:#?}"))
    });
}

#[test]
fn rejected_configurations_say_every_fault() {
    compare("reject", |outcome| match outcome {
        Ok(config) => Err(format!("{config:#?}")),
        Err(faults) => Ok(faults),
    });
}
