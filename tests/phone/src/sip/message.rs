//! A REGISTER as text, and what its answer says.

use std::net::SocketAddr;

use rehome::{Outcome, Seconds, Transport};
use rsipstack::sip::prelude::HasHeaders;
use rsipstack::sip::typed::{Contact, Via};
use rsipstack::sip::{Response, SipMessage};

use super::digest::Challenge;
use crate::token::token;

/// What all REGISTERs of one binding share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The user part of its Contact: nobody else has it, and no other binding of this phone.
    pub(crate) contact_user: String,
    /// The host and port of its Contact: those of its first REGISTER, for a Contact must not change.
    pub(crate) contact_host: SocketAddr,
}

/// One REGISTER.
#[derive(Clone, Debug)]
pub(crate) struct Register<'a> {
    pub(crate) transport: Transport,
    /// This end of the flow.
    pub(crate) local: SocketAddr,
    pub(crate) user: &'a str,
    pub(crate) domain: &'a str,
    pub(crate) from_tag: &'a str,
    pub(crate) call_id: &'a str,
    pub(crate) cseq: u32,
    pub(crate) binding: &'a Binding,
    /// Seconds; 0 removes the binding.
    pub(crate) expires: u32,
    /// A header line that answers a challenge.
    pub(crate) credentials: Option<&'a str>,
}

impl Register<'_> {
    /// The request URI: the domain, whoever the target is (RFC 3261 section 10.2).
    pub(crate) fn uri(&self) -> String {
        format!("sip:{}", self.domain)
    }

    /// The message, and the branch by which its answers are known.
    pub(crate) fn write(&self) -> (String, Vec<u8>) {
        let Self { local, user, domain, from_tag, call_id, cseq, binding, expires, .. } = self;
        let branch = format!("z9hG4bK{}", token());
        let (via, uri_parameter) = match self.transport {
            Transport::Tcp => ("TCP", ";transport=tcp"),
            Transport::Tls => ("TLS", ";transport=tls"),
            _ => ("UDP", ""),
        };
        let credentials = self.credentials.map(|line| format!("{line}\r\n")).unwrap_or_default();
        let text = format!(
            "REGISTER {uri} SIP/2.0\r\n\
             Via: SIP/2.0/{via} {local};rport;branch={branch}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:{user}@{domain}>;tag={from_tag}\r\n\
             To: <sip:{user}@{domain}>\r\n\
             Call-ID: {call_id}\r\n\
             CSeq: {cseq} REGISTER\r\n\
             Contact: <sip:{contact_user}@{contact_host}{uri_parameter}>;expires={expires}\r\n\
             Expires: {expires}\r\n\
             {credentials}\
             User-Agent: rehome-phone/{version}\r\n\
             Content-Length: 0\r\n\r\n",
            uri = self.uri(),
            contact_user = binding.contact_user,
            contact_host = binding.contact_host,
            version = env!("CARGO_PKG_VERSION"),
        );
        (branch, text.into_bytes())
    }
}

/// An answer, provisional or final.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The transaction it belongs to.
    pub(crate) branch: String,
    pub(crate) code: u16,
    response: Response,
}

impl Reply {
    /// Reads an answer; `None` for a request, or what is no SIP.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let SipMessage::Response(response) = SipMessage::try_from(bytes).ok()? else { return None };
        let branch =
            values(&response, "Via").find_map(|via| Some(Via::parse(via).ok()?.branch()?.value().to_owned()))?;
        Some(Self { branch, code: response.status_code().code(), response })
    }

    /// The first challenge that can be answered.
    pub(crate) fn challenge(&self) -> Option<Challenge> {
        let (proxy, name) = match self.code {
            401 => (false, "WWW-Authenticate"),
            407 => (true, "Proxy-Authenticate"),
            _ => return None,
        };
        values(&self.response, name).find_map(|value| Challenge::parse(proxy, value))
    }

    /// What this final answer means to the core.
    pub(crate) fn outcome(&self, contact_user: &str) -> Outcome {
        match self.code {
            200..=299 => Outcome::Accepted { expires: self.granted(contact_user).map(Seconds::new) },
            code => Outcome::Status {
                code,
                retry_after: self.number("Retry-After").map(Seconds::new),
                min_expires: self.number("Min-Expires").map(Seconds::new),
            },
        }
    }

    /// The expiry granted to our own contact, which may be one of many (RFC 3261 section 10.2.4).
    fn granted(&self, contact_user: &str) -> Option<u32> {
        let own = values(&self.response, "Contact")
            .filter_map(|line| Contact::parse_header_list(line).ok())
            .flatten()
            .find(|contact| contact.uri.user() == Some(contact_user));
        own.and_then(|contact| contact.expires()).or_else(|| self.number("Expires"))
    }

    /// The number with which a header begins; a comment or parameters may follow.
    fn number(&self, name: &str) -> Option<u32> {
        let value = values(&self.response, name).next()?.trim_start();
        let digits = value.split(|c: char| !c.is_ascii_digit()).next()?;
        // A number too large for 32 bits is as good as the largest.
        (!digits.is_empty()).then(|| digits.parse().unwrap_or(u32::MAX))
    }
}

fn values<'a>(response: &'a Response, name: &'a str) -> impl Iterator<Item = &'a str> {
    response
        .headers()
        .iter()
        .filter(move |header| header.name().eq_ignore_ascii_case(name))
        .map(|header| header.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(start: &str, headers: &str) -> Reply {
        let via = "Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK7;rport=5070";
        Reply::parse(format!("SIP/2.0 {start}\r\n{via}\r\n{headers}\r\n\r\n").as_bytes()).unwrap()
    }

    #[test]
    fn the_grant_is_that_of_our_own_contact() {
        let contacts = "Contact: <sip:a-1@127.0.0.1:1>;expires=7, <sip:a-2@127.0.0.1:2>;expires=55\r\nExpires: 99";
        let reply = reply("200 OK", contacts);
        assert_eq!((reply.branch.as_str(), reply.code), ("z9hG4bK7", 200));
        assert_eq!(reply.outcome("a-2"), Outcome::Accepted { expires: Some(Seconds::new(55)) });
        assert_eq!(reply.outcome("a-3"), Outcome::Accepted { expires: Some(Seconds::new(99)) });
    }

    #[test]
    fn numbers_may_be_followed_by_words() {
        let reply = reply("503 Busy", "Retry-After: 120 (maintenance);duration=9\r\nMin-Expires: 99999999999");
        let (retry_after, min_expires) = (Some(Seconds::new(120)), Some(Seconds::new(u32::MAX)));
        assert_eq!(reply.outcome("a"), Outcome::Status { code: 503, retry_after, min_expires });
    }

    #[test]
    fn what_is_no_number_is_none() {
        for retry_after in ["-1", "-120", "Wed, 21 Oct 2026 07:28:00 GMT", "soon", "", "+5", "0x10h", ".5", "\u{666}"] {
            let number = if retry_after.starts_with('0') { Some(Seconds::new(0)) } else { None };
            let reply = reply("503 Busy", &format!("Retry-After: {retry_after}"));
            let expected = Outcome::Status { code: 503, retry_after: number, min_expires: None };
            assert_eq!(reply.outcome("a"), expected, "{retry_after}");
        }
    }

    #[test]
    fn a_register_reads_as_one() {
        let local = "127.0.0.1:5070".parse().unwrap();
        let binding = Binding { contact_user: "a-1".into(), contact_host: local };
        let register = Register {
            transport: Transport::Tcp,
            local,
            user: "alice",
            domain: "example.test",
            from_tag: "f",
            call_id: "c",
            cseq: 4,
            binding: &binding,
            expires: 60,
            credentials: None,
        };
        let (branch, bytes) = register.write();
        let SipMessage::Request(request) = SipMessage::try_from(&bytes[..]).unwrap() else { panic!("no request") };
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(request.uri().to_string(), "sip:example.test");
        assert!(text.contains(&branch) && text.contains("CSeq: 4 REGISTER\r\n"), "{text}");
        assert!(text.contains("Contact: <sip:a-1@127.0.0.1:5070;transport=tcp>;expires=60\r\n"), "{text}");
    }
}
