//! The authoritative server: one listener per view, one shared state.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use hickory_server::Server;
use hickory_server::net::NetError;
use hickory_server::net::runtime::{Time, TokioTime};
use hickory_server::net::xfer::Protocol;
use hickory_server::proto::op::{Edns, Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_server::proto::rr::{Name, Record, RecordType};
use hickory_server::proto::serialize::binary::BinEncoder;
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::{MessageResponse, MessageResponseBuilder};
use tokio::sync::watch;

use super::fault::{DnsFault, DnsFaultKind, DnsFaults, valid_view};
use super::zone::{Lookup, RecordSet, Zone, soa};
use super::{content, name_in_zone};
use crate::bind::Pair;

/// How long an idle TCP connection stays open.
const IDLE: Duration = Duration::from_secs(30);

/// How many answers may wait to be written to one TCP connection.
const QUEUED_ANSWERS: usize = 32;

/// The largest datagram sent, whatever a client says it takes.
const MAX_DATAGRAM: u16 = 1232;

#[derive(Debug)]
struct State {
    zones: [Zone; 2],
    faults: DnsFaults,
}

/// Both views and their faults.
#[derive(Debug)]
pub(crate) struct Dns {
    state: Mutex<State>,
    changes: watch::Sender<()>,
    at_start: [Zone; 2],
}

impl Dns {
    /// The zone of registrars at these addresses.
    pub(crate) fn new(
        sip: &[SocketAddr; 4],
        tls: &[SocketAddr; 4],
        ws: &[SocketAddr; 4],
        ttl: u32,
    ) -> Result<Self, String> {
        let zones = [content::zone(1, sip, tls, ws, ttl)?, content::zone(2, sip, tls, ws, ttl)?];
        let state = State { zones: zones.clone(), faults: DnsFaults::default() };
        Ok(Self { state: Mutex::new(state), changes: watch::Sender::new(()), at_start: zones })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_fault(&self, fault: DnsFault) -> Result<(), String> {
        self.state().faults.set(fault)?;
        self.changes.send_replace(());
        Ok(())
    }

    pub(crate) fn mend(&self, name: Option<&str>, view: Option<u8>) -> Result<(), String> {
        self.state().faults.mend(name, view)?;
        self.changes.send_replace(());
        Ok(())
    }

    /// Tells when faults have changed.
    pub(crate) fn fault_changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// What is wrong with a name in a view.
    pub(crate) fn fault_of(&self, view: u8, name: &Name) -> Option<DnsFaultKind> {
        self.state().faults.find(name, view).map(|fault| fault.kind)
    }

    pub(crate) fn faults(&self) -> Vec<DnsFault> {
        self.state().faults.list()
    }

    pub(crate) fn replace(&self, view: u8, owner: &str, set: &RecordSet) -> Result<(), String> {
        let owner = name_in_zone(owner)?;
        let zone = zone_index(view)?;
        self.state().zones[zone].replace(owner, set)
    }

    pub(crate) fn list(&self, view: u8) -> Result<BTreeMap<String, Vec<RecordSet>>, String> {
        Ok(self.state().zones[zone_index(view)?].list())
    }

    pub(crate) fn reset(&self) {
        let mut state = self.state();
        state.zones = self.at_start.clone();
        state.faults = DnsFaults::default();
        drop(state);
        self.changes.send_replace(());
    }

    fn decide(&self, view: u8, asked: &Name, record_type: RecordType, protocol: Protocol) -> Decision {
        let state = self.state();
        let zone = &state.zones[if view == 1 { 0 } else { 1 }];
        let right = || Decision::of(zone.lookup(asked, record_type));
        let code = |code, soa| Decision::of(Lookup { code, answers: Vec::new(), soa });
        let Some(fault) = state.faults.find(asked, view) else {
            return right();
        };
        match fault.kind {
            DnsFaultKind::Servfail => code(ResponseCode::ServFail, None),
            DnsFaultKind::Refused => code(ResponseCode::Refused, None),
            DnsFaultKind::Nxdomain => code(ResponseCode::NXDomain, Some(soa())),
            DnsFaultKind::Empty => code(ResponseCode::NoError, Some(soa())),
            DnsFaultKind::Silent => Decision { silent: true, ..right() },
            DnsFaultKind::Truncate if protocol == Protocol::Udp => {
                Decision { truncated: true, ..code(ResponseCode::NoError, None) }
            }
            DnsFaultKind::Truncate => right(),
            DnsFaultKind::Delay => Decision { delay: Duration::from_millis(fault.ms.unwrap_or(0)), ..right() },
        }
    }
}

fn zone_index(view: u8) -> Result<usize, String> {
    valid_view(Some(view))?;
    Ok(usize::from(view - 1))
}

/// An answer, and what the fault in force does to it.
struct Decision {
    lookup: Lookup,
    silent: bool,
    truncated: bool,
    delay: Duration,
}

impl Decision {
    fn of(lookup: Lookup) -> Self {
        Self { lookup, silent: false, truncated: false, delay: Duration::ZERO }
    }
}

/// Serves one view on its sockets until the server is dropped.
pub(crate) fn serve(dns: Arc<Dns>, view: u8, pair: Pair) -> impl Send {
    let mut server = Server::new(View { dns, view });
    server.register_socket(pair.udp);
    server.register_listener(pair.tcp, IDLE, QUEUED_ANSWERS);
    server
}

/// Answers one request as `serve` would, into memory. `None`: a fault keeps it silent.
pub(crate) async fn answer(dns: &Arc<Dns>, view: u8, request: &Request) -> Option<Vec<u8>> {
    let written = Written::default();
    let view = View { dns: Arc::clone(dns), view };
    view.handle_request::<Written, TokioTime>(request, written.clone()).await;
    let bytes = std::mem::take(&mut *written.0.lock().unwrap_or_else(PoisonError::into_inner));
    (!bytes.is_empty()).then_some(bytes)
}

/// Where an answer in memory is written to.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

#[async_trait]
impl ResponseHandler for Written {
    async fn send_response<'a>(
        &mut self,
        response: MessageResponse<
            '_,
            'a,
            impl Iterator<Item = &'a Record> + Send + 'a,
            impl Iterator<Item = &'a Record> + Send + 'a,
            impl Iterator<Item = &'a Record> + Send + 'a,
            impl Iterator<Item = &'a Record> + Send + 'a,
        >,
    ) -> Result<ResponseInfo, NetError> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut encoder = BinEncoder::new(&mut bytes);
        encoder.set_max_size(u16::MAX);
        Ok(response.destructive_emit(&mut encoder)?)
    }
}

/// The shared state as seen at one listening address.
struct View {
    dns: Arc<Dns>,
    view: u8,
}

#[async_trait]
impl RequestHandler for View {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, mut out: R) -> ResponseInfo {
        let mut metadata = Metadata::response_from_request(&request.metadata);
        let decision = match request.request_info() {
            Err(_) => refusal(ResponseCode::FormErr),
            Ok(_) if request.metadata.op_code != OpCode::Query => refusal(ResponseCode::NotImp),
            Ok(info) => {
                let asked: &Name = info.query.name();
                self.dns.decide(self.view, asked, info.query.query_type(), request.protocol())
            }
        };
        tokio::time::sleep(decision.delay).await;
        let Lookup { code, answers, soa } = decision.lookup;
        metadata.response_code = code;
        metadata.truncation = decision.truncated;
        metadata.authoritative = matches!(code, ResponseCode::NoError | ResponseCode::NXDomain);
        let unsent = ResponseInfo::from(Header { metadata, counts: HeaderCounts::default() });
        if decision.silent {
            return unsent;
        }
        let edns = request.edns.as_ref().map(|theirs| {
            let mut ours = Edns::new();
            ours.set_max_payload(theirs.max_payload().clamp(512, MAX_DATAGRAM));
            ours
        });
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(edns) = &edns {
            builder.edns(edns);
        }
        let response = builder.build(metadata, &answers, [], &soa, []);
        out.send_response(response).await.unwrap_or(unsent)
    }
}

fn refusal(code: ResponseCode) -> Decision {
    Decision::of(Lookup { code, answers: Vec::new(), soa: None })
}
