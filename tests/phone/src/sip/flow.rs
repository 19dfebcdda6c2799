//! One way to one target: a connected UDP socket or a connection over TCP or TLS, and the transactions open on it.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rehome::{Outcome, Unreachable};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use super::framing::{self, Next};
use super::message::Reply;
use crate::dns::connected_udp;
use crate::trust::{Trust, is_tls};

/// RFC 3261's T1: the first wait before a request is repeated over UDP.
const T1: Duration = Duration::from_millis(500);
/// RFC 3261's T2: the longest.
const T2: Duration = Duration::from_secs(4);
/// RFC 3261's timer F: how long a transaction stays open.
pub(crate) const TIMER_F: Duration = Duration::from_secs(32);
/// How long the answer to a keep-alive may take (RFC 5626 section 4.4.1).
const PONG: Duration = Duration::from_secs(10);

/// A way to a target. It closes when nobody holds it any more.
#[derive(Debug)]
pub(crate) struct Flow {
    /// This end of it.
    pub(crate) local: SocketAddr,
    /// A connection: nothing need be repeated, and it can be lost.
    pub(crate) reliable: bool,
    /// The name that its certificate carries.
    tls_name: Option<Arc<str>>,
    outgoing: UnboundedSender<Vec<u8>>,
    open: Arc<Mutex<Open>>,
    doubtful: Arc<AtomicBool>,
    task: AbortHandle,
}

/// What TLS needs: whom to believe, and the name that the certificate must carry.
#[derive(Debug)]
pub(crate) struct Secure<'a> {
    pub(crate) trust: &'a Trust,
    pub(crate) name: &'a Arc<str>,
}

/// What is open on a flow.
#[derive(Debug, Default)]
struct Open {
    /// Transactions by branch.
    waiting: HashMap<String, UnboundedSender<Result<Reply, Outcome>>>,
    /// Attempts that use it now; the last to leave a lost connection tells of the loss.
    users: usize,
    /// Why it is closed.
    closed: Option<Outcome>,
}

impl Flow {
    /// A UDP socket that hears this peer alone.
    pub(crate) async fn udp(peer: SocketAddr) -> io::Result<Arc<Self>> {
        let socket = connected_udp(peer).await?;
        let local = socket.local_addr()?;
        Ok(Self::new(local, false, None, |outgoing, open, _| serve_udp(socket, outgoing, open)))
    }

    /// A TCP connection, with TLS if that is wanted. `lost` is called if it ends while no attempt uses it.
    pub(crate) async fn connection(
        peer: SocketAddr,
        secure: Option<Secure<'_>>,
        keep_alive: Option<Duration>,
        lost: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arc<Self>> {
        let stream = TcpStream::connect(peer).await?;
        stream.set_nodelay(true)?;
        let local = stream.local_addr()?;
        let Some(Secure { trust, name }) = secure else {
            return Ok(Self::over(stream, local, None, keep_alive, lost));
        };
        let stream = trust.handshake(name, stream).await?;
        Ok(Self::over(stream, local, Some(Arc::clone(name)), keep_alive, lost))
    }

    fn over<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        stream: S,
        local: SocketAddr,
        tls_name: Option<Arc<str>>,
        keep_alive: Option<Duration>,
        lost: impl FnOnce() + Send + 'static,
    ) -> Arc<Self> {
        Self::new(local, true, tls_name, move |outgoing, open, doubtful| async move {
            let why = serve_stream(stream, outgoing, &open, &doubtful, keep_alive).await;
            let unused = {
                let mut open = lock(&open);
                open.closed = Some(why);
                open.users == 0
            };
            if unused {
                lost();
            }
            fail_all(&open, why);
        })
    }

    fn new<F>(
        local: SocketAddr,
        reliable: bool,
        tls_name: Option<Arc<str>>,
        serve: impl FnOnce(UnboundedReceiver<Vec<u8>>, Arc<Mutex<Open>>, Arc<AtomicBool>) -> F,
    ) -> Arc<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (outgoing, to_send) = mpsc::unbounded_channel();
        let open = Arc::new(Mutex::new(Open::default()));
        let doubtful = Arc::new(AtomicBool::new(false));
        let task = tokio::spawn(serve(to_send, open.clone(), doubtful.clone())).abort_handle();
        Arc::new(Self { local, reliable, tls_name, outgoing, open, doubtful, task })
    }

    /// Whether a new attempt may use it: not closed, not silent since an attempt on it was given up, and its
    /// certificate was checked for the name that is wanted now.
    pub(crate) fn is_good(&self, tls_name: Option<&Arc<str>>) -> bool {
        let certified = self.tls_name.as_ref() == tls_name;
        certified && lock(&self.open).closed.is_none() && !self.doubtful.load(Ordering::Relaxed)
    }

    /// An attempt on it was given up: unless something is heard on it, the next attempt connects anew.
    pub(crate) fn doubt(&self) {
        self.doubtful.store(self.reliable, Ordering::Relaxed);
    }

    /// Sends a request and waits for its final answer, at most for timer F (RFC 3261 section 17.1.2). Once the core no
    /// longer waits (`cancelled`), it is only listened for: nothing more is sent.
    pub(crate) async fn exchange(
        &self,
        branch: String,
        request: Vec<u8>,
        cancelled: &AtomicBool,
    ) -> Result<Reply, Outcome> {
        let (reply_to, mut replies) = mpsc::unbounded_channel();
        {
            let mut open = lock(&self.open);
            if let Some(why) = open.closed {
                return Err(why);
            }
            open.waiting.insert(branch.clone(), reply_to);
        }
        let _transaction = Transaction { open: &self.open, branch };
        let end = Instant::now() + TIMER_F;
        let mut interval = T1;
        let mut again = Instant::now() + interval;
        let closed = Outcome::Unreachable { cause: Unreachable::Closed };
        self.outgoing.send(request.clone()).map_err(|_| closed)?;
        loop {
            tokio::select! {
                reply = replies.recv() => match reply {
                    Some(Ok(reply)) if reply.code >= 200 => return Ok(reply),
                    Some(Ok(_)) => interval = T2,
                    Some(Err(why)) => return Err(why),
                    None => return Err(closed),
                },
                () = sleep_until(again), if !self.reliable && !cancelled.load(Ordering::Relaxed) => {
                    if cancelled.load(Ordering::Relaxed) {
                        continue;
                    }
                    self.outgoing.send(request.clone()).map_err(|_| closed)?;
                    interval = (interval * 2).min(T2);
                    again += interval;
                }
                () = sleep_until(end) => return Err(Outcome::Unreachable { cause: Unreachable::Timeout }),
            }
        }
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An attempt's use of a flow.
#[derive(Debug)]
pub(crate) struct Using {
    pub(crate) flow: Arc<Flow>,
    left: bool,
}

impl Using {
    pub(crate) fn new(flow: Arc<Flow>) -> Self {
        lock(&flow.open).users += 1;
        Self { flow, left: false }
    }

    /// Ends the use; true if the flow has closed meanwhile and nobody else uses it, so that the caller must say so.
    pub(crate) fn leave(mut self) -> bool {
        self.left = true;
        let mut open = lock(&self.flow.open);
        open.users -= 1;
        open.closed.is_some() && open.users == 0
    }
}

impl Drop for Using {
    fn drop(&mut self) {
        if !self.left {
            lock(&self.flow.open).users -= 1;
        }
    }
}

struct Transaction<'a> {
    open: &'a Mutex<Open>,
    branch: String,
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        lock(self.open).waiting.remove(&self.branch);
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

fn deliver(open: &Mutex<Open>, message: &[u8]) {
    let Some(reply) = Reply::parse(message) else { return };
    if let Some(waiting) = lock(open).waiting.get(&reply.branch) {
        let _ = waiting.send(Ok(reply));
    }
}

fn fail_all(open: &Mutex<Open>, why: Outcome) {
    for (_, waiting) in lock(open).waiting.drain() {
        let _ = waiting.send(Err(why));
    }
}

async fn serve_udp(socket: UdpSocket, mut outgoing: UnboundedReceiver<Vec<u8>>, open: Arc<Mutex<Open>>) {
    let mut buffer = vec![0; 65_535];
    loop {
        tokio::select! {
            Some(request) = outgoing.recv() => {
                if let Err(error) = socket.send(&request).await {
                    fail_all(&open, outcome_of(&error));
                }
            }
            received = socket.recv(&mut buffer) => match received {
                Ok(length) => deliver(&open, &buffer[..length]),
                Err(error) => fail_all(&open, outcome_of(&error)),
            },
        }
    }
}

/// Returns why the connection has ended.
async fn serve_stream<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    mut outgoing: UnboundedReceiver<Vec<u8>>,
    open: &Mutex<Open>,
    doubtful: &AtomicBool,
    keep_alive: Option<Duration>,
) -> Outcome {
    let mut buffer = Vec::new();
    let mut ping = keep_alive.map(|every| Instant::now() + every);
    let mut pong_due: Option<Instant> = None;
    loop {
        tokio::select! {
            Some(request) = outgoing.recv() => {
                if let Err(error) = write(&mut stream, &request).await {
                    return outcome_of(&error);
                }
            }
            read = stream.read_buf(&mut buffer) => {
                match read {
                    Ok(0) => return Outcome::Unreachable { cause: Unreachable::Closed },
                    Ok(_) => {}
                    Err(error) => return outcome_of(&error),
                }
                doubtful.store(false, Ordering::Relaxed);
                pong_due = None;
                loop {
                    match framing::next(&mut buffer) {
                        Next::Message(message) => deliver(open, &message),
                        Next::Pong => {}
                        Next::More => break,
                        Next::Broken => return Outcome::Unreachable { cause: Unreachable::Other },
                    }
                }
            }
            () = at(ping) => {
                if let Err(error) = write(&mut stream, b"\r\n\r\n").await {
                    return outcome_of(&error);
                }
                pong_due.get_or_insert(Instant::now() + PONG);
                ping = keep_alive.map(|every| Instant::now() + every);
            }
            () = at(pong_due) => return Outcome::Unreachable { cause: Unreachable::Timeout },
        }
    }
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// What an error of a socket means: the network's answer, or a request that never left (rule 3.7).
pub(crate) fn outcome_of(error: &io::Error) -> Outcome {
    use io::ErrorKind as Kind;
    let cause = match error.kind() {
        _ if is_tls(error) => Unreachable::Tls,
        Kind::ConnectionRefused => Unreachable::Refused,
        Kind::HostUnreachable | Kind::NetworkUnreachable => Unreachable::NoRoute,
        Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::BrokenPipe
        | Kind::NotConnected
        | Kind::UnexpectedEof => Unreachable::Closed,
        Kind::TimedOut => Unreachable::Timeout,
        Kind::NetworkDown | Kind::PermissionDenied | Kind::AddrNotAvailable | Kind::AddrInUse | Kind::OutOfMemory => {
            return Outcome::NotSent;
        }
        _ => Unreachable::Other,
    };
    Outcome::Unreachable { cause }
}
