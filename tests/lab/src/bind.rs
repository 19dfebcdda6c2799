//! Opening sockets, with errors that say who wanted which address and what to do.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use anyhow::{Result, anyhow};
use tokio::net::{TcpListener, UdpSocket};

/// A UDP socket and a TCP listener at the same address and port.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) udp: UdpSocket,
    pub(crate) tcp: TcpListener,
    pub(crate) address: SocketAddr,
}

/// How often a free port is drawn until UDP and TCP both have it.
const DRAWS: usize = 32;

/// Binds UDP and TCP at `address`. `what` and `flag` are for the error: who wanted it, and the flag that moves it.
pub(crate) async fn pair(address: SocketAddr, what: &str, flag: &str) -> Result<Pair> {
    let mut last = None;
    for _ in 0..if address.port() == 0 { DRAWS } else { 1 } {
        match try_pair(address).await {
            Ok(pair) => return Ok(pair),
            Err((protocol, error)) => last = Some((protocol, error)),
        }
    }
    let (protocol, error) = last.unwrap_or(("UDP", io::Error::other("no port was tried")));
    Err(failed(address, protocol, what, flag, error))
}

async fn try_pair(address: SocketAddr) -> Result<Pair, (&'static str, io::Error)> {
    let udp = UdpSocket::bind(address).await.map_err(|error| ("UDP", error))?;
    let address = udp.local_addr().map_err(|error| ("UDP", error))?;
    let tcp = TcpListener::bind(address).await.map_err(|error| ("TCP", error))?;
    Ok(Pair { udp, tcp, address })
}

/// Binds TCP alone.
pub(crate) async fn listener(address: SocketAddr, what: &str, flag: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| failed(address, "TCP", what, flag, error))
}

/// Whether this machine has no such address (macOS knows no 127.0.1.1 unless told).
pub(crate) fn no_such_address(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::AddrNotAvailable)
}

fn failed(address: SocketAddr, protocol: &str, what: &str, flag: &str, error: io::Error) -> anyhow::Error {
    let sentence = if error.kind() == ErrorKind::AddrInUse {
        format!(
            "{what} cannot listen on {address} ({protocol}): the port is taken; \
             stop what holds it (another lab?) or choose another port with {flag} (0: any free one)"
        )
    } else {
        format!("{what} cannot listen on {address} ({protocol}): {error}; choose another place with {flag}")
    };
    anyhow!(error).context(sentence)
}
