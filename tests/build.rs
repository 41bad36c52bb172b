//! Builds the guests that the tests run.

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (variable, guest) in [
        ("HOSTILE_GUEST", "guests/hostile"),
        ("PICKY_GUEST", "guests/picky"),
        ("DEFAULT_PARSER_GUEST", "../parsers/default"),
    ] {
        let built = parser_build::build(&tests.join(guest))?;
        built.rerun_if_changed();
        println!(
            "cargo::rustc-env={variable}={}",
            built.component().display()
        );
    }
    Ok(())
}
