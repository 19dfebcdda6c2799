//! Reading requests and writing answers, on `rsipstack`'s parser and printer.

use std::net::SocketAddr;

use rsipstack::sip::headers::ToTypedHeader;
use rsipstack::sip::param::Received;
use rsipstack::sip::{
    ContentLength, Header, Headers, HeadersExt, Method, Request, Response, Server, SipMessage, StatusCode, To, Via,
    typed,
};

use super::contact::{Contacts, contacts};

/// Where a request without port in `Via` wants its answer.
const DEFAULT_PORT: u16 = 5060;

/// A request, with what the registrar needs drawn out.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    request: Request,
    via: typed::Via,
    /// The user of `To`; empty if it names none.
    pub(crate) user: String,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    pub(crate) contacts: Contacts,
    /// The value of `Expires`, in seconds.
    pub(crate) expires: Option<u32>,
    /// Why the request cannot be served, if it cannot: the reason phrase's text.
    pub(crate) problem: Option<&'static str>,
}

impl Incoming {
    /// Reads a request. `None`: it is no request, or one that nothing could be answered to.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let Ok(SipMessage::Request(request)) = SipMessage::try_from(bytes) else {
            return None;
        };
        let via = request.top_via_header().ok()?.typed().ok()?;
        let call_id = request.call_id_header().ok()?.value().to_owned();
        let user =
            request.to_header().ok()?.uri().ok().and_then(|uri| uri.user().map(str::to_owned)).unwrap_or_default();
        let cseq = request.cseq_header().ok().and_then(|cseq| cseq.seq().ok());
        let contacts = contacts(request.headers.iter().filter_map(|header| match header {
            Header::Contact(contact) => Some(contact.value()),
            _ => None,
        }));
        let problem = match (&cseq, &contacts, request.from_header()) {
            (None, _, _) => Some("CSeq is missing or malformed"),
            (_, Err(problem), _) => Some(*problem),
            (_, _, Err(_)) => Some("From is missing"),
            _ => None,
        };
        // RFC 3261 20.19: a malformed value counts as the default.
        let expires = request
            .headers
            .iter()
            .find_map(|header| match header {
                Header::Expires(expires) => Some(expires.value().trim().parse().ok()),
                _ => None,
            })
            .flatten();
        Some(Self {
            via,
            user,
            call_id,
            cseq: cseq.unwrap_or(0),
            contacts: contacts.unwrap_or(Contacts::These(Vec::new())),
            expires,
            problem,
            request,
        })
    }

    pub(crate) fn method(&self) -> Method {
        self.request.method
    }

    /// The expiry asked for first, for the log.
    pub(crate) fn asked_expires(&self) -> Option<u32> {
        match &self.contacts {
            Contacts::These(entries) => entries.first().and_then(|entry| entry.expires).or(self.expires),
            Contacts::All => self.expires,
        }
    }

    /// The values of all `Authorization` headers.
    pub(crate) fn authorizations(&self) -> impl Iterator<Item = &str> {
        self.request.headers.iter().filter_map(|header| match header {
            Header::Authorization(value) => Some(value.value()),
            _ => None,
        })
    }

    /// What makes two datagrams the same transaction (RFC 3261 17.2.3).
    pub(crate) fn transaction(&self) -> String {
        let branch = self.via.branch().map_or("", |branch| branch.value());
        format!("{branch} {} {} {} {}", self.via.sent_by(), self.call_id, self.cseq, self.method())
    }

    /// Where the answer to a datagram from `source` goes: back with `rport`, else to the port that `Via` names.
    pub(crate) fn reply_to(&self, source: SocketAddr) -> SocketAddr {
        if self.via.rport().is_some() {
            return source;
        }
        let port = self.via.sent_by().port.as_ref().map_or(DEFAULT_PORT, |port| port.value());
        SocketAddr::new(source.ip(), port)
    }

    /// An answer to a request that came from `source`.
    pub(crate) fn answer(&self, server: &str, source: SocketAddr, code: u16, more: Vec<Header>) -> Vec<u8> {
        let mut headers = Headers::default();
        let mut top = true;
        for header in self.request.headers.iter() {
            match header {
                Header::Via(via) => headers.push(Header::Via(if top { seen_from(via, source) } else { via.clone() })),
                Header::To(to) => headers.push(Header::To(tagged(to, server))),
                Header::From(_) | Header::CallId(_) | Header::CSeq(_) => headers.push(header.clone()),
                _ => continue,
            }
            top = top && !matches!(header, Header::Via(_));
        }
        headers.extend(more);
        headers.push(Server::new(server).into());
        headers.push(ContentLength::new("0").into());
        let response = Response {
            status_code: StatusCode::try_from((code, "Refused")).unwrap_or_default(),
            headers,
            ..Response::default()
        };
        response.to_bytes()
    }
}

/// `via` with `received` and `rport` filled in (RFC 3261 18.2.1, RFC 3581).
fn seen_from(via: &Via, source: SocketAddr) -> Via {
    let mut seen = via.clone();
    let _ = seen.update_first_value(|first| {
        let first = first.typed()?;
        let asked = first.rport().is_some();
        let known = first.sent_by().host.to_string() == source.ip().to_string();
        let first = if asked { first.with_rport(Some(source.port())) } else { first };
        Ok(if asked || !known {
            first.with_received(Received::new(source.ip().to_string())).into()
        } else {
            first.into()
        })
    });
    seen
}

fn tagged(to: &To, tag: &str) -> To {
    match to.tag() {
        Ok(None) => To::new(format!("{};tag={tag}", to.value())),
        _ => to.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTER: &str = "REGISTER sip:example.test SIP/2.0\r\n\
        Via: SIP/2.0/UDP 10.0.0.1:4000;rport;branch=z9hG4bK1, SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK0\r\n\
        From: <sip:bob@example.test>;tag=f\r\nTo: \"B, ob\" <sip:bob@example.test>\r\n\
        Call-ID: c1\r\nCSeq: 7 REGISTER\r\nExpires: 60\r\n\
        m: \"Desk, left\" <sip:bob@10.0.0.1:4000;transport=tcp>;expires=30, <sip:bob@HOST.example>\r\n\r\n";

    #[test]
    fn a_register_is_read() {
        let incoming = Incoming::read(REGISTER.as_bytes()).unwrap();
        assert_eq!((incoming.user.as_str(), incoming.cseq, incoming.expires), ("bob", 7, Some(60)));
        let Contacts::These(entries) = &incoming.contacts else { panic!("contacts") };
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].uri, "sip:bob@10.0.0.1:4000;transport=tcp");
        assert_eq!(entries[0].expires, Some(30));
        assert_eq!(entries[1].key, "sip:bob@host.example");
        assert_eq!(incoming.problem, None);
    }

    #[test]
    fn an_answer_says_whence_the_request_came() {
        let incoming = Incoming::read(REGISTER.as_bytes()).unwrap();
        let source: SocketAddr = "127.0.0.1:4321".parse().unwrap();
        assert_eq!(incoming.reply_to(source), source);
        let text = String::from_utf8(incoming.answer("dc1-spx1", source, 503, Vec::new())).unwrap();
        assert!(text.starts_with("SIP/2.0 503 Service Unavailable\r\n"), "{text}");
        assert!(text.contains("rport=4321") && text.contains("received=127.0.0.1"), "{text}");
        assert!(
            text.contains("10.0.0.9") && text.contains("To: \"B, ob\" <sip:bob@example.test>;tag=dc1-spx1"),
            "{text}"
        );
        assert!(text.ends_with("Content-Length: 0\r\n\r\n"), "{text}");
    }

    #[test]
    fn what_is_no_request_is_not_read() {
        for bytes in [&b"\r\n\r\n"[..], b"SIP/2.0 200 OK\r\n\r\n", b"REGISTER\r\n\r\n", b"\xff\xfe\r\n\r\n"] {
            assert!(Incoming::read(bytes).is_none());
        }
    }

    /// A panic would end the task that serves a registrar's datagrams.
    #[test]
    fn damaged_requests_never_panic() {
        let authorization = "Authorization: Digest username=\"bob\", realm=\"example.test\", nc=00000001\r\n\r\n";
        let whole = REGISTER.replacen("\r\n\r\n", &format!("\r\n{authorization}"), 1);
        let source: SocketAddr = "127.0.0.1:4321".parse().unwrap();
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let spice = b"\r\n \t:;,<>\"\\=*@[]%\0\xff\xc3\xa9z9";
        for _ in 0..30_000 {
            let mut bytes = whole.clone().into_bytes();
            for _ in 0..=random(4) {
                let (at, with) = (random(bytes.len()), spice[random(spice.len())]);
                match random(3) {
                    0 => bytes[at] = with,
                    1 => bytes.insert(at, with),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            if let Some(incoming) = Incoming::read(&bytes) {
                incoming.reply_to(source);
                incoming.transaction();
                incoming.asked_expires();
                let _ = incoming.authorizations().count();
                incoming.answer("dc1-spx1", source, 200, Vec::new());
            }
        }
    }
}
