//! A connection that can be reset on purpose.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// What a request's handler knows of its connection.
#[derive(Debug, Default)]
pub(super) struct Wire(Mutex<Cut>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Cut {
    #[default]
    Never,
    /// After so many bytes of the body of the answer that is about to be written; so many bytes
    /// of the end of its head have been seen.
    InBody {
        left: usize,
        seen: usize,
    },
    Now,
}

/// What ends the head of an answer.
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

impl Wire {
    /// Resets the connection instead of writing anything more.
    pub(super) fn cut(&self) {
        *self.lock() = Cut::Now;
    }

    /// Resets the connection after so many bytes of the next answer's body.
    pub(super) fn cut_in_body(&self, after: usize) {
        *self.lock() = Cut::InBody {
            left: after,
            seen: 0,
        };
    }

    fn lock(&self) -> MutexGuard<'_, Cut> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cut {
    /// How many of the `bytes` may still be written.
    fn allows(mut self, bytes: &[u8]) -> usize {
        bytes
            .iter()
            .take_while(|byte| self != Self::Now && self.pass(**byte))
            .count()
    }

    /// Takes notice of a byte that is written. False if it may not be.
    fn pass(&mut self, byte: u8) -> bool {
        match self {
            Self::Never => true,
            Self::Now => false,
            Self::InBody { seen, .. } if *seen < END_OF_HEAD.len() => {
                *seen = match byte {
                    byte if byte == END_OF_HEAD[*seen] => *seen + 1,
                    b'\r' => 1,
                    _ => 0,
                };
                true
            }
            Self::InBody { left: 0, .. } => {
                *self = Self::Now;
                false
            }
            Self::InBody { left, .. } => {
                *left -= 1;
                true
            }
        }
    }
}

/// The connection itself. Once it is cut, reading and writing fail, whoever drives it drops it,
/// and the peer gets a reset instead of an orderly end.
#[derive(Debug)]
pub(super) struct Stream {
    tcp: TcpStream,
    wire: Arc<Wire>,
}

impl Stream {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            wire: Arc::default(),
        }
    }

    pub(super) fn wire(&self) -> Arc<Wire> {
        Arc::clone(&self.wire)
    }

    /// Fails, and has the socket send a reset when it is closed, if the connection is cut.
    fn intact(&self) -> io::Result<()> {
        if *self.wire.lock() != Cut::Now {
            return Ok(());
        }
        self.tcp.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.intact()?;
        Pin::new(&mut self.tcp).poll_read(context, into)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.intact()?;
        let cut = *self.wire.lock();
        let allowed = match cut {
            Cut::Never => bytes.len(),
            cut => cut.allows(bytes),
        };
        if allowed == 0 && !bytes.is_empty() {
            self.wire.cut();
            self.intact()?;
        }
        let written = ready!(Pin::new(&mut self.tcp).poll_write(context, &bytes[..allowed]))?;
        if cut != Cut::Never {
            let mut cut = self.wire.lock();
            for byte in &bytes[..written] {
                cut.pass(*byte);
            }
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.intact()?;
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.intact()?;
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_in_the_body_lets_the_head_and_its_share_pass() {
        let answer = b"HTTP/1.1 200 OK\r\nA: \r\r\n\r\n0123456789";
        let head = answer.len() - 10;
        let cut = Cut::InBody { left: 4, seen: 0 };
        assert_eq!(cut.allows(answer), head + 4);
        assert_eq!(cut.allows(&answer[..head - 1]), head - 1);
    }

    #[test]
    fn it_does_not_matter_how_the_answer_is_handed_over() {
        let answer = b"HTTP/1.1 200 OK\r\n\r\n0123456789";
        for size in 1..answer.len() {
            let mut cut = Cut::InBody { left: 4, seen: 0 };
            let mut written = 0;
            for part in answer.chunks(size) {
                let allowed = cut.allows(part);
                for byte in &part[..allowed] {
                    assert!(cut.pass(*byte));
                }
                written += allowed;
                if allowed < part.len() {
                    break;
                }
            }
            assert_eq!(written, answer.len() - 6, "in parts of {size}");
        }
    }

    #[test]
    fn nothing_passes_once_it_is_cut() {
        assert_eq!(Cut::Now.allows(b"x"), 0);
        assert_eq!(Cut::Never.allows(b"xyz"), 3);
    }
}
