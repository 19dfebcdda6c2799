//! SIP over WebSocket (RFC 7118): the handshake, and one message a frame.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Query;
use axum::http::Uri;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};

use super::connection::{self, Wire};
use super::stream::Piece;
use super::transport::HANDSHAKE;
use crate::fault::SipFault;
use crate::log::Transport;
use crate::world::World;

/// The path at which WebSockets are taken.
pub(crate) const PATH: &str = "/ws";

/// The longest message taken, in bytes.
const LONGEST: usize = 64 * 1024;

/// How long the other side has to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Serves one connection to the WebSocket port until it ends or is dropped.
pub(super) async fn serve(world: Arc<World>, index: usize, mut stream: TcpStream, source: SocketAddr) {
    let Ok(Some((head, rest))) = timeout(HANDSHAKE, read_head(&mut stream)).await else {
        return;
    };
    world.silence(index).await;
    let user = head.user();
    let fault = {
        let faults = world.faults();
        user.as_deref().map_or_else(|| faults.of_all(index), |user| faults.of(index, user)).cloned()
    };
    let reply = match fault {
        Some(SipFault::Refuse) => return,
        Some(SipFault::NoUpgrade) => Err(Refusal("503 Service Unavailable", "fault noUpgrade is set")),
        _ => head.accept(),
    };
    match reply {
        Ok(reply) => {
            if stream.write_all(reply.as_bytes()).await.is_err() {
                return;
            }
            let wire = WsWire::new(stream, rest).await;
            connection::serve(world, index, wire, source, BTreeSet::from_iter(user)).await;
        }
        Err(refusal) => {
            let _ = stream.write_all(refusal.to_string().as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    }
}

/// The head of an HTTP request, and the bytes that came after it.
async fn read_head(stream: &mut TcpStream) -> Option<(Head, Vec<u8>)> {
    let mut buffer = Vec::new();
    loop {
        if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = buffer.split_off(end + 4);
            return Some((Head(String::from_utf8(buffer).ok()?), rest));
        }
        let length = stream.read_buf(&mut buffer).await.ok()?;
        if length == 0 || buffer.len() > LONGEST {
            return None;
        }
    }
}

/// The head of an HTTP request, as it came.
struct Head(String);

/// What a handshake's URL says.
#[derive(Deserialize)]
struct Named {
    user: Option<String>,
}

/// A handshake that is turned down: the status and a sentence.
#[derive(Debug)]
struct Refusal(&'static str, &'static str);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self(status, sentence) = self;
        write!(
            f,
            "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{sentence}\n",
            sentence.len() + 1
        )
    }
}

impl Head {
    fn first_line(&self) -> (&str, &str) {
        let mut words = self.0.split_ascii_whitespace();
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    /// The elements of all headers of this name.
    fn elements<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let headers = self.0.lines().skip(1).filter_map(|line| line.split_once(':'));
        let values = headers.filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        values.flat_map(|value| value.split(',')).map(str::trim)
    }

    fn has(&self, name: &str, wanted: &str) -> bool {
        self.elements(name).any(|element| element.eq_ignore_ascii_case(wanted))
    }

    /// The user that the URL names, `/ws?user=alice`: so a single user's fault can already act here.
    fn user(&self) -> Option<String> {
        let target: Uri = self.first_line().1.parse().ok()?;
        let Query(named) = Query::<Named>::try_from_uri(&target).ok()?;
        named.user
    }

    /// The answer that opens the WebSocket, or why there is none.
    fn accept(&self) -> Result<String, Refusal> {
        let (method, target) = self.first_line();
        if target.split('?').next() != Some(PATH) {
            return Err(Refusal("404 Not Found", "SIP over WebSocket is at /ws"));
        }
        let key = self.elements("sec-websocket-key").next().unwrap_or_default();
        let upgrade = method == "GET"
            && self.has("connection", "upgrade")
            && self.has("upgrade", "websocket")
            && self.has("sec-websocket-version", "13")
            && !key.is_empty();
        if !upgrade {
            return Err(Refusal("400 Bad Request", "this is no WebSocket handshake (RFC 6455, version 13)"));
        }
        if !self.elements("sec-websocket-protocol").any(|protocol| protocol == "sip") {
            return Err(Refusal("400 Bad Request", "offer the subprotocol sip (RFC 7118)"));
        }
        Ok(format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {}\r\nsec-websocket-protocol: sip\r\n\r\n",
            derive_accept_key(key.as_bytes())
        ))
    }
}

/// An open WebSocket.
struct WsWire {
    stream: WebSocketStream<TcpStream>,
    /// The last frame that came was binary; so are those that go.
    binary: bool,
}

impl WsWire {
    async fn new(stream: TcpStream, rest: Vec<u8>) -> Self {
        let config = WebSocketConfig::default().max_message_size(Some(LONGEST)).max_frame_size(Some(LONGEST));
        let stream = WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await;
        Self { stream, binary: false }
    }
}

impl Wire for WsWire {
    const TRANSPORT: Transport = Transport::Ws;

    async fn next(&mut self) -> Option<Piece> {
        loop {
            let bytes = match self.stream.next().await?.ok()? {
                Message::Text(text) => {
                    self.binary = false;
                    text.as_bytes().to_vec()
                }
                Message::Binary(bytes) => {
                    self.binary = true;
                    bytes.to_vec()
                }
                _ => continue,
            };
            return Some(if bytes == b"\r\n\r\n" { Piece::Ping } else { Piece::Message(bytes) });
        }
    }

    async fn send(&mut self, bytes: &[u8]) {
        let message = match std::str::from_utf8(bytes) {
            Ok(text) if !self.binary => Message::text(text),
            _ => Message::binary(bytes.to_vec()),
        };
        let _ = self.stream.send(message).await;
    }

    async fn close(&mut self) {
        let farewell = CloseFrame { code: CloseCode::Away, reason: "fault hangUp is set".into() };
        let goodbye = async {
            let _ = self.stream.close(Some(farewell)).await;
            while let Some(Ok(_)) = self.stream.next().await {}
        };
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANDSHAKE: &str = "GET /ws?user=alice HTTP/1.1\r\nHost: lab\r\nConnection: keep-alive, Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Protocol: chat, sip\r\n\r\n";

    #[test]
    fn a_handshake_is_accepted() {
        let head = Head(HANDSHAKE.to_owned());
        assert_eq!(head.user().as_deref(), Some("alice"));
        let spaced = Head(HANDSHAKE.replace("alice", "al%20ice%2B"));
        assert_eq!(spaced.user().as_deref(), Some("al ice+"));
        let reply = head.accept().unwrap();
        assert!(reply.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{reply}");
        assert!(reply.contains("sec-websocket-protocol: sip\r\n"), "{reply}");
    }

    #[test]
    fn what_is_no_sip_over_websocket_is_refused() {
        let cases = [
            ("/ws?", "/?", "404"),
            ("GET", "POST", "400"),
            ("keep-alive, Upgrade", "close", "400"),
            ("13", "8", "400"),
            ("Sec-WebSocket-Key", "X", "400"),
            ("chat, sip", "chat", "400"),
        ];
        for (from, to, status) in cases {
            let refusal = Head(HANDSHAKE.replace(from, to)).accept().unwrap_err();
            assert!(refusal.0.starts_with(status), "{to}: {refusal}");
        }
        for garbage in ["\r\n\r\n", "GET\r\n\r\n", "\u{e4} \u{e4} ?\r\n:\r\n\r\n"] {
            let head = Head(garbage.to_owned());
            assert!(head.accept().is_err() && head.user().is_none());
        }
    }
}
