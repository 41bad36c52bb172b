//! The listener: it can be closed, so that connecting is refused, and opened on the same port.

use std::{
    future, io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc as blocking,
    },
    time::Duration,
};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use futures_util::future::{Either, select};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

use super::wire::{Stream, Wire};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;
/// Before another try when a connection can't be accepted (there are too many open files) or
/// the port can't be listened on again.
const PAUSE: Duration = Duration::from_millis(100);

/// Where connections come in.
pub(super) struct Door {
    address: SocketAddr,
    /// Bound and never listening: nobody else gets the port while the door is closed.
    _reserved: TcpSocket,
    listener: Option<TcpListener>,
    /// When a closed door opens by itself.
    reopens: Option<Instant>,
    orders: mpsc::UnboundedReceiver<Order>,
    closed: Arc<AtomicBool>,
}

/// Closes and opens the door.
pub(super) struct Keys {
    orders: mpsc::UnboundedSender<Order>,
    closed: Arc<AtomicBool>,
}

struct Order {
    /// Zero opens it.
    close_for: Duration,
    done: blocking::Sender<()>,
}

enum Event {
    Order(Order),
    Connection(io::Result<(TcpStream, SocketAddr)>),
    Reopen,
}

impl Keys {
    /// Closes the door for a time; zero opens it. It is done when this returns. Blocks.
    pub(super) fn close_for(&self, close_for: Duration) {
        let (done, wait) = blocking::channel();
        if self.orders.send(Order { close_for, done }).is_ok() {
            // An error: the double is being stopped.
            let _ = wait.recv();
        }
    }

    pub(super) fn closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

impl Door {
    /// Opens a door at `address`; port 0 takes a free one.
    pub(super) fn open(address: SocketAddr) -> io::Result<(Self, Keys)> {
        let reserved = bind(address)?;
        let address = reserved.local_addr()?;
        let (sender, orders) = mpsc::unbounded_channel();
        let closed = Arc::new(AtomicBool::new(false));
        let door = Self {
            address,
            _reserved: reserved,
            listener: Some(bind(address)?.listen(BACKLOG)?),
            reopens: None,
            orders,
            closed: Arc::clone(&closed),
        };
        let keys = Keys {
            orders: sender,
            closed,
        };
        Ok((door, keys))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    async fn event(&mut self) -> Event {
        let listener = self.listener.as_ref();
        let reopens = self.reopens;
        let door = async {
            match (listener, reopens) {
                (Some(listener), _) => Event::Connection(listener.accept().await),
                (None, Some(at)) => {
                    sleep_until(at).await;
                    Event::Reopen
                }
                (None, None) => future::pending().await,
            }
        };
        let order = async {
            match self.orders.recv().await {
                Some(order) => Event::Order(order),
                None => future::pending().await,
            }
        };
        match select(pin!(order), pin!(door)).await {
            Either::Left((event, _)) | Either::Right((event, _)) => event,
        }
    }

    fn close(&mut self, close_for: Duration) {
        self.closed.store(true, Ordering::Release);
        self.listener = None;
        self.reopens = Instant::now().checked_add(close_for);
    }

    fn reopen(&mut self) {
        if self.listener.is_none() {
            match bind(self.address).and_then(|socket| socket.listen(BACKLOG)) {
                Ok(listener) => self.listener = Some(listener),
                Err(error) => {
                    tracing::warn!("{} can't be listened on again: {error}", self.address);
                    self.reopens = Some(Instant::now() + PAUSE);
                    return;
                }
            }
        }
        self.reopens = None;
        self.closed.store(false, Ordering::Release);
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // Two sockets may then share the port while at most one of them listens.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

impl Listener for Door {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        loop {
            match self.event().await {
                Event::Connection(Ok((tcp, peer))) => {
                    if let Err(error) = tcp.set_nodelay(true) {
                        tracing::debug!("TCP_NODELAY can't be set: {error}");
                    }
                    return (Stream::new(tcp), peer);
                }
                Event::Connection(Err(error)) => {
                    tracing::warn!("a connection can't be accepted: {error}");
                    sleep(PAUSE).await;
                }
                Event::Order(order) if order.close_for.is_zero() => {
                    self.reopen();
                    let _ = order.done.send(());
                }
                Event::Order(order) => {
                    self.close(order.close_for);
                    let _ = order.done.send(());
                }
                Event::Reopen => self.reopen(),
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Hands each request the wire that it came over.
#[derive(Debug, Clone)]
pub(super) struct Over(pub(super) Arc<Wire>);

impl Connected<IncomingStream<'_, Door>> for Over {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Self(stream.io().wire())
    }
}
