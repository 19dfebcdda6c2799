//! Everything that outlives an attempt: the account, CSeq, Contacts, flows.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rehome::{Id, Input, Outcome, Target, TargetId, Transport};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

pub(crate) use super::attempt::Job;
use super::attempt::{self, Progress};
use super::flow::{Flow, Secure, TIMER_F, outcome_of};
use super::message::Binding;
use crate::dns::Resolver;
use crate::options::Options;
use crate::token::{random, token};
use crate::trust::Trust;

type Flows = HashMap<(TargetId, SocketAddr), Arc<Flow>>;

/// What all attempts share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) from_tag: String,
    pub(crate) call_id: String,
    pub(crate) resolver: Resolver,
    pub(crate) trust: Option<Trust>,
    domain: Option<String>,
    /// Tells this phone's Contacts from those of others of the same user.
    instance: String,
    cseq: AtomicU32,
    keep_alive: Option<Duration>,
    one_contact: bool,
    bindings: Mutex<HashMap<Id, Binding>>,
    flows: Mutex<Flows>,
    inputs: UnboundedSender<Input>,
}

impl Shared {
    /// The domain of the address of record: as configured, else that which the target's certificate would name.
    pub(crate) fn domain_for<'a>(&'a self, target: &'a Target) -> Cow<'a, str> {
        Cow::Borrowed(self.domain.as_deref().unwrap_or(&target.tls_name))
    }

    /// Whether anything can be sent this way: WebSocket and DTLS are missing, and TLS if nobody is believed.
    pub(crate) fn has(&self, transport: Transport) -> bool {
        match transport {
            Transport::Udp | Transport::Tcp => true,
            Transport::Tls => self.trust.is_some(),
            Transport::Dtls | Transport::Ws | Transport::Wss => false,
        }
    }

    pub(crate) fn next_cseq(&self) -> u32 {
        self.cseq.fetch_add(1, Ordering::Relaxed)
    }

    /// The Contact of a binding: the same for all REGISTERs that carry its number.
    pub(crate) fn binding(&self, id: Id, local: SocketAddr) -> Binding {
        let id = if self.one_contact { Id::from_raw(0) } else { id };
        let new =
            || Binding { contact_user: format!("{}-{}-{}", self.user, self.instance, id.get()), contact_host: local };
        lock(&self.bindings).entry(id).or_insert_with(new).clone()
    }

    /// The way to a target: the one there is, or a new one.
    pub(crate) async fn flow(self: &Arc<Self>, target: &Target, peer: SocketAddr) -> Result<Arc<Flow>, Outcome> {
        let key = (target.id, peer);
        let secure = match (target.transport, &self.trust) {
            (Transport::Tls, Some(trust)) => Some(Secure { trust, name: &target.tls_name }),
            _ => None,
        };
        let name = secure.as_ref().map(|secure| secure.name);
        if let Some(flow) = lock(&self.flows).get(&key).filter(|flow| flow.is_good(name)) {
            return Ok(flow.clone());
        }
        let flow = if target.transport == Transport::Udp {
            Flow::udp(peer).await
        } else {
            // The connection tells of its own loss; by then it may have been replaced.
            let cell: Arc<Mutex<Option<std::sync::Weak<Flow>>>> = Arc::default();
            let (shared, own) = (Arc::downgrade(self), cell.clone());
            let lost = move || {
                let flow = lock(&own).as_ref().and_then(std::sync::Weak::upgrade);
                if let (Some(shared), Some(flow)) = (shared.upgrade(), flow) {
                    shared.lost(key.0, key.1, &flow, true);
                }
            };
            let flow = Flow::connection(peer, secure, self.keep_alive, lost).await;
            if let Ok(flow) = &flow {
                *lock(&cell) = Some(Arc::downgrade(flow));
            }
            flow
        };
        let flow = flow.map_err(|error| outcome_of(&error))?;
        lock(&self.flows).insert(key, flow.clone());
        Ok(flow)
    }

    /// A success came over this flow: it is the one for its target from now on.
    pub(crate) fn keep(&self, target: TargetId, peer: SocketAddr, flow: &Arc<Flow>) {
        lock(&self.flows).insert((target, peer), flow.clone());
    }

    /// A connection has ended; the core is told if it was the one in use for its target.
    pub(crate) fn lost(&self, target: TargetId, peer: SocketAddr, flow: &Arc<Flow>, tell: bool) {
        if self.forget(target, peer, flow) && tell {
            let _ = self.inputs.send(Input::FlowLost { target });
        }
    }

    /// An unregister has ended: neither its Contact nor its connection is of further use.
    pub(crate) fn done_with(&self, binding: Id, target: TargetId, peer: SocketAddr, flow: &Arc<Flow>) {
        lock(&self.bindings).remove(&binding);
        self.forget(target, peer, flow);
    }

    fn forget(&self, target: TargetId, peer: SocketAddr, flow: &Arc<Flow>) -> bool {
        let mut flows = lock(&self.flows);
        let own = flows.get(&(target, peer)).is_some_and(|kept| Arc::ptr_eq(kept, flow));
        own && flows.remove(&(target, peer)).is_some()
    }

    pub(crate) fn ended(&self, id: Id, outcome: Outcome) {
        let _ = self.inputs.send(Input::Outcome { id, outcome });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries out the core's register and unregister actions.
#[derive(Debug)]
pub(crate) struct Agent {
    shared: Arc<Shared>,
    attempts: HashMap<Id, (AbortHandle, Arc<Progress>)>,
}

impl Agent {
    pub(crate) fn new(options: &Options, resolver: Resolver, inputs: UnboundedSender<Input>) -> Self {
        let shared = Shared {
            user: options.user.clone(),
            password: options.password.clone(),
            from_tag: token(),
            call_id: token(),
            resolver,
            trust: options.trust.clone(),
            domain: options.domain.clone().or_else(|| options.config.domain.clone()),
            instance: format!("{:08x}", random() >> 32),
            cseq: AtomicU32::new(1),
            keep_alive: options.keep_alive,
            one_contact: options.one_contact,
            bindings: Mutex::default(),
            flows: Mutex::default(),
            inputs,
        };
        Self { shared: Arc::new(shared), attempts: HashMap::new() }
    }

    pub(crate) fn begin(&mut self, job: Job) {
        let id = job.id;
        let progress = Arc::new(Progress::default());
        let task = tokio::spawn(attempt::run(self.shared.clone(), job, progress.clone()));
        self.attempts.insert(id, (task.abort_handle(), progress));
    }

    /// The outcome has come in.
    pub(crate) fn ended(&mut self, id: Id) {
        self.attempts.remove(&id);
    }

    /// The core no longer waits. What has not been sent is not sent; what has may be answered for a while (rule 3.6).
    pub(crate) fn cancel(&mut self, id: Id) {
        let Some((task, progress)) = self.attempts.remove(&id) else { return };
        progress.cancelled.store(true, Ordering::Relaxed);
        if !progress.sent.load(Ordering::Relaxed) {
            task.abort();
            return;
        }
        if let Some(flow) = lock(&progress.flow).as_ref() {
            flow.doubt();
        }
        tokio::spawn(async move {
            tokio::time::sleep(TIMER_F).await;
            task.abort();
        });
    }

    /// Another network: sockets of the old one lead nowhere.
    pub(crate) fn drop_flows(&mut self) {
        lock(&self.shared.flows).clear();
    }
}
