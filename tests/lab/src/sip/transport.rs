//! The sockets of a registrar: datagrams, and connections with one task each.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use super::message::Incoming;
use super::registrar::{Packet, Registrar, Verdict};
use super::stream::{Piece, Stream};
use crate::fault::SipFault;
use crate::log::Transport;
use crate::world::World;

/// The wait after a socket error, lest it spins.
const AFTER_ERROR: Duration = Duration::from_millis(10);

/// Requests that wait under a slow fault. Dropped with the socket they came by.
#[derive(Default)]
struct Waiting(JoinSet<Box<Packet>>);

impl Waiting {
    fn add(&mut self, delay: Duration, packet: Box<Packet>) {
        self.0.spawn(async move {
            tokio::time::sleep(delay).await;
            packet
        });
    }

    /// The next packet whose time has come; never, if none waits.
    async fn next(&mut self) -> Packet {
        loop {
            match self.0.join_next().await {
                Some(Ok(packet)) => return *packet,
                Some(Err(_)) => {}
                None => std::future::pending().await,
            }
        }
    }
}

/// Serves UDP until dropped.
pub(crate) async fn datagrams(world: Arc<World>, index: usize, socket: UdpSocket) {
    let registrar = world.registrar(index);
    let mut buffer = vec![0; 64 * 1024];
    let mut waiting = Waiting::default();
    loop {
        let (verdict, to) = tokio::select! {
            received = socket.recv_from(&mut buffer) => match received {
                Ok((length, source)) => {
                    let Some(incoming) = Incoming::read(&buffer[..length]) else { continue };
                    let to = incoming.reply_to(source);
                    (registrar.arrived(&world, incoming, Transport::Udp, source), to)
                }
                Err(_) => {
                    tokio::time::sleep(AFTER_ERROR).await;
                    continue;
                }
            },
            packet = waiting.next() => {
                let to = packet.incoming.reply_to(packet.source);
                (registrar.waited(&world, packet), to)
            }
        };
        match verdict {
            Verdict::Answer(bytes) | Verdict::AnswerAndHangUp(bytes) => {
                // A phone that has gone is its own affair.
                let _ = socket.send_to(&bytes, to).await;
            }
            Verdict::Later(delay, packet) => waiting.add(delay, packet),
            Verdict::HangUp | Verdict::Silence => {}
        }
    }
}

/// Accepts TCP connections until dropped; they are cut with it.
pub(crate) async fn connections(world: Arc<World>, index: usize, listener: TcpListener) {
    let mut tasks = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, source)) => {
                tasks.spawn(connection(Arc::clone(&world), index, stream, source));
            }
            Err(_) => tokio::time::sleep(AFTER_ERROR).await,
        }
        while tasks.try_join_next().is_some() {}
    }
}

/// One connection, and what it needs to answer.
struct Connection<'a> {
    world: &'a World,
    registrar: &'a Registrar,
    source: SocketAddr,
    out: OwnedWriteHalf,
    waiting: Waiting,
    /// Who has sent requests on it.
    users: BTreeSet<String>,
}

async fn connection(world: Arc<World>, index: usize, stream: TcpStream, source: SocketAddr) {
    let _ = stream.set_nodelay(true);
    let (mut from, out) = stream.into_split();
    let mut changes = world.fault_changes();
    let mut connection = Connection {
        world: &world,
        registrar: world.registrar(index),
        source,
        out,
        waiting: Waiting::default(),
        users: BTreeSet::new(),
    };
    let mut stream = Stream::default();
    let mut reading = true;
    // A phone that hung up does not stop a slow server from doing what it was asked.
    while reading || !connection.waiting.0.is_empty() {
        let flow = tokio::select! {
            read = from.read_buf(&mut stream.buffer), if reading => match read {
                Ok(length) if length > 0 => connection.cut(&mut stream).await,
                _ => {
                    reading = false;
                    ControlFlow::Continue(())
                }
            },
            packet = connection.waiting.next() => {
                let verdict = connection.registrar.waited(&world, packet);
                connection.act(verdict).await
            }
            _ = changes.changed() => connection.still_welcome(),
        };
        if flow.is_break() {
            return;
        }
    }
}

impl Connection<'_> {
    /// Deals with every whole piece that has arrived.
    async fn cut(&mut self, stream: &mut Stream) -> ControlFlow<()> {
        loop {
            match stream.next() {
                Ok(Some(Piece::Message(bytes))) => {
                    let Some(incoming) = Incoming::read(&bytes) else { continue };
                    self.users.insert(incoming.user.clone());
                    let verdict = self.registrar.arrived(self.world, incoming, Transport::Tcp, self.source);
                    self.act(verdict).await?;
                }
                Ok(Some(Piece::Ping)) => self.pong().await,
                Ok(None) => return ControlFlow::Continue(()),
                Err(()) => return ControlFlow::Break(()),
            }
        }
    }

    async fn act(&mut self, verdict: Verdict) -> ControlFlow<()> {
        match verdict {
            Verdict::Answer(bytes) => self.send(&bytes).await,
            Verdict::AnswerAndHangUp(bytes) => {
                self.send(&bytes).await;
                return ControlFlow::Break(());
            }
            Verdict::Later(delay, packet) => self.waiting.add(delay, packet),
            Verdict::HangUp => return ControlFlow::Break(()),
            Verdict::Silence => {}
        }
        ControlFlow::Continue(())
    }

    async fn send(&mut self, bytes: &[u8]) {
        let _ = self.out.write_all(bytes).await;
    }

    /// A silent server does not answer keep-alives either.
    async fn pong(&mut self) {
        let silent = self.world.faults().of_all(self.registrar.index) == Some(&SipFault::Silent);
        if !silent {
            self.send(b"\r\n").await;
        }
    }

    /// A user who is refused loses the connections used so far.
    fn still_welcome(&self) -> ControlFlow<()> {
        let faults = self.world.faults();
        let refused = |user: &String| faults.of(self.registrar.index, user) == Some(&SipFault::Refuse);
        if self.users.iter().any(refused) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
