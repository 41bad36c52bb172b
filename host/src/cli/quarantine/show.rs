//! `kafka-soar quarantine show`

use std::fmt::Write as _;

use super::Asset;
use crate::{
    actions::{
        self, Failure,
        quarantine::{Address, Entry},
    },
    cli::{end::End, terminal::Terminal},
    config::Policy,
    model::{
        Bytes,
        text::{escape, indent},
    },
};

/// Bytes in a row of a dump.
const ROW: usize = 16;

/// Show everything about a message that could not be handled
///
/// Key, value and headers are shown as text, with control characters written out, or as a
/// hexadecimal dump where they are no UTF-8. With --json they are whole and exact.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar quarantine show fw/0@123 --config asset.json --state state.json

  A value that is no UTF-8, byte by byte:
    kafka-soar quarantine show fw/0@123 --config asset.json --state state.json --json |
      jq -r .value.base64 | base64 -d > value

Output:
  With --json a line with the members of kafka-soar quarantine list --json.")]
pub(in crate::cli) struct Show {
    /// The message: topic/partition@offset, as kafka-soar quarantine list shows it
    position: Address,
    #[command(flatten)]
    asset: Asset,
}

impl Show {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let config = self.asset.config(policy)?;
        let found = actions::quarantine::show(&config, &self.asset.place(), &self.position)?;
        for entry in &found {
            let end = if terminal.json {
                terminal.print_json(entry)
            } else {
                terminal.print(report(entry).trim_end())
            };
            if !matches!(end, End::Done) {
                return Ok(end);
            }
        }
        Ok(End::Done)
    }
}

fn report(entry: &Entry) -> String {
    let message = &entry.message;
    let mut out = String::new();
    let mut fact = |name: &str, value: &str| {
        // Writing to a text can't fail.
        let _ = writeln!(out, "{name:<12}{}", indent(value));
    };
    let none = |text: &str| if text.is_empty() { "unknown" } else { text }.to_owned();
    let time = match (&message.time, message.timestamp) {
        (Some(time), Some(ms)) => format!("{time} ({ms})"),
        (None, Some(ms)) => ms.to_string(),
        (_, None) => "none".to_owned(),
    };
    fact("position", &Address::of(message).to_string());
    fact("cluster", &none(&message.cluster_id));
    fact("time", &time);
    fact("kind", &none(&message.kind));
    fact("reason", &message.reason);
    fact("parser", &none(&message.parser));
    fact("attempt", &message.attempt.to_string());
    fact("quarantined", &none(&message.quarantined_at));
    fact("count", &entry.count.to_string());
    part(&mut out, "key", message.key.as_ref());
    for header in &message.headers {
        let name = format!("header {}", escape(&header.name));
        part(&mut out, &name, header.value.as_ref());
    }
    part(&mut out, "value", message.value.as_ref());
    out
}

/// A key, a value or a header, indented under its name.
fn part(out: &mut String, name: &str, bytes: Option<&Bytes>) {
    let Some(Bytes(bytes)) = bytes else {
        let _ = writeln!(out, "{name}: null");
        return;
    };
    let plural = if bytes.len() == 1 { "" } else { "s" };
    let _ = writeln!(out, "{name}: {} byte{plural}", bytes.len());
    match std::str::from_utf8(bytes) {
        Ok("") => {}
        Ok(text) => {
            for line in text.split('\n') {
                let _ = writeln!(out, "    {}", escape(line));
            }
        }
        Err(_) => dump(out, bytes),
    }
}

/// Offset, bytes and, where they are printable ASCII, what they stand for.
fn dump(out: &mut String, bytes: &[u8]) {
    for (row, bytes) in bytes.chunks(ROW).enumerate() {
        let mut hex = String::new();
        for byte in bytes {
            let _ = write!(hex, "{byte:02x} ");
        }
        let printable = |&byte: &u8| match byte {
            b' '..=b'~' => char::from(byte),
            _ => '.',
        };
        let text: String = bytes.iter().map(printable).collect();
        let _ = writeln!(out, "    {:08x}  {hex:48} |{text}|", row * ROW);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_text_and_other_bytes_as_a_dump() {
        let message = serde_json::json!({
            "cluster_id": "c", "topic": "fw", "partition": 0, "offset": 123,
            "timestamp": 1_700_000_000_123_i64, "time": "2023-11-14T22:13:20.123Z",
            "key": {"base64": "/wBhYmNkZWZnaGlqa2xtbm8="}, "value": {"text": "a\n\u{1b}[2Jb"},
            "headers": [
                {"name": "h\n", "value": null},
                {"name": "empty", "value": {"text": ""}}
            ],
            "kind": "trap", "reason": "it\ncrashed", "parser": "", "attempt": 2,
            "quarantined_at": "2026-01-01T00:00:00Z",
        });
        let entry = Entry {
            message: serde_json::from_value(message).unwrap(),
            count: 3,
        };
        let expected = "\
position    fw/0@123
cluster     c
time        2023-11-14T22:13:20.123Z (1700000000123)
kind        trap
reason      it\n    crashed
parser      unknown
attempt     2
quarantined 2026-01-01T00:00:00Z
count       3
key: 17 bytes
    00000000  ff 00 61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e  |..abcdefghijklmn|
    00000010  6f                                               |o|
header h\\n: null
header empty: 0 bytes
value: 7 bytes
    a
    \\u{1b}[2Jb
";
        assert_eq!(report(&entry), expected);
    }
}
