//! What a component may import: what the linker has for it.

use crate::config::Import;

/// What the name of an imported interface begins with.
fn prefix(import: Import) -> &'static str {
    match import {
        Import::Settings => "kafka-soar:parser/settings@1.",
        Import::Poll => "kafka-soar:parser/poll@1.",
        Import::Log => "kafka-soar:parser/log@1.",
        Import::WasiCli => "wasi:cli/",
        Import::WasiClocks => "wasi:clocks/",
        Import::WasiFilesystem => "wasi:filesystem/",
        Import::WasiIo => "wasi:io/",
        Import::WasiRandom => "wasi:random/",
        Import::WasiSockets => "wasi:sockets/",
    }
}

/// The only WASI that is linked.
const WASI_VERSION: &str = "@0.2.";

/// The family that an imported interface belongs to; `None` for what isn't linked.
pub(crate) fn family(name: &str) -> Option<Import> {
    Import::ALL.into_iter().find(|import| {
        name.starts_with(prefix(*import))
            && (!name.starts_with("wasi:") || name.contains(WASI_VERSION))
    })
}

/// What a component can do with the family, for a person.
#[must_use]
pub fn reach(import: Import) -> &'static str {
    match import {
        Import::Settings => "read the asset's parser_settings",
        Import::Poll => "learn when the poll began",
        Import::Log => "write log lines, escaped and bounded",
        Import::WasiCli => "nothing: no argument, variable or standard stream is there",
        Import::WasiClocks => "learn when the poll began, as a clock that stands still",
        Import::WasiFilesystem => "nothing: no folder is there",
        Import::WasiIo => "nothing of its own",
        Import::WasiRandom => "get numbers that follow from the batch's position",
        Import::WasiSockets => "nothing: every connection is refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_linked_has_a_family() {
        for (name, found) in [
            ("kafka-soar:parser/settings@1.0.0", Some(Import::Settings)),
            ("kafka-soar:parser/log@1.7.0", Some(Import::Log)),
            ("kafka-soar:parser/log@2.0.0", None),
            ("kafka-soar:parser/log", None),
            ("wasi:cli/environment@0.2.3", Some(Import::WasiCli)),
            ("wasi:cli/environment@0.3.0", None),
            ("wasi:clocks/wall-clock@0.2.0", Some(Import::WasiClocks)),
            ("wasi:http/outgoing-handler@0.2.0", None),
            ("wasi:clocksmith/x@0.2.0", None),
            ("", None),
        ] {
            assert_eq!(family(name), found, "{name}");
        }
    }
}
