//! The sockets of a registrar: datagrams, and connections with one task each.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::connection::{self, StreamWire, Waiting};
use super::message::Incoming;
use super::registrar::{Origin, Verdict};
use super::websocket;
use crate::log::Transport;
use crate::world::World;

/// How long a handshake may take.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(10);

/// The wait after a socket error, lest it spins.
const AFTER_ERROR: Duration = Duration::from_millis(10);

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
                    let origin = Origin { transport: Transport::Udp, source, flow: None };
                    (registrar.arrived(&world, incoming, origin), to)
                }
                Err(_) => {
                    tokio::time::sleep(AFTER_ERROR).await;
                    continue;
                }
            },
            packet = waiting.next() => {
                let to = packet.incoming.reply_to(packet.origin.source);
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
    accept(listener, |stream, source| {
        connection::serve(Arc::clone(&world), index, StreamWire::new(stream), source, BTreeSet::new())
    })
    .await;
}

/// Accepts TLS connections until dropped; they are cut with it.
pub(crate) async fn tls(world: Arc<World>, index: usize, listener: TcpListener) {
    accept(listener, |stream, source| {
        let world = Arc::clone(&world);
        async move {
            // It names no user: only what everyone meets can act on the handshake.
            world.silence(index).await;
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, world.tls.acceptor(index).accept(stream)).await {
                connection::serve(world, index, StreamWire::new(stream), source, BTreeSet::new()).await;
            }
        }
    })
    .await;
}

/// Accepts WebSockets until dropped; they are cut with it.
pub(crate) async fn websockets(world: Arc<World>, index: usize, listener: TcpListener) {
    accept(listener, |stream, source| websocket::serve(Arc::clone(&world), index, stream, source)).await;
}

async fn accept<F: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    serve: impl Fn(TcpStream, SocketAddr) -> F,
) {
    let mut tasks = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, source)) => {
                let _ = stream.set_nodelay(true);
                tasks.spawn(serve(stream, source));
            }
            Err(_) => tokio::time::sleep(AFTER_ERROR).await,
        }
        while tasks.try_join_next().is_some() {}
    }
}
