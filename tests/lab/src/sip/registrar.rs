//! What a registrar makes of a request: faults first, then authentication, then the location table.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rsipstack::sip::{Header, Method};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::contact::bound_contact;
use super::digest::{Authority, Credentials};
use super::location::{Bound, Refusal, Update};
use super::message::Incoming;
use super::transactions::Transactions;
use super::{transport, websocket};
use crate::bind::{self, Pair};
use crate::config::REGISTRARS;
use crate::fault::SipFault;
use crate::log::{LogEntry, Transport};
use crate::settings::Settings;
use crate::world::{Places, World};

/// How often a registrar that comes back asks for its port again, and how long it waits between.
const REOPENINGS: (usize, Duration) = (20, Duration::from_millis(50));

/// What a registrar listens on.
#[derive(Debug)]
pub(crate) struct Sockets {
    pub(crate) sip: Pair,
    pub(crate) tls: TcpListener,
    pub(crate) ws: TcpListener,
}

/// How and whence a request came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) transport: Transport,
    pub(crate) source: SocketAddr,
    /// The number of its connection.
    pub(crate) flow: Option<u64>,
}

/// A request on its way through a registrar.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) incoming: Incoming,
    pub(crate) origin: Origin,
    /// Its number in the log.
    number: u64,
    /// It has waited its time under a slow fault.
    waited: bool,
}

/// What is to be done about a packet.
#[derive(Debug)]
pub(crate) enum Verdict {
    Answer(Vec<u8>),
    AnswerAndHangUp(Vec<u8>),
    HangUp,
    Silence,
    /// Come back with it after this time.
    Later(Duration, Box<Packet>),
}

/// One of the four.
#[derive(Debug)]
pub(crate) struct Registrar {
    pub(crate) index: usize,
    pub(crate) address: SocketAddr,
    /// Where it takes TLS.
    pub(crate) tls: SocketAddr,
    /// Where it takes WebSockets.
    pub(crate) ws: SocketAddr,
    authority: Authority,
    transactions: Mutex<Transactions>,
    running: Mutex<Option<JoinSet<()>>>,
    /// Held while sockets are opened or closed, so that two changes of mind do not cross.
    gate: tokio::sync::Mutex<()>,
    stopped: AtomicBool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registrar {
    pub(crate) fn new(index: usize, places: &Places) -> Self {
        Self {
            index,
            address: places.registrars[index],
            tls: places.tls[index],
            ws: places.ws[index],
            authority: Authority::new(),
            transactions: Mutex::default(),
            running: Mutex::default(),
            gate: tokio::sync::Mutex::default(),
            stopped: AtomicBool::new(false),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        REGISTRARS[self.index]
    }

    pub(crate) fn ws_url(&self) -> String {
        format!("ws://{}{}", self.ws, websocket::PATH)
    }

    pub(crate) fn is_open(&self) -> bool {
        locked(&self.running).is_some()
    }

    /// Serves on these sockets.
    pub(crate) fn open(&self, world: &Arc<World>, sockets: Sockets) {
        let mut tasks = JoinSet::new();
        tasks.spawn(transport::datagrams(Arc::clone(world), self.index, sockets.sip.udp));
        tasks.spawn(transport::connections(Arc::clone(world), self.index, sockets.sip.tcp));
        tasks.spawn(transport::tls(Arc::clone(world), self.index, sockets.tls));
        tasks.spawn(transport::websockets(Arc::clone(world), self.index, sockets.ws));
        *locked(&self.running) = Some(tasks);
    }

    /// Opens or closes the sockets as the faults in force want it; when it returns, it is so.
    pub(crate) async fn follow_faults(&self, world: &Arc<World>) -> Result<()> {
        let _gate = self.gate.lock().await;
        if self.stopped.load(Ordering::SeqCst) {
            return Ok(());
        }
        let closed = world.faults().closes(self.index);
        if closed {
            let tasks = locked(&self.running).take();
            if let Some(mut tasks) = tasks {
                tasks.shutdown().await;
            }
        } else if !self.is_open() {
            let sockets = self.reopen().await.with_context(|| format!("registrar {} stays closed", self.name()))?;
            self.open(world, sockets);
        }
        Ok(())
    }

    /// The port may be lent out as somebody's source port for a moment.
    async fn reopen(&self) -> Result<Sockets> {
        let mut tries = 0;
        loop {
            match self.try_open().await {
                Err(_) if tries < REOPENINGS.0 => tokio::time::sleep(REOPENINGS.1).await,
                outcome => return outcome,
            }
            tries += 1;
        }
    }

    async fn try_open(&self) -> Result<Sockets> {
        let sip = bind::pair(self.address, self.name(), "--sip-port").await?;
        let tls = bind::listener(self.tls, self.name(), "--tls-port").await?;
        Ok(Sockets { sip, tls, ws: bind::listener(self.ws, self.name(), "--ws-port").await? })
    }

    /// Closes for good.
    pub(crate) fn stop(&self) -> Option<JoinSet<()>> {
        self.stopped.store(true, Ordering::SeqCst);
        locked(&self.running).take()
    }

    pub(crate) fn forget_transactions(&self) {
        locked(&self.transactions).clear();
    }

    /// A request has arrived: notes it and decides.
    pub(crate) fn arrived(&self, world: &World, incoming: Incoming, origin: Origin) -> Verdict {
        let key = incoming.transaction();
        let known = match origin.transport {
            Transport::Udp => locked(&self.transactions).find(&key, Instant::now()),
            Transport::Tcp | Transport::Tls | Transport::Ws => None,
        };
        let number = world.log().push(LogEntry {
            at_ms: world.at_ms(),
            registrar: self.name().to_owned(),
            method: incoming.method().to_string(),
            user: incoming.user.clone(),
            transport: origin.transport,
            source: origin.source.to_string(),
            call_id: incoming.call_id.clone(),
            cseq: incoming.cseq,
            expires: incoming.asked_expires(),
            authorized: incoming.authorizations().next().is_some(),
            retransmission: known.is_some(),
            code: None,
        });
        if let Some(verdict) = self.no_answer(world, &incoming.user, origin.transport) {
            return verdict;
        }
        match known {
            Some(Some(answer)) => {
                if let Some(code) = status_of(&answer) {
                    world.log().answered(number, code);
                }
                Verdict::Answer(answer)
            }
            Some(None) => Verdict::Silence,
            None => self.decide(world, Packet { incoming, origin, number, waited: false }),
        }
    }

    /// A packet is back from its wait.
    pub(crate) fn waited(&self, world: &World, mut packet: Packet) -> Verdict {
        packet.waited = true;
        if let Some(verdict) = self.no_answer(world, &packet.incoming.user, packet.origin.transport) {
            locked(&self.transactions).forget(&packet.incoming.transaction());
            return verdict;
        }
        self.decide(world, packet)
    }

    /// The faults under which nothing is answered.
    fn no_answer(&self, world: &World, user: &str, transport: Transport) -> Option<Verdict> {
        match world.faults().of(self.index, user) {
            Some(SipFault::Refuse) if transport != Transport::Udp => Some(Verdict::HangUp),
            Some(SipFault::Refuse | SipFault::Silent) => Some(Verdict::Silence),
            _ => None,
        }
    }

    fn decide(&self, world: &World, packet: Packet) -> Verdict {
        let key = packet.incoming.transaction();
        if !packet.waited {
            let delay = world.faults().delay(self.index, &packet.incoming.user);
            if let Some(delay) = delay {
                self.note(&packet, key, None);
                return Verdict::Later(delay, Box::new(packet));
            }
        }
        if packet.incoming.method() == Method::Ack {
            return Verdict::Silence;
        }
        let fault = world.faults().of(self.index, &packet.incoming.user).cloned();
        let (code, headers) = match &fault {
            Some(SipFault::Status { code, retry_after, min_expires }) => {
                (*code, self.refusal(*code, *retry_after, *min_expires))
            }
            _ => self.serve(world, &packet),
        };
        let answer = packet.incoming.answer(self.name(), packet.origin.source, code, headers);
        world.log().answered(packet.number, code);
        self.note(&packet, key, Some(&answer));
        let accepted = code == 200 && packet.incoming.method() == Method::Register;
        if accepted && fault == Some(SipFault::HangUp) && packet.origin.transport != Transport::Udp {
            return Verdict::AnswerAndHangUp(answer);
        }
        Verdict::Answer(answer)
    }

    fn note(&self, packet: &Packet, key: String, answer: Option<&[u8]>) {
        if packet.origin.transport == Transport::Udp {
            locked(&self.transactions).note(key, Instant::now(), answer.map(<[u8]>::to_vec));
        }
    }

    /// The headers of a refusal that a fault asks for.
    fn refusal(&self, code: u16, retry_after: Option<u32>, min_expires: Option<u32>) -> Vec<Header> {
        let mut headers = Vec::new();
        headers.extend(retry_after.map(|seconds| Header::RetryAfter(seconds.to_string().into())));
        headers.extend(min_expires.map(|seconds| Header::MinExpires(seconds.to_string().into())));
        match code {
            401 => headers.push(Header::WwwAuthenticate(self.authority.challenge(false).into())),
            407 => headers.push(Header::ProxyAuthenticate(self.authority.challenge(false).into())),
            _ => {}
        }
        headers
    }

    /// What a healthy registrar answers.
    fn serve(&self, world: &World, packet: &Packet) -> (u16, Vec<Header>) {
        const ALLOWED: &str = "REGISTER, OPTIONS";
        let incoming = &packet.incoming;
        if incoming.problem.is_some() {
            return (400, Vec::new());
        }
        match incoming.method() {
            Method::Options => (200, vec![Header::Allow(ALLOWED.into())]),
            Method::Register => self.register(world, packet),
            _ => (405, vec![Header::Allow(ALLOWED.into())]),
        }
    }

    fn register(&self, world: &World, packet: &Packet) -> (u16, Vec<Header>) {
        let incoming = &packet.incoming;
        let settings = world.settings();
        if settings.digest
            && let Some(refusal) = self.unauthorized(incoming, &settings)
        {
            return refusal;
        }
        let update = Update {
            registrar: self.index,
            user: &incoming.user,
            contacts: &incoming.contacts,
            expires: incoming.expires,
            call_id: &incoming.call_id,
            cseq: incoming.cseq,
            transport: packet.origin.transport,
            source: packet.origin.source.to_string(),
            flow: packet.origin.flow,
        };
        match world.location().register(&update, &settings, Instant::now()) {
            Ok(bound) => {
                let header = |bound: &Bound| bound_contact(&bound.uri, &bound.parameters, bound.seconds_left);
                (200, bound.iter().map(header).collect())
            }
            Err(Refusal::Malformed) => (400, Vec::new()),
            Err(Refusal::OutOfOrder) => (500, Vec::new()),
            Err(Refusal::TooBrief) => (423, vec![Header::MinExpires(settings.min_expires.to_string().into())]),
        }
    }

    /// `None`: the user has shown who it is. 403 if it is another than it registers.
    fn unauthorized(&self, incoming: &Incoming, settings: &Settings) -> Option<(u16, Vec<Header>)> {
        let lifetime = Duration::from_secs(settings.nonce_seconds.into());
        let method = incoming.method().to_string();
        let mut stale = false;
        for header in incoming.authorizations() {
            match self.authority.check(header, &method, lifetime) {
                Credentials::Right(user) if user == incoming.user => return None,
                Credentials::Right(_) => return Some((403, Vec::new())),
                Credentials::Stale => stale = true,
                Credentials::Wrong => {}
            }
        }
        let challenge = self.authority.challenge(stale);
        Some((401, vec![Header::WwwAuthenticate(challenge.into())]))
    }
}

/// The status code of an answer that was written here.
fn status_of(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(8..11)?).ok()?.parse().ok()
}
