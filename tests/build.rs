//! Builds the guests that the tests run, and lists what they can do: `attacks.rs`, one enum over
//! all of them. The laws (`all/laws`) match on it, so that an attack without one doesn't compile.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use parser_build::Built;

/// Guests that do what a message tells them: what they are called, and the file with the table of
/// their commands.
const OBEDIENT: [(&str, &str); 5] = [
    ("Bomb", "guests/bombs.rs"),
    ("Hostile", "guests/hostile/src/lib.rs"),
    ("Reaching", "guests/reaching/src/lib.rs"),
    ("C", "guests/c/attacks.c"),
    ("Python", "guests/python/app.py"),
];

fn main() -> anyhow::Result<()> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pure: fn(&Path) -> anyhow::Result<Built> = parser_build::build;
    for (variable, guest, build) in [
        ("HOSTILE_GUEST", "guests/hostile", pure),
        ("PICKY_GUEST", "guests/picky", pure),
        ("ECHO_RUST_GUEST", "guests/echo-rust", pure),
        (
            "REACHING_GUEST",
            "guests/reaching",
            parser_build::build_wasi,
        ),
        ("DEFAULT_PARSER_GUEST", "../parsers/default", pure),
    ] {
        let parser = build(&tests.join(guest))?;
        parser.rerun_if_changed();
        println!(
            "cargo::rustc-env={variable}={}",
            parser.component().display()
        );
    }
    let mut attacks = texts(&tests.join("guests/wat"))?;
    for (guest, file) in OBEDIENT {
        attacks.extend(commands(guest, &tests.join(file))?);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets OUT_DIR")?);
    fs::write(out.join("attacks.rs"), source(&attacks)?)?;
    Ok(())
}

struct Attack {
    guest: &'static str,
    name: String,
}

/// One attack a text component.
fn texts(directory: &Path) -> anyhow::Result<Vec<Attack>> {
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut attacks = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wat") {
            let name = path.file_stem().context("a name")?;
            attacks.push(Attack {
                guest: "Wat",
                name: name.to_str().context("a name in UTF-8")?.to_owned(),
            });
        }
    }
    attacks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(attacks)
}

/// One attack a row of the table `COMMANDS` in a guest's source: a row begins with the command in
/// quotes, behind a bracket or not, in Rust as in C and Python.
fn commands(guest: &'static str, file: &Path) -> anyhow::Result<Vec<Attack>> {
    println!("cargo::rerun-if-changed={}", file.display());
    let text =
        fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    let attacks: Vec<Attack> = text
        .lines()
        .skip_while(|line| !(line.contains("COMMANDS") && line.contains('=')))
        .skip(1)
        .take_while(|line| !line.starts_with(['}', ']']))
        .filter_map(|line| {
            let row = line.trim_start().trim_start_matches(['(', '{']);
            let (name, _) = row.strip_prefix('"')?.split_once('"')?;
            Some(Attack {
                guest,
                name: name.to_owned(),
            })
        })
        .collect();
    anyhow::ensure!(
        !attacks.is_empty(),
        "{} has no table COMMANDS",
        file.display()
    );
    Ok(attacks)
}

/// `start-loop` of the text components is `WatStartLoop`.
fn variant(attack: &Attack) -> String {
    let mut variant = attack.guest.to_owned();
    for word in attack.name.split('-') {
        let (first, rest) = word.split_at(1.min(word.len()));
        variant.push_str(&first.to_uppercase());
        variant.push_str(rest);
    }
    variant
}

fn source(attacks: &[Attack]) -> anyhow::Result<String> {
    let (mut variants, mut all) = (String::new(), String::new());
    for attack in attacks {
        let name = variant(attack);
        writeln!(variants, "    {name},")?;
        writeln!(
            all,
            "    (Attack::{name}, Guest::{}, {:?}),",
            attack.guest, attack.name
        )?;
    }
    Ok(format!(
        "/// Everything that a guest of the tests can be told or made to do.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]\n\
         pub enum Attack {{\n{variants}}}\n\n\
         /// Every attack with who makes it and what it is called there, in the enum's order.\n\
         const ALL: [(Attack, Guest, &str); {}] = [\n{all}];\n",
        attacks.len()
    ))
}
