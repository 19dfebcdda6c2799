//! The authoritative server: one listener per view, one shared state.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use hickory_server::Server;
use hickory_server::net::runtime::Time;
use hickory_server::net::xfer::Protocol;
use hickory_server::proto::op::{Edns, Header, HeaderCounts, Metadata, OpCode, ResponseCode};
use hickory_server::proto::rr::{Name, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::zone_handler::MessageResponseBuilder;

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
    at_start: [Zone; 2],
}

impl Dns {
    pub(crate) fn new(addresses: &[SocketAddr; 4], ttl: u32) -> Result<Self, String> {
        let zones = [content::zone(1, addresses, ttl)?, content::zone(2, addresses, ttl)?];
        let state = State { zones: zones.clone(), faults: DnsFaults::default() };
        Ok(Self { state: Mutex::new(state), at_start: zones })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_fault(&self, fault: DnsFault) -> Result<(), String> {
        self.state().faults.set(fault)
    }

    pub(crate) fn mend(&self, name: Option<&str>, view: Option<u8>) -> Result<(), String> {
        self.state().faults.mend(name, view)
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
