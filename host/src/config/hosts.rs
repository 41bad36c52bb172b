//! The field `hosts`: bootstrap servers, separated by commas.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Fault, Host};
use crate::model::text::shorten;

/// What the original connector's Kafka client takes when no port is given.
const DEFAULT_PORT: u16 = 9092;

const FIELD: &str = "hosts";

/// Every host of the list, or every fault in it.
pub(super) fn parse(text: &str) -> Result<Vec<Host>, Vec<Fault>> {
    let (hosts, faults): (Vec<_>, Vec<_>) = text
        .split(',')
        .map(|item| one(item.trim()))
        .partition(Result::is_ok);
    if faults.is_empty() {
        Ok(hosts.into_iter().flatten().collect())
    } else {
        Err(faults.into_iter().filter_map(Result::err).collect())
    }
}

fn one(item: &str) -> Result<Host, Fault> {
    let shown = || shorten(item, 80);
    if item.is_empty() {
        return Err(Fault::new(
            FIELD,
            "a host between two commas is empty",
            "write host:port, host:port without a comma before or after",
        ));
    }
    if item.contains("://") {
        return Err(Fault::new(
            FIELD,
            format!("expected host:port, found \"{}\"", shown()),
            "leave out the part up to and with \"://\"",
        ));
    }
    let (name, port) = split(item)?;
    let port = match port {
        None => DEFAULT_PORT,
        // Not `parse` alone: it would take "+9092".
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => port
            .parse()
            .ok()
            .filter(|&p| p != 0)
            .ok_or_else(|| invalid_port(item, port))?,
        Some(port) => return Err(invalid_port(item, port)),
    };
    Ok(Host {
        name: name.to_owned(),
        port,
    })
}

/// Name and port as typed, the name checked.
fn split(item: &str) -> Result<(&str, Option<&str>), Fault> {
    if let Some(rest) = item.strip_prefix('[') {
        let parts = rest.split_once(']').and_then(|(name, rest)| match rest {
            "" => Some((name, None)),
            rest => Some((name, Some(rest.strip_prefix(':')?))),
        });
        return match parts {
            Some((name, port)) if name.parse::<Ipv6Addr>().is_ok() => Ok((name, port)),
            _ => Err(Fault::new(
                FIELD,
                format!(
                    "\"{}\" is not an IPv6 address in brackets",
                    shorten(item, 80)
                ),
                "write it as [2001:db8::1]:9092",
            )),
        };
    }
    if item.parse::<Ipv6Addr>().is_ok() || item.matches(':').count() > 1 {
        return Err(Fault::new(
            FIELD,
            format!("\"{}\" has more than one colon", shorten(item, 80)),
            "separate hosts by commas; write an IPv6 address in brackets: [2001:db8::1]:9092",
        ));
    }
    let (name, port) = match item.split_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (item, None),
    };
    if legal_name(name) {
        Ok((name, port))
    } else {
        Err(Fault::new(
            FIELD,
            format!("\"{}\" is not a host's name or address", shorten(name, 80)),
            "names have letters, digits, hyphens and dots; separate hosts by commas",
        ))
    }
}

fn legal_name(name: &str) -> bool {
    let only_digits_and_dots = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if only_digits_and_dots {
        return name.parse::<Ipv4Addr>().is_ok();
    }
    // Underscores are no part of DNS names, but of names that containers give each other.
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(legal) && !label.starts_with('-')
    };
    name.len() <= 253 && name.strip_suffix('.').unwrap_or(name).split('.').all(label)
}

fn invalid_port(item: &str, port: &str) -> Fault {
    Fault::new(
        FIELD,
        format!(
            "Could not connect to Kafka on {} due to:\nInvalid port number: {}",
            shorten(item, 80),
            shorten(port, 20)
        ),
        "a port is a number from 1 to 65535; without one it is 9092",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let hosts = parse(text).unwrap();
        hosts
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn hosts_are_separated_by_commas_and_spaces_tolerated() {
        assert_eq!(
            shown(" kafka1:9093 ,kafka-2.example.com:1, 10.0.0.1"),
            "kafka1:9093 kafka-2.example.com:1 10.0.0.1:9092"
        );
        assert_eq!(
            shown("[::1]:9092,[2001:db8::1]"),
            "[::1]:9092 [2001:db8::1]:9092"
        );
        assert_eq!(shown("broker_1.internal.:9092"), "broker_1.internal.:9092");
        assert_eq!(parse("[::1]").unwrap()[0].name, "::1");
    }

    #[test]
    fn every_bad_host_is_reported_in_the_original_words() {
        let faults = parse("a:0,b:65536,c:,d:x,ok:1,e:+1").unwrap_err();
        assert_eq!(faults.len(), 5);
        assert_eq!(
            faults[1].problem,
            "Could not connect to Kafka on b:65536 due to:\nInvalid port number: 65536"
        );
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for bad in [
            "",
            "a,",
            ",a",
            "a,,b",
            "http://a:1",
            "::1",
            "a:1:2",
            "a b:1",
            "[::1",
            "[x]:1",
            "[::1]9092",
            "300.1.1.1:9092",
            ":9092",
            "é:1",
            "-a:1",
            "a..b:1",
            "a;b:1",
            "[::1]:x",
        ] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }
}
