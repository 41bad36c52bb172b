//! Everything that fuzzing starts from or has found goes through what the fuzz targets check, so
//! that findings stay fixed (docs/fuzzing.md).

use std::{fs, path::Path};

use proptest::{prelude::*, sample::select};

#[path = "../../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a library where it lies")]
mod properties;

type Check = fn(&[u8]);

/// Every target and what it checks.
const TARGETS: [(&str, Check); 6] = [
    ("admission", properties::admission::check),
    ("configuration", properties::configuration::check),
    ("ndjson", properties::ndjson::check),
    ("output", properties::output::check),
    ("registry", properties::registry::check),
    ("state", properties::state::check),
];

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_was_kept_holds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    assert_eq!(names(&corpus), TARGETS.map(|(name, _)| name));
    for (target, check) in TARGETS {
        let inputs = names(&corpus.join(target));
        assert!(inputs.len() >= 10, "{target} has {} inputs", inputs.len());
        for input in inputs {
            println!("{target}/{input}"); // Shown when the check fails.
            check(&fs::read(corpus.join(target).join(input)).unwrap());
        }
    }
}

#[test]
fn every_target_is_built_and_every_function_has_one() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let sources = TARGETS.map(|(name, _)| format!("{name}.rs"));
    assert_eq!(names(&fuzz.join("fuzz_targets")), sources);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for (target, _) in TARGETS {
        assert!(
            manifest.contains(&format!("name = \"{target}\"")),
            "{target}"
        );
    }
}

/// A JSON value as text, mostly valid: spelt in any way, with names that repeat.
fn json() -> impl Strategy<Value = String> {
    let name = select(vec![
        r#""a""#,
        r#""b""#,
        r#""\u0061""#,
        r#""""#,
        r#""\ud83e\udd80""#,
        r#""🦀""#,
        r#""\ud800""#,
    ]);
    let scalar = prop_oneof![
        select(vec![
            "null",
            "true",
            "false",
            "tru",
            "0",
            "-0",
            "00",
            "-",
            "1.",
            ".5",
            "1e5",
            "1e",
            "1e999",
            "0e999",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775808",
            "-9223372036854775809",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "NaN",
            "",
            r#""\udc00""#,
            r#""\ud800\u0041""#,
            r#""\q""#,
            r#""\u12""#,
            "\"\n\"",
            r#"""#,
            "'a'",
        ])
        .prop_map(str::to_owned),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<i128>().prop_map(|number| number.to_string()),
        "\"[ -~é🦀]{0,20}\"",
        "[0-9]{1,30}(\\.[0-9]{1,70})?(e[+-]?[0-9]{1,4})?",
    ];
    let space = || select(vec!["", "", "", " ", "\n\t", "\u{a0}"]);
    scalar.prop_recursive(6, 64, 12, move |inner| {
        let items = prop::collection::vec(inner.clone(), 0..12);
        let list = (items, space()).prop_map(|(items, space)| {
            format!("[{space}{}{space}]", items.join(&format!("{space},")))
        });
        let members = prop::collection::vec((name.clone(), inner), 0..12);
        let object = (members, space(), select(vec![":", ":", ":", " : ", ""])).prop_map(
            |(members, space, colon)| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| format!("{space}{name}{colon}{value}"))
                    .collect();
                format!("{{{}{space}}}", members.join(","))
            },
        );
        prop_oneof![list, object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// The scanner takes what `serde_json` takes, but for the rules, and nothing else.
    #[test]
    fn the_scanner_agrees_with_serde_json(value in json(), cut in 0_usize..400) {
        for ingests in [
            format!(r#"[{{"container":{{"v":{value}}},"artifacts":[]}}]"#),
            format!(r#"[{{"artifacts":[{value},{{"v":{value}}}],"container":{{}}}}]"#),
            value.clone(),
        ] {
            properties::output::agrees(&ingests);
            let cut = ingests.floor_char_boundary(cut);
            properties::output::agrees(&ingests[..cut]);
        }
    }
}
