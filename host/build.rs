//! Builds the default parser, so that `include_bytes!(env!("KAFKA_SOAR_DEFAULT_PARSER"))` embeds
//! it.

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let parser = parser_build::build(&crates.join("parsers").join("default"))?;
    parser.rerun_if_changed();
    println!(
        "cargo::rustc-env=KAFKA_SOAR_DEFAULT_PARSER={}",
        parser.component().display()
    );
    Ok(())
}
