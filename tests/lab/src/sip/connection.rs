//! What a registrar does on one connection, whatever cuts it into messages.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;

use super::message::Incoming;
use super::registrar::{Origin, Packet, Registrar, Verdict};
use super::stream::{Piece, Stream};
use crate::fault::SipFault;
use crate::log::Transport;
use crate::world::World;

/// Requests that wait under a slow fault. Dropped with the socket they came by.
#[derive(Default)]
pub(super) struct Waiting(JoinSet<Box<Packet>>);

impl Waiting {
    pub(super) fn add(&mut self, delay: Duration, packet: Box<Packet>) {
        self.0.spawn(async move {
            tokio::time::sleep(delay).await;
            packet
        });
    }

    /// The next packet whose time has come; never, if none waits.
    pub(super) async fn next(&mut self) -> Packet {
        loop {
            match self.0.join_next().await {
                Some(Ok(packet)) => return *packet,
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }
}

/// A connection that carries whole messages.
pub(super) trait Wire {
    /// What the log calls it.
    const TRANSPORT: Transport;

    /// What comes next; `None` when nothing more will. Nothing is lost if the wait is given up.
    async fn next(&mut self) -> Option<Piece>;

    /// Sends a message, or the answer to a ping. A phone that has gone is its own affair.
    async fn send(&mut self, bytes: &[u8]);

    /// Closes in good order.
    async fn close(&mut self);
}

/// A connection that carries bytes.
pub(super) trait Bytes: AsyncRead + AsyncWrite + Unpin {
    /// What the log calls it.
    const TRANSPORT: Transport;
}

impl Bytes for TcpStream {
    const TRANSPORT: Transport = Transport::Tcp;
}

impl Bytes for TlsStream<TcpStream> {
    const TRANSPORT: Transport = Transport::Tls;
}

/// A connection that carries bytes, cut into messages.
pub(super) struct StreamWire<S> {
    stream: S,
    read: Stream,
}

impl<S> StreamWire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, read: Stream::default() }
    }
}

impl<S: Bytes> Wire for StreamWire<S> {
    const TRANSPORT: Transport = S::TRANSPORT;

    async fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.read.next().ok()? {
                return Some(piece);
            }
            match self.stream.read_buf(&mut self.read.buffer).await {
                Ok(length) if length > 0 => {}
                _ => return None,
            }
        }
    }

    async fn send(&mut self, bytes: &[u8]) {
        if self.stream.write_all(bytes).await.is_ok() {
            let _ = self.stream.flush().await;
        }
    }

    async fn close(&mut self) {
        let _ = self.stream.shutdown().await;
    }
}

/// One connection, and what it needs to answer.
struct Connection<'a, W> {
    world: &'a World,
    registrar: &'a Registrar,
    origin: Origin,
    wire: W,
    waiting: Waiting,
    /// Who has sent requests on it.
    users: BTreeSet<String>,
}

/// Serves a connection, that of `users` if they are known, until it ends or is dropped.
pub(super) async fn serve<W: Wire>(
    world: Arc<World>,
    index: usize,
    wire: W,
    source: SocketAddr,
    users: BTreeSet<String>,
) {
    let mut changes = world.fault_changes();
    let flow = Flow { world: Arc::clone(&world), number: world.new_flow(), transport: W::TRANSPORT };
    let mut connection = Connection {
        world: &world,
        registrar: world.registrar(index),
        origin: Origin { transport: W::TRANSPORT, source, flow: Some(flow.number) },
        wire,
        waiting: Waiting::default(),
        users,
    };
    let mut reading = true;
    // A phone that hung up does not stop a slow server from doing what it was asked.
    while reading || !connection.waiting.0.is_empty() {
        let next = tokio::select! {
            piece = connection.wire.next(), if reading => match piece {
                Some(piece) => connection.take(piece).await,
                None => {
                    reading = false;
                    flow.closed();
                    ControlFlow::Continue(())
                }
            },
            packet = connection.waiting.next() => {
                let verdict = connection.registrar.waited(&world, packet);
                connection.act(verdict).await
            }
            _ = changes.changed() => connection.still_welcome(),
        };
        if next.is_break() {
            return;
        }
    }
}

/// Tells the world when a connection is no more, however it ended.
struct Flow {
    world: Arc<World>,
    number: u64,
    transport: Transport,
}

impl Flow {
    fn closed(&self) {
        if self.transport == Transport::Ws {
            self.world.websocket_closed(self.number);
        }
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.closed();
    }
}

impl<W: Wire> Connection<'_, W> {
    async fn take(&mut self, piece: Piece) -> ControlFlow<()> {
        match piece {
            Piece::Message(bytes) => {
                let Some(incoming) = Incoming::read(&bytes) else { return ControlFlow::Continue(()) };
                self.users.insert(incoming.user.clone());
                let verdict = self.registrar.arrived(self.world, incoming, self.origin);
                self.act(verdict).await
            }
            Piece::Ping => {
                // A silent server does not answer keep-alives either.
                if !self.meets(&SipFault::Silent) {
                    self.wire.send(b"\r\n").await;
                }
                ControlFlow::Continue(())
            }
        }
    }

    async fn act(&mut self, verdict: Verdict) -> ControlFlow<()> {
        match verdict {
            Verdict::Answer(bytes) => self.wire.send(&bytes).await,
            Verdict::AnswerAndHangUp(bytes) => {
                self.wire.send(&bytes).await;
                self.wire.close().await;
                return ControlFlow::Break(());
            }
            Verdict::Later(delay, packet) => self.waiting.add(delay, packet),
            Verdict::HangUp => return ControlFlow::Break(()),
            Verdict::Silence => {}
        }
        ControlFlow::Continue(())
    }

    /// Whether this fault is in force for one of the users so far, or for everyone before there is any.
    fn meets(&self, fault: &SipFault) -> bool {
        self.world.faults().of_some(self.registrar.index, &self.users).contains(&fault)
    }

    /// A user who is refused loses the connections used so far.
    fn still_welcome(&self) -> ControlFlow<()> {
        if self.meets(&SipFault::Refuse) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
