//! `kafka-soar parser inspect`

use std::{collections::BTreeMap, path::PathBuf};

use comfy_table::{ContentArrangement, Table, presets};

use crate::{
    actions::{
        self, Failure,
        parser_inspect::{Kind, Options, Report, Signed},
    },
    cli::{end::End, terminal::Terminal},
    config::{Measure, Policy},
};

/// Say what a parser is, who signed it, what it could reach and whether this host would run it
///
/// Nothing of the parser runs. Exit code 65 when it would be refused; what was found is printed
/// all the same.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar parser inspect their-parser.wasm
  kafka-soar parser inspect their-parser.wasm --policy policy.toml
  kafka-soar parser inspect their-parser.wasm --json | jq -r .digest")]
pub(in crate::cli) struct Inspect {
    /// The component, or the Python script
    file: PathBuf,
    /// Its signature, if that isn't in FILE.sig
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
}

impl Inspect {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let options = Options {
            file: self.file.clone(),
            signature: self.signature.clone(),
        };
        let report = actions::parser_inspect::run(&options, policy)?;
        let written = if terminal.json {
            terminal.print_json(&report)
        } else {
            terminal.print(&table(&report))
        };
        Ok(match written {
            End::Done if !report.verdict.admitted => End::Refused,
            end => end,
        })
    }
}

fn table(report: &Report) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    for (name, value) in rows(report) {
        table.add_row([name, &value]);
    }
    table.to_string()
}

fn rows(report: &Report) -> Vec<(&'static str, String)> {
    let list = |names: &[String]| match names {
        [] => "none".to_owned(),
        names => names.join("\n"),
    };
    let verdict = &report.verdict;
    let word = if verdict.admitted {
        "admitted"
    } else {
        "refused"
    };
    let mut rows = vec![
        (
            "verdict",
            format!("{word} (rule: {}): {}", verdict.rule, verdict.reason),
        ),
        ("policy", report.policy.clone().unwrap_or("none".into())),
        ("signature", signature(&report.signature)),
        ("digest", report.digest.clone()),
        ("size", format!("{} bytes", report.size)),
    ];
    if report.verdict.rule == "kind" {
        return rows;
    }
    rows.push((
        "contract",
        match (&report.contract_version, report.kind) {
            (Some(version), _) => format!("kafka-soar:parser@{version}"),
            (None, Kind::Script) => {
                "parse_messages(topic, messages), of SOAR's own connector".to_owned()
            }
            (None, _) => "none: it is no parser".to_owned(),
        },
    ));
    rows.push(("language", report.language.clone()));
    if report.kind == Kind::Script {
        rows.push((
            "executed by",
            "the Python runner, to which the rest applies".to_owned(),
        ));
    }
    rows.push(("made with", producers(&report.producers.processed_by)));
    if !report.producers.sdk.is_empty() {
        rows.push(("SDK", producers(&report.producers.sdk)));
    }
    rows.push(("holds", inside(&report.inside)));
    rows.push(("imports", list(&report.imports)));
    rows.push(("exports", list(&report.exports)));
    let Some(pure) = report.pure else {
        rows.push(("pure", "unknown: it was not read to its end".to_owned()));
        return rows;
    };
    rows.push(("pure", if pure { "yes" } else { "no" }.to_owned()));
    let reach = if pure {
        "compute, and nothing else".to_owned()
    } else {
        let each = report.reach.iter();
        let each: Vec<_> = each
            .map(|(import, what)| format!("{}: {what}", import.name()))
            .collect();
        each.join("\n")
    };
    rows.push(("can", reach));
    if let Some(ms) = report.load_ms {
        rows.push(("loaded in", format!("{ms} ms")));
    }
    rows
}

fn signature(signed: &Signed) -> String {
    match signed {
        Signed::None => "none".to_owned(),
        Signed::Unchecked { from } => {
            format!("not checked: no policy names signers ({from})")
        }
        Signed::Valid { from, by } => format!("valid, by {by} ({from})"),
        Signed::Invalid { from, why } => format!("invalid: {why} ({from})"),
    }
}

fn producers(names: &BTreeMap<String, String>) -> String {
    if names.is_empty() {
        return "unknown".to_owned();
    }
    let names = names
        .iter()
        .map(|(name, version)| format!("{name} {version}"));
    let names: Vec<_> = names.map(|name| name.trim_end().to_owned()).collect();
    names.join(", ")
}

fn inside(counts: &BTreeMap<Measure, u64>) -> String {
    let of = |measure| counts.get(&measure).copied().unwrap_or_default();
    format!(
        "{} core modules, {} components (depth {}), {} functions (the largest of {} bytes), {} \
         bytes of data, {} bytes of memory from the start",
        of(Measure::Modules),
        of(Measure::Components),
        of(Measure::Depth),
        of(Measure::Functions),
        of(Measure::FunctionBytes),
        of(Measure::DataBytes),
        of(Measure::MemoryBytes),
    )
}
