//! The sample events: `samples/README.md` says what each file is.

const FILES: &[(&str, &str)] = &[
    ("auditd.log", include_str!("samples/auditd.log")),
    (
        "aws-cloudtrail.ndjson",
        include_str!("samples/aws-cloudtrail.ndjson"),
    ),
    ("cef.log", include_str!("samples/cef.log")),
    ("cisco-asa.log", include_str!("samples/cisco-asa.log")),
    (
        "entra-signin.ndjson",
        include_str!("samples/entra-signin.ndjson"),
    ),
    ("leef.log", include_str!("samples/leef.log")),
    ("paloalto.log", include_str!("samples/paloalto.log")),
    ("sshd-auth.log", include_str!("samples/sshd-auth.log")),
    (
        "suricata-eve.ndjson",
        include_str!("samples/suricata-eve.ndjson"),
    ),
    (
        "syslog-rfc5424.log",
        include_str!("samples/syslog-rfc5424.log"),
    ),
    ("web-access.log", include_str!("samples/web-access.log")),
    (
        "windows-security.ndjson",
        include_str!("samples/windows-security.ndjson"),
    ),
    (
        "windows-sysmon.ndjson",
        include_str!("samples/windows-sysmon.ndjson"),
    ),
    ("zeek.ndjson", include_str!("samples/zeek.ndjson")),
];

/// All events, kind after kind.
pub(super) fn events() -> impl Iterator<Item = &'static str> {
    FILES.iter().flat_map(|(_, text)| lines(text))
}

/// Each file's name and number of events.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, usize)> {
    FILES
        .iter()
        .map(|(name, text)| (*name, lines(text).count()))
}

/// Split at line feeds only: an event may hold any other control character.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split('\n').filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_some_hundred_events_of_many_kinds() {
        assert!(events().count() > 300, "{}", events().count());
        assert!(kinds().count() >= 10);
        assert!(kinds().all(|(_, events)| events >= 10));
    }

    #[test]
    fn the_embedded_broker_keeps_them_all() {
        // It drops what passes 5 MiB a partition, without a word.
        let bytes: usize = events().map(str::len).sum();
        assert!(bytes < 1 << 20, "{bytes}");
    }
}
