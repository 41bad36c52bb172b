//! `kafka-soar quarantine list`

use std::{
    fmt::Write as _,
    io::{self, BufWriter, Write as _},
};

use super::Asset;
use crate::{
    actions::{
        self, Failure,
        quarantine::{Address, Entry, Filter, Totals},
    },
    cli::{end::End, progress::grouped, terminal::Terminal},
    config::Policy,
    model::text::shorten,
};

/// Characters of a reason that a row shows.
const REASON: usize = 100;
/// Longer positions push the rest of their row aside.
const POSITION: usize = 60;

/// List the messages that could not be handled, a row each
///
/// A message that is there several times, after a crash or when it was brought back in vain, is
/// listed once, as it came there the last time. Totals are written to standard error.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  kafka-soar quarantine list --config asset.json --state state.json
  kafka-soar quarantine list --config asset.json --state state.json --topic fw --kind limit

  The reasons, most frequent first:
    kafka-soar quarantine list --config asset.json --state state.json --json |
      jq -r .reason | sort | uniq -c | sort -rn

Output:
  A row a message: position, time, kind, attempt, how often it is there, reason. Kinds are
  undecodable (it does not fit its schema), rejected and refused (by the parser), trap (the parser
  crashed), limit (it hit one), invalid (it broke its contract), unwanted (SOAR does not take it).
  With --json a line a message: topic, partition, offset, timestamp (ms), time, key, value,
  headers, kind, reason, parser (SHA-256), attempt, quarantined_at, cluster_id, count; bytes are
  {\"text\": ...} or, if they are no UTF-8, {\"base64\": ...}.")]
pub(in crate::cli) struct List {
    #[command(flatten)]
    asset: Asset,
    /// Only messages that were read from this topic
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
    /// Only messages of this kind, such as trap
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Also messages of a dead-letter topic that were brought back: it still has them
    #[arg(long, visible_alias = "all")]
    replayed: bool,
}

impl List {
    pub(super) fn run(&self, terminal: &Terminal, policy: &Policy) -> Result<End, Failure> {
        let config = self.asset.config(policy)?;
        let filter = Filter {
            topic: self.topic.clone(),
            kind: self.kind.clone(),
            replayed: self.replayed,
        };
        let mut out = BufWriter::new(terminal.stdout());
        let mut written = Ok(());
        let mut first = true;
        let place = self.asset.place();
        let totals = actions::quarantine::list(&config, &place, &filter, &mut |entry, width| {
            written = if terminal.json {
                json(&mut out, entry)
            } else {
                let header = std::mem::take(&mut first).then(|| header(width));
                let header = header.unwrap_or_default();
                writeln!(out, "{header}{}", row(entry, width))
            };
            written.is_ok()
        })?;
        if let Err(error) = written.and_then(|()| out.flush()) {
            return Ok(End::from_write(&error));
        }
        terminal.remark(&sentence(&totals));
        Ok(End::Done)
    }
}

fn json(out: &mut impl io::Write, entry: &Entry) -> io::Result<()> {
    serde_json::to_writer(&mut *out, entry)?;
    out.write_all(b"\n")
}

fn header(width: usize) -> String {
    let width = width.clamp("POSITION".len(), POSITION);
    format!(
        "{:width$}  {:24}  {:11}  {:>7}  {:>5}  REASON\n",
        "POSITION", "TIME", "KIND", "ATTEMPT", "COUNT"
    )
}

fn row(entry: &Entry, width: usize) -> String {
    let width = width.clamp("POSITION".len(), POSITION);
    let message = &entry.message;
    format!(
        "{:width$}  {:24}  {:11}  {:>7}  {:>5}  {}",
        shorten(&Address::of(message).to_string(), 300),
        shorten(message.time.as_deref().unwrap_or("-"), 30),
        shorten(&message.kind, 60),
        message.attempt,
        entry.count,
        shorten(&message.reason, REASON),
    )
}

/// The totals in a line.
fn sentence(totals: &Totals) -> String {
    let count = |n: u64, one: &str, more: &str| {
        format!("{} {}", grouped(n.into()), if n == 1 { one } else { more })
    };
    let messages = |n: u64| count(n, "message", "messages");
    let place = &totals.place;
    if !totals.exists {
        return format!(
            "0 messages in quarantine: {place} is not there, so nothing came there yet"
        );
    }
    let listed: u64 = totals.listed.values().sum();
    let mut text = String::new();
    if listed < totals.messages {
        let _ = write!(text, "{} of ", grouped(listed.into()));
    }
    let _ = write!(text, "{} in quarantine: {place}", messages(totals.messages));
    if totals.entries > totals.messages {
        let entries = count(totals.entries, "entry", "entries");
        let _ = write!(text, ", {entries}");
    }
    for (i, (kind, n)) in totals.listed.iter().enumerate() {
        let separator = if i == 0 { "; " } else { ", " };
        let kind = if kind.is_empty() { "of no kind" } else { kind };
        let _ = write!(text, "{separator}{} {kind}", grouped((*n).into()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(topic: &str, reason: &str) -> Entry {
        let message = serde_json::json!({
            "topic": topic, "partition": 0, "offset": 123, "timestamp": 1_700_000_000_123_i64,
            "time": "2023-11-14T22:13:20.123Z", "key": null, "value": null, "headers": [],
            "kind": "trap", "reason": reason, "attempt": 2, "quarantined_at": "",
        });
        Entry {
            message: serde_json::from_value(message).unwrap(),
            count: 3,
        }
    }

    #[test]
    fn columns_line_up_and_nothing_moves_the_cursor() {
        let rows = [header(8), row(&entry("fw", "the parser\n\u{1b}[2J"), 8)].concat();
        assert_eq!(
            rows,
            "POSITION  TIME                      KIND         ATTEMPT  COUNT  REASON\n\
             fw/0@123  2023-11-14T22:13:20.123Z  trap               2      3  \
             the parser\\n\\u{1b}[2J"
        );
    }

    #[test]
    fn totals_say_what_is_there_and_what_of_it_is_listed() {
        let mut totals = Totals {
            place: "q.ndjson".into(),
            exists: true,
            ..Totals::default()
        };
        assert_eq!(sentence(&totals), "0 messages in quarantine: q.ndjson");
        totals.messages = 1;
        totals.entries = 1;
        totals.listed = [("limit".into(), 1)].into();
        assert_eq!(
            sentence(&totals),
            "1 message in quarantine: q.ndjson; 1 limit"
        );
        totals.messages = 1200;
        totals.entries = 1201;
        totals.listed = [("limit".into(), 1), ("trap".into(), 1000)].into();
        assert_eq!(
            sentence(&totals),
            "1,001 of 1,200 messages in quarantine: q.ndjson, 1,201 entries; 1 limit, 1,000 trap"
        );
        totals.exists = false;
        assert_eq!(
            sentence(&totals),
            "0 messages in quarantine: q.ndjson is not there, so nothing came there yet"
        );
    }
}
