//! Lookups at one DNS server: over UDP, and over TCP where the answer does not fit.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rehome::wire::{Decoded, decode_answer, encode_question};
use rehome::{Answer, LookupFailure, LookupKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::token::random;

/// When a question is asked again, in milliseconds after the time before; the core stops waiting far sooner.
const PATIENCE_MS: [u64; 5] = [1000, 2000, 4000, 8000, 15_000];

/// Asks one DNS server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolver {
    server: SocketAddr,
}

impl Resolver {
    pub(crate) const fn new(server: SocketAddr) -> Self {
        Self { server }
    }

    /// One lookup, as the core wants its answer.
    pub(crate) async fn lookup(&self, name: &str, kind: LookupKind) -> Answer {
        self.try_lookup(name, kind).await.unwrap_or_else(|cause| Answer::Failed { cause })
    }

    /// An address of a host: IPv4 if it has one, else IPv6.
    pub(crate) async fn address(&self, host: &str) -> Option<IpAddr> {
        for kind in [LookupKind::A, LookupKind::Aaaa] {
            if let Answer::Addresses { addresses, .. } = self.lookup(host, kind).await
                && let Some(address) = addresses.first()
            {
                return Some(*address);
            }
        }
        None
    }

    async fn try_lookup(&self, name: &str, kind: LookupKind) -> Result<Answer, LookupFailure> {
        let question = Question::new(name, kind)?;
        if let Decoded::Answer(answer) = self.over_udp(&question).await? {
            return Ok(answer);
        }
        let limit = Duration::from_millis(PATIENCE_MS.iter().sum());
        let reply = timeout(limit, self.over_tcp(&question)).await.map_err(|_| LookupFailure::Timeout)?;
        let reply = reply.map_err(|error| failure(&error))?;
        match question.read(&reply) {
            Some(Decoded::Answer(answer)) => Ok(answer),
            Some(Decoded::Truncated) | None => Err(LookupFailure::Malformed),
        }
    }

    async fn over_udp(&self, question: &Question<'_>) -> Result<Decoded, LookupFailure> {
        let socket = connected_udp(self.server).await.map_err(|error| failure(&error))?;
        let mut buffer = vec![0; 65_535];
        for patience in PATIENCE_MS {
            socket.send(&question.bytes).await.map_err(|error| failure(&error))?;
            let reply = async {
                loop {
                    let length = socket.recv(&mut buffer).await?;
                    if let Some(decoded) = question.read(&buffer[..length]) {
                        return Ok::<Decoded, io::Error>(decoded);
                    }
                }
            };
            if let Ok(reply) = timeout(Duration::from_millis(patience), reply).await {
                return reply.map_err(|error| failure(&error));
            }
        }
        Err(LookupFailure::Timeout)
    }

    async fn over_tcp(&self, question: &Question<'_>) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.server).await?;
        let length = u16::try_from(question.bytes.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(&question.bytes).await?;
        let mut reply = vec![0; usize::from(stream.read_u16().await?)];
        stream.read_exact(&mut reply).await?;
        Ok(reply)
    }
}

/// A UDP socket that hears from this address alone, so that a closed port is an error and not silence.
pub(crate) async fn connected_udp(peer: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 16], 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(peer).await?;
    Ok(socket)
}

fn failure(error: &io::Error) -> LookupFailure {
    match error.kind() {
        io::ErrorKind::TimedOut => LookupFailure::Timeout,
        io::ErrorKind::UnexpectedEof => LookupFailure::Malformed,
        _ => LookupFailure::Network,
    }
}

/// One question, and how its answer is known.
struct Question<'a> {
    name: &'a str,
    kind: LookupKind,
    id: u16,
    bytes: Vec<u8>,
}

impl<'a> Question<'a> {
    fn new(name: &'a str, kind: LookupKind) -> Result<Self, LookupFailure> {
        let [high, low, ..] = random().to_be_bytes();
        let id = u16::from_be_bytes([high, low]);
        let mut bytes = Vec::new();
        encode_question(name, kind, id, &mut bytes).map_err(|_| LookupFailure::Other)?;
        Ok(Self { name, kind, id, bytes })
    }

    /// What the message says; `None` if it does not answer this question: somebody else's, or forged.
    fn read(&self, message: &[u8]) -> Option<Decoded> {
        decode_answer(message, self.name, self.kind, Some(self.id)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_port_is_no_silence() {
        let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let answer = Resolver::new(closed).lookup("_sip._udp.example.test", LookupKind::Srv).await;
        assert_eq!(answer, Answer::Failed { cause: LookupFailure::Network });
    }
}
