//! What a configuration says about where to register: an SRV name, a list of names to try, or one target (section 1).

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv6Addr};

use super::{same, set, wrong};
use crate::host::{address, check_host, lower_case, without_dot};
use crate::{Config, Error, Source, TlsName, Transport};

/// Where to register, and by which setting (rule 1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SourcePlan {
    /// SRV records are looked up under these names, best first; one name only if the record is configured.
    Records {
        /// The names.
        names: Vec<Name>,
        /// Where every name was answered no: the proxy itself (rule 1.4).
        fallback: Option<Static>,
        /// Which setting.
        source: Source,
    },
    /// One target, no SRV lookup.
    Static {
        /// The target.
        target: Static,
        /// Which setting.
        source: Source,
    },
}

/// An SRV name, with what it says (rules 1.3, 1.6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    /// The name to look up, lower case, without a final dot.
    pub name: Arc<str>,
    /// The transport of its targets.
    pub transport: Transport,
    /// The name their certificates must carry; see [`tls_name`].
    pub tls_domain: Arc<str>,
}

/// A target that is no SRV record's; its priority and weight are 0 (rules 1.1, 1.4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Static {
    /// Host name or address, lower case, without a final dot or brackets.
    pub host: Arc<str>,
    /// Port: the one written, or the transport's.
    pub port: u16,
    /// Transport.
    pub transport: Transport,
    /// The name its certificate must carry; see [`tls_name`].
    pub tls_domain: Arc<str>,
    /// The host, if it is an address.
    pub numeric: Option<IpAddr>,
}

/// The names of rule 1.3 that say their transport, in the order in which they are tried for one transport.
const NAMES: [(&str, Transport); 11] = [
    ("_sip._udp", Transport::Udp),
    ("_sip._tcp", Transport::Tcp),
    ("_sips._tcp", Transport::Tls),
    ("_sip._tls", Transport::Tls),
    ("_sips._tls", Transport::Tls),
    ("_sip2._tls", Transport::Tls),
    ("_sips._udp", Transport::Dtls),
    ("_sip._ws", Transport::Ws),
    ("_sips._wss", Transport::Wss),
    ("_sip._wss", Transport::Wss),
    ("_sips._ws", Transport::Wss),
];

/// What is in force (rules 1.1, 1.3, 1.4).
///
/// # Errors
/// [`Error::Config`], where that cannot be said.
pub(crate) fn source(config: &Config) -> Result<SourcePlan, Error> {
    if let Some(record) = set(config.srv_record.as_ref()) {
        return Ok(SourcePlan::Records {
            names: Vec::from([srv_name(config, record)?]),
            fallback: None,
            source: Source::SrvRecord,
        });
    }
    if let Some(text) = set(config.outbound_proxy.as_ref()) {
        return proxy_plan(config, text);
    }
    match set(config.domain.as_ref()) {
        Some(domain) if config.lookup.discover => {
            let host = lower_case(without_dot(domain));
            if check_host(&host).is_some() || address(&host).is_some() {
                return Err(wrong("domain", Some(domain), "write a domain name, or set outboundProxy to an address"));
            }
            let names = candidates(config, &host, config.transport, false);
            if names.is_empty() {
                return Err(wrong("lookup.candidates", Some(domain), "no name fits transport and lookup.transports"));
            }
            Ok(SourcePlan::Records { names, fallback: None, source: Source::Discovery })
        }
        _ => {
            const REMEDY: &str = "set srvRecord or outboundProxy (or domain with lookup.discover)";
            Err(wrong("srvRecord", None, REMEDY))
        }
    }
}

/// The configured SRV name (rule 1.3).
fn srv_name(config: &Config, record: &str) -> Result<Name, Error> {
    let name = lower_case(without_dot(record));
    let (service, rest) = split_service(&name);
    if check_host(&name).is_some() || rest.is_none() && service.starts_with('_') {
        return Err(wrong("srvRecord", Some(record), "write it as _sip._udp.example.com"));
    }
    let Some(transport) = known(service).or(config.transport) else {
        return Err(wrong("srvRecord", Some(record), "write it as _sip._udp.example.com, or set transport as well"));
    };
    let domain = match (rest, set(config.domain.as_ref())) {
        (Some(rest), _) => lower_case(rest),
        (None, Some(domain)) => lower_case(without_dot(domain)),
        (None, None) => Arc::clone(&name),
    };
    Ok(Name { transport, tls_domain: configured_tls_name(config).unwrap_or(domain), name })
}

/// `_service._proto` and the domain after it, if there is both; else the whole name.
fn split_service(name: &str) -> (&str, Option<&str>) {
    let second = name.starts_with('_').then(|| name.match_indices(['.']).nth(1)).flatten();
    let parts = second.and_then(|(at, _)| Some((name.get(..at)?, name.get(at.saturating_add(1)..)?)));
    match parts {
        Some((service, rest)) if !rest.is_empty() && service.split(['.']).all(|label| label.starts_with('_')) => {
            (service, Some(rest))
        }
        _ => (name, None),
    }
}

pub(super) fn known(service: &str) -> Option<Transport> {
    NAMES.iter().find(|(name, _)| *name == service).map(|(_, transport)| *transport)
}

/// The names to try under a host, best first, as far as the host application supports their transport (rule 1.4).
fn candidates(config: &Config, host: &str, only: Option<Transport>, secure: bool) -> Vec<Name> {
    let tls_domain = configured_tls_name(config).unwrap_or_else(|| Arc::from(host));
    let mut names: Vec<Name> = Vec::new();
    let mut add = |service: &str, transport: Transport| {
        let fits = only.is_none_or(|only| only == transport) && (transport.is_secure() || !secure);
        let mut name = String::from(service);
        name.push('.');
        name.push_str(host);
        if fits && check_host(&name).is_none() && !names.iter().any(|other| *other.name == *name) {
            names.push(Name { name: Arc::from(name), transport, tls_domain: Arc::clone(&tls_domain) });
        }
    };
    let supported = &config.lookup.transports;
    if config.lookup.candidates.is_empty() {
        for wanted in supported {
            for (service, transport) in NAMES.iter().filter(|(_, transport)| transport == wanted) {
                add(service, *transport);
            }
        }
    }
    for service in &config.lookup.candidates {
        let service = lower_case(service.trim());
        if let Some(transport) = known(&service).or(config.transport)
            && supported.contains(&transport)
        {
            add(&service, transport);
        }
    }
    names
}

/// The name that the configuration gives itself (rule 1.6).
fn configured_tls_name(config: &Config) -> Option<Arc<str>> {
    match &config.tls_name {
        TlsName::Name(name) => Some(lower_case(without_dot(name.trim()))),
        TlsName::Domain | TlsName::Target => None,
    }
}

/// What follows from an outbound proxy (rules 1.1, 1.4, 1.6).
fn proxy_plan(config: &Config, text: &str) -> Result<SourcePlan, Error> {
    let Some(proxy) = Proxy::parse(text) else {
        const REMEDY: &str =
            "write host, host:port, [v6]:port, sip:host:port;transport=tcp, sips:host, ws://host or wss://host/path";
        return Err(wrong("outboundProxy", Some(text), REMEDY));
    };
    let asked = proxy.transport.or(config.transport.filter(|transport| transport.is_secure() || !proxy.secure));
    let transport = asked.unwrap_or(if proxy.secure { Transport::Tls } else { Transport::Udp });
    let domain = set(config.domain.as_ref()).filter(|_| proxy.numeric.is_some());
    let domain = domain.map_or_else(|| Arc::clone(&proxy.host), |domain| lower_case(without_dot(domain)));
    let target = Static {
        host: Arc::clone(&proxy.host),
        port: proxy.port.unwrap_or(transport.default_port()),
        transport,
        tls_domain: configured_tls_name(config).unwrap_or(domain),
        numeric: proxy.numeric,
    };
    if config.lookup.discover && proxy.port.is_none() && proxy.numeric.is_none() {
        let names = candidates(config, &proxy.host, asked, proxy.secure);
        if !names.is_empty() {
            return Ok(SourcePlan::Records { names, fallback: Some(target), source: Source::Discovery });
        }
    }
    Ok(SourcePlan::Static { target, source: Source::OutboundProxy })
}

/// An outbound proxy as it is written.
struct Proxy {
    host: Arc<str>,
    port: Option<u16>,
    transport: Option<Transport>,
    /// `sips`: nothing unencrypted will do.
    secure: bool,
    numeric: Option<IpAddr>,
}

impl Proxy {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = match text.split_once([':']) {
            Some((scheme, rest)) if ["sip", "sips", "ws", "wss"].iter().any(|known| same(known, scheme)) => {
                // A host may be called `sip`: then digits alone follow.
                let port = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
                if port { (None, text) } else { (Some(lower_case(scheme)), rest) }
            }
            _ => (None, text),
        };
        let scheme = scheme.as_deref().unwrap_or("sip");
        let secure = scheme == "sips";
        let (place, transport) = if matches!(scheme, "ws" | "wss") {
            let place = rest.strip_prefix("//")?.split(['/', '?', '#']).next()?;
            (place, Some(if scheme == "wss" { Transport::Wss } else { Transport::Ws }))
        } else {
            let mut parts = rest.split(['?']).next()?.split([';']);
            let place = parts.next()?;
            let mut transport = None;
            for (key, value) in parts.filter_map(|part| part.split_once(['='])) {
                if same(key, "transport") {
                    transport = Some(transport_named(value, secure)?);
                }
            }
            (place, transport)
        };
        let (host, port) = split_port(place.trim())?;
        let host = lower_case(without_dot(host));
        let numeric = address(&host);
        (numeric.is_some() || check_host(&host).is_none()).then_some(Self { host, port, transport, secure, numeric })
    }
}

/// A URL's `transport`, made secure for `sips` (RFC 3261 section 26.2.2, RFC 7118 section 5).
fn transport_named(text: &str, secure: bool) -> Option<Transport> {
    const ALL: [Transport; 6] =
        [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Dtls, Transport::Ws, Transport::Wss];
    let transport = ALL.into_iter().find(|transport| same(transport.as_str(), text))?;
    Some(match transport {
        Transport::Udp if secure => Transport::Dtls,
        Transport::Tcp if secure => Transport::Tls,
        Transport::Ws if secure => Transport::Wss,
        other => other,
    })
}

/// The host, without brackets, and the port, if one is written.
fn split_port(address: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(rest) = address.strip_prefix('[') {
        let (host, port) = rest.split_once([']'])?;
        if !host.contains([':']) {
            return None;
        }
        (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
    } else if address.parse::<Ipv6Addr>().is_ok() {
        (address, None)
    } else {
        match address.split_once([':']) {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        }
    };
    let Some(port) = port else { return Some((host, None)) };
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = port.parse::<u16>().ok().filter(|port| digits && *port > 0)?;
    Some((host, Some(port)))
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;
    use std::{format, vec};

    fn config(srv: &str, proxy: &str, domain: &str) -> Config {
        Config {
            srv_record: Some(srv.into()),
            outbound_proxy: Some(proxy.into()),
            domain: Some(domain.into()),
            ..Config::default()
        }
    }

    fn show(target: &Static) -> String {
        format!("{} {} {} {}", target.host, target.port, target.transport.as_str(), target.tls_domain)
    }

    /// The plan in one line: names with transport and TLS name, or the static target.
    fn plan(config: &Config) -> String {
        match source(config) {
            Ok(SourcePlan::Static { target, source: Source::OutboundProxy }) => show(&target),
            Ok(SourcePlan::Records { names, fallback, source }) => {
                let name = |name: &Name| format!("{} {} {}", name.name, name.transport.as_str(), name.tls_domain);
                let names: Vec<String> = names.iter().map(name).collect();
                let end = if source == Source::SrvRecord { "" } else { "; discovered" };
                let fallback = fallback.as_ref().map(|target| "; else ".to_string() + &show(target));
                names.join(", ") + end + &fallback.unwrap_or_default()
            }
            Err(Error::Config { field, .. }) => format!("{field}!"),
            _ => String::from("?"),
        }
    }

    /// 1.1a, 1.1b, 1.1c.
    #[test]
    fn the_record_goes_before_the_proxy() {
        assert_eq!(plan(&config("_sip._udp.a.test", "p.test", "")), "_sip._udp.a.test udp a.test");
        assert_eq!(plan(&config(" ", "p.test", "")), "p.test 5060 udp p.test");
        assert_eq!(plan(&config("", "\t", "d.test")), "srvRecord!");
    }

    /// 1.3a, 1.3b, 1.6a.
    #[test]
    fn names_say_their_transport() {
        for (service, transport) in NAMES {
            let expected = format!("{service}.a.test {} a.test", transport.as_str());
            assert_eq!(plan(&config(&format!("{service}.A.test."), "", "")), expected);
        }
        for unknown in ["_sip._sctp.a.test", "_h323._tcp.a.test", "sip.a.test"] {
            let mut config = config(unknown, "", "");
            assert_eq!(plan(&config), "srvRecord!");
            config.transport = Some(Transport::Tls);
            let domain = unknown.strip_prefix("sip.").map_or("a.test", |_| unknown);
            assert_eq!(plan(&config), format!("{unknown} tls {domain}"));
        }
        // The second label must be one of a protocol, whatever the transport.
        let mut half = config("_sip.x.a.test", "", "");
        half.transport = Some(Transport::Tls);
        assert_eq!(plan(&half), "srvRecord!");
        for bad in ["_sip._udp", "_sip._udp.", "_sip.a.test", "_sip._udp.a b.test", "_sip._udp..test", "_sip._udp.1.2"]
        {
            assert_eq!(plan(&config(bad, "", "")), "srvRecord!", "{bad}");
        }
    }

    /// 1.1b, 1.4d, 1.6a.
    #[test]
    fn proxies_in_every_shape() {
        for (text, expected) in [
            ("P.test.", "p.test 5060 udp p.test"),
            ("p.test:5080", "p.test 5080 udp p.test"),
            ("sip:5080", "sip 5080 udp sip"),
            ("192.0.2.1", "192.0.2.1 5060 udp d.test"),
            ("[2001:DB8::1]:5080", "2001:db8::1 5080 udp d.test"),
            ("2001:db8::1", "2001:db8::1 5060 udp d.test"),
            ("sip:[2001:db8::1];transport=tcp", "2001:db8::1 5060 tcp d.test"),
            ("sip:p.test:5070;lr;Transport=TCP", "p.test 5070 tcp p.test"),
            ("p.test;transport=tls", "p.test 5061 tls p.test"),
            ("SIPS:p.test", "p.test 5061 tls p.test"),
            ("sips:p.test;transport=udp", "p.test 5061 dtls p.test"),
            ("sips:p.test;transport=tcp", "p.test 5061 tls p.test"),
            ("sip:p.test;transport=ws", "p.test 80 ws p.test"),
            ("sips:p.test;transport=ws", "p.test 443 wss p.test"),
            ("ws://p.test/ws", "p.test 80 ws p.test"),
            ("wss://p.test:7443/a?b:c", "p.test 7443 wss p.test"),
            ("sip:", "outboundProxy!"),
            ("p.test:0", "outboundProxy!"),
            ("p.test:+80", "outboundProxy!"),
            ("p.test:65536", "outboundProxy!"),
            ("p.test:", "outboundProxy!"),
            ("[p.test]", "outboundProxy!"),
            ("[::1", "outboundProxy!"),
            ("[::1]5060", "outboundProxy!"),
            ("wss:p.test", "outboundProxy!"),
            ("http://p.test", "outboundProxy!"),
            ("sip:me@p.test", "outboundProxy!"),
            ("sip:p.test;transport=sctp", "outboundProxy!"),
            ("300.1.1.1", "outboundProxy!"),
        ] {
            assert_eq!(plan(&config("", text, "d.test")), expected, "{text}");
        }
        let mut explicit = config("", "p.test", "");
        explicit.transport = Some(Transport::Tcp);
        assert_eq!(plan(&explicit), "p.test 5060 tcp p.test");
        explicit.outbound_proxy = Some("sips:p.test".into());
        assert_eq!(plan(&explicit), "p.test 5061 tls p.test");
        explicit.tls_name = TlsName::Name("Certificate.test".into());
        assert_eq!(plan(&explicit), "p.test 5061 tls certificate.test");
    }

    /// 1.4a, 1.4d, 1.4e.
    #[test]
    fn discovery_asks_what_fits() {
        let mut proxy = config("", "sip:p.test;transport=tcp", "d.test");
        proxy.lookup.discover = true;
        assert_eq!(plan(&proxy), "_sip._tcp.p.test tcp p.test; discovered; else p.test 5060 tcp p.test");
        proxy.outbound_proxy = Some("p.test:5060".into());
        assert_eq!(plan(&proxy), "p.test 5060 udp p.test");
        proxy.outbound_proxy = Some("192.0.2.1".into());
        assert_eq!(plan(&proxy), "192.0.2.1 5060 udp d.test");
        proxy.outbound_proxy = Some("sips:p.test".into());
        proxy.lookup.transports = vec![Transport::Udp, Transport::Dtls, Transport::Tls];
        let secure = "_sips._udp.p.test dtls p.test, _sips._tcp.p.test tls p.test, _sip._tls.p.test tls p.test, \
                      _sips._tls.p.test tls p.test, _sip2._tls.p.test tls p.test; discovered; else p.test 5061 tls p.test";
        assert_eq!(plan(&proxy), secure);

        let mut domain = config("", "", "D.test");
        assert_eq!(plan(&domain), "srvRecord!");
        domain.lookup.discover = true;
        assert_eq!(plan(&domain).matches(".d.test ").count(), 11);
        domain.lookup.candidates = vec!["_sip._udp".into(), " _SIPS._tcp".into(), "_sip._udp".into()];
        assert_eq!(plan(&domain), "_sip._udp.d.test udp d.test, _sips._tcp.d.test tls d.test; discovered");
        domain.transport = Some(Transport::Wss);
        assert_eq!(plan(&domain), "lookup.candidates!");
        domain.domain = Some("192.0.2.1".into());
        assert_eq!(plan(&domain), "domain!");
    }
}
