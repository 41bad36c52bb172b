//! Builds the default parser, so that `include_bytes!(env!("KAFKA_SOAR_DEFAULT_PARSER"))` embeds
//! it, and lists the files that `parser new` writes: `templates.rs`.

#[path = "templates.rs"]
mod templates;

use std::path::Path;

fn main() -> anyhow::Result<()> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let parser = parser_build::build(&repository.join("parsers").join("default"))?;
    parser.rerun_if_changed();
    println!(
        "cargo::rustc-env=KAFKA_SOAR_DEFAULT_PARSER={}",
        parser.component().display()
    );
    templates::list(&repository)
}
