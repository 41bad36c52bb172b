//! Looking at a port without librdkafka, which tells of a handshake that failed, but not why.
//!
//! Two questions of Kafka's protocol are enough, which every broker answers on every listener
//! before anyone has authenticated: `ApiVersions` and `SaslHandshake`.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs as _},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use openssl::{error::ErrorStack, ssl::HandshakeError};

use super::certificate::{self, Rejected};
use crate::{
    config::{Host, Sasl, Security, Tls},
    model::text::escape,
};

/// What keeps a port from being used with the asset's security, whoever the client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// The broker's certificate is not accepted.
    Certificate(Rejected),
    /// The broker asks for a certificate, and the asset has none.
    CertificateWanted,
    /// The broker does not accept the client's certificate; OpenSSL's name for the alert.
    CertificateRefused(String),
    /// TLS was spoken to a listener without it.
    NoTls,
    /// A listener with TLS was spoken to without it.
    OnlyTls,
    /// The connection was accepted, and nothing ever came.
    Silent,
    /// Something answers, and it isn't Kafka.
    NoKafka,
    /// The listener asks for one of these SASL mechanisms, and the asset has none.
    SaslWanted(String),
    /// The listener has no SASL.
    NoSasl,
    /// The listener has SASL, but only these mechanisms.
    NotOffered(String),
    /// No TLS, for a reason of OpenSSL's or the system's.
    Handshake(String),
}

/// What was seen of a listener: the TLS version and the end of the broker's certificate.
pub(super) type Seen = Result<Option<(&'static str, String)>, Option<Obstacle>>;

/// [`look`] at all of `hosts` at once. Takes no longer than `within` and a little: a look that a
/// name server holds up is not waited for, and seen as `Err(None)`.
pub(super) fn look_at_all(hosts: &[Host], security: &Security, within: Duration) -> Vec<Seen> {
    let until = Instant::now() + within + within / 4;
    let (sender, looks) = mpsc::channel();
    for (index, host) in hosts.iter().cloned().enumerate() {
        let (security, sender) = (security.clone(), sender.clone());
        thread::spawn(move || {
            // Nobody listens any more when time is up.
            let _ = sender.send((index, look(&host, &security, within)));
        });
    }
    drop(sender);
    let mut seen: Vec<Seen> = hosts.iter().map(|_| Err(None)).collect();
    let left = || until.saturating_duration_since(Instant::now());
    while let Ok((index, look)) = looks.recv_timeout(left()) {
        seen[index] = look;
    }
    seen
}

/// Connects to `host` as a client with `security` would, up to where it would authenticate.
///
/// `Err(None)` when the port can't even be connected to.
fn look(host: &Host, security: &Security, within: Duration) -> Seen {
    let until = Instant::now() + within;
    let stream = connect(host, until).map_err(|_| None)?;
    let sasl = security.sasl.as_ref();
    match &security.tls {
        None => plain(host, sasl, stream, until).map(|()| None),
        Some(tls) => encrypted(host, tls, sasl, stream, until).map(Some),
    }
    .map_err(Some)
}

fn plain(
    host: &Host,
    sasl: Option<&Sasl>,
    mut stream: TcpStream,
    until: Instant,
) -> Result<(), Obstacle> {
    match ask(&mut stream) {
        Ok(true) => mechanism(&mut stream, sasl),
        Err(error) if timed_out(&error) => Err(Obstacle::Silent),
        Err(_) if speaks_tls(host, until) => Err(Obstacle::OnlyTls),
        Ok(false) | Err(_) => Err(Obstacle::NoKafka),
    }
}

fn encrypted(
    host: &Host,
    tls: &Tls,
    sasl: Option<&Sasl>,
    stream: TcpStream,
    until: Instant,
) -> Result<(&'static str, String), Obstacle> {
    let (connector, rejected) = certificate::connector(tls, &host.name)
        .map_err(|error| Obstacle::Handshake(error.to_string()))?;
    let mut stream = connector.connect(&host.name, stream).map_err(|error| {
        if let Some(rejected) = rejected.take() {
            return Obstacle::Certificate(rejected);
        }
        let HandshakeError::Failure(failed) = &error else {
            return Obstacle::Silent;
        };
        let error = failed.error();
        match error.io_error() {
            Some(error) if timed_out(error) => Obstacle::Silent,
            _ => alert(&error.to_string(), tls).unwrap_or_else(|| {
                if speaks_plain(host, until) {
                    Obstacle::NoTls
                } else {
                    Obstacle::Handshake(reason(error))
                }
            }),
        }
    })?;
    // In TLS 1.3 the broker judges the client's certificate only after the handshake.
    match ask(&mut stream) {
        Ok(true) => {
            mechanism(&mut stream, sasl)?;
            let certificate = stream.ssl().peer_certificate();
            let end = certificate.map_or_else(String::new, |c| c.not_after().to_string());
            Ok((stream.ssl().version_str(), end))
        }
        Ok(false) => Err(Obstacle::NoKafka),
        Err(error) if timed_out(&error) => Err(Obstacle::Silent),
        Err(error) => {
            let text = error.to_string();
            Err(alert(&text, tls).unwrap_or(Obstacle::Handshake(text)))
        }
    }
}

/// What an alert of the broker means: it found fault with this client's certificate.
fn alert(text: &str, tls: &Tls) -> Option<Obstacle> {
    let (_, alert) = text.split_once("alert ")?;
    let alert = alert.split(':').next().unwrap_or(alert).trim();
    let about_certificates = ["certificate", "unknown ca", "handshake failure"];
    if !about_certificates.iter().any(|word| alert.contains(word)) {
        return None;
    }
    Some(match tls.identity {
        None => Obstacle::CertificateWanted,
        Some(_) => Obstacle::CertificateRefused(alert.to_owned()),
    })
}

fn reason(error: &openssl::ssl::Error) -> String {
    let stack = error.ssl_error().map(ErrorStack::errors);
    stack
        .and_then(|errors| errors.iter().find_map(openssl::error::Error::reason))
        .map_or_else(|| error.to_string(), str::to_owned)
}

fn speaks_plain(host: &Host, until: Instant) -> bool {
    connect(host, until).is_ok_and(|mut stream| ask(&mut stream).unwrap_or(false))
}

fn speaks_tls(host: &Host, until: Instant) -> bool {
    let Ok(stream) = connect(host, until) else {
        return false;
    };
    match certificate::anyones().map(|connector| connector.connect(&host.name, stream)) {
        Ok(Ok(_)) => true,
        // It broke the handshake off in TLS's own words.
        Ok(Err(HandshakeError::Failure(failed))) => failed.error().to_string().contains("alert "),
        _ => false,
    }
}

fn connect(host: &Host, until: Instant) -> io::Result<TcpStream> {
    let left = || until.saturating_duration_since(Instant::now());
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for address in (host.name.as_str(), host.port).to_socket_addrs()? {
        if left().is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left()) {
            Ok(stream) => {
                let left = left().max(Duration::from_millis(50));
                stream.set_read_timeout(Some(left))?;
                stream.set_write_timeout(Some(left))?;
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn timed_out(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// Repeated by a broker's answer.
const CORRELATION: [u8; 4] = *b"soar";
/// Far above what a broker has to say about its mechanisms.
const MAX_ANSWER: usize = 1 << 16;

/// Whether what answers is a broker: an `ApiVersions` request, version 0.
/// <https://kafka.apache.org/protocol#The_Messages_ApiVersions>
fn ask(stream: &mut (impl Read + Write)) -> io::Result<bool> {
    send(stream, 18, 0, &[])?;
    let mut head = [0; 8];
    stream.read_exact(&mut head)?;
    let (length, correlation) = head.split_at(4);
    let length = u32::from_be_bytes(length.try_into().unwrap_or_default()) as usize;
    if correlation != CORRELATION || !(4..=MAX_ANSWER).contains(&length) {
        return Ok(false);
    }
    stream.read_exact(&mut vec![0; length - 4])?;
    Ok(true)
}

/// Whether the listener and the asset agree about SASL: a `SaslHandshake` request, version 1.
/// <https://kafka.apache.org/protocol#The_Messages_SaslHandshake>
fn mechanism(stream: &mut (impl Read + Write), sasl: Option<&Sasl>) -> Result<(), Obstacle> {
    const UNSUPPORTED_MECHANISM: i16 = 33;
    const ILLEGAL_STATE: i16 = 34;
    let name = sasl.map_or("none", Sasl::mechanism).as_bytes();
    let length = u16::try_from(name.len()).unwrap_or_default();
    let body = [&length.to_be_bytes(), name].concat();
    // Whoever doesn't answer this has its reasons; librdkafka will tell.
    let Ok((error, offered)) = handshake(stream, &body) else {
        return Ok(());
    };
    match (error, sasl) {
        (ILLEGAL_STATE, Some(_)) => Err(Obstacle::NoSasl),
        (ILLEGAL_STATE, None) => Ok(()),
        (_, None) => Err(Obstacle::SaslWanted(offered)),
        (UNSUPPORTED_MECHANISM, Some(_)) => Err(Obstacle::NotOffered(offered)),
        _ => Ok(()),
    }
}

/// The error code, and the mechanisms that the listener has.
fn handshake(stream: &mut (impl Read + Write), body: &[u8]) -> io::Result<(i16, String)> {
    let short = || io::Error::from(io::ErrorKind::InvalidData);
    send(stream, 17, 1, body)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > MAX_ANSWER {
        return Err(short());
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    let mut rest = answer.strip_prefix(&CORRELATION).ok_or_else(short)?;
    let error = i16::from_be_bytes(*take(&mut rest).ok_or_else(short)?);
    let count = u32::from_be_bytes(*take(&mut rest).ok_or_else(short)?);
    let mut offered = Vec::new();
    for _ in 0..count {
        let length = usize::from(u16::from_be_bytes(*take(&mut rest).ok_or_else(short)?));
        let (name, after) = rest.split_at_checked(length).ok_or_else(short)?;
        offered.push(escape(&String::from_utf8_lossy(name)).into_owned());
        rest = after;
    }
    offered.sort();
    Ok((error, offered.join(", ")))
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (taken, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(taken)
}

/// A request's length, API key, version, correlation id, absent client id, and body.
fn send(stream: &mut impl Write, key: i16, version: i16, body: &[u8]) -> io::Result<()> {
    let head = [
        &key.to_be_bytes()[..],
        &version.to_be_bytes(),
        &CORRELATION,
        &(-1_i16).to_be_bytes(),
        body,
    ]
    .concat();
    let length = u32::try_from(head.len()).unwrap_or_default();
    stream.write_all(&[&length.to_be_bytes(), head.as_slice()].concat())?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const WITHIN: Duration = Duration::from_millis(500);

    fn look_at(listener: &TcpListener, tls: bool) -> Result<(), Option<Obstacle>> {
        let host = Host {
            name: "127.0.0.1".to_owned(),
            port: listener.local_addr().unwrap().port(),
        };
        let security = Security {
            tls: tls.then(Tls::default),
            sasl: None,
        };
        look(&host, &security, WITHIN).map(drop)
    }

    #[test]
    fn a_port_that_accepts_and_says_nothing_is_silent() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        for tls in [false, true] {
            assert_eq!(look_at(&listener, tls), Err(Some(Obstacle::Silent)));
        }
    }

    #[test]
    fn what_answers_otherwise_is_no_kafka() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                // Once for the question, once for the look whether it speaks TLS.
                for stream in listener.incoming().take(1) {
                    let mut stream = stream.unwrap();
                    stream
                        .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                        .unwrap();
                }
            });
            assert_eq!(look_at(&listener, false), Err(Some(Obstacle::NoKafka)));
        });
    }

    #[test]
    fn a_port_that_is_closed_is_no_obstacle_of_its_own() {
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = Host {
            name: "127.0.0.1".to_owned(),
            port: port.local_addr().unwrap().port(),
        };
        drop(port);
        assert_eq!(look(&host, &Security::default(), WITHIN), Err(None));
    }
}
