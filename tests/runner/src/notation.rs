//! How targets and SRV records are written.

use serde_json::{Value, json};

/// The transports, as they are written.
const TRANSPORTS: [&str; 6] = ["udp", "tcp", "tls", "dtls", "ws", "wss"];

/// A target as `host:port/transport`; hosts with a colon (IPv6) in brackets.
#[must_use]
pub fn target(host: &str, port: u16, transport: &str) -> String {
    if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]:{port}/{transport}")
    } else {
        format!("{host}:{port}/{transport}")
    }
}

/// Says what is wrong with a target's text; it must be in the one form that [`target`] writes.
pub fn check_target(text: &str) -> Result<(), String> {
    const REMEDY: &str = "write it as \"dc1.example.test:5060/udp\"";
    let fault = |what: &str| Err(format!("the target {text:?} {what}: {REMEDY}"));
    let Some((address, transport)) = text.rsplit_once('/') else { return fault("has no transport") };
    if !TRANSPORTS.contains(&transport) {
        return fault(&format!("has a transport that is none of {}", TRANSPORTS.join(", ")));
    }
    let Some((host, port)) = address.rsplit_once(':') else { return fault("has no port") };
    let Ok(number) = port.parse::<u16>() else { return fault("has no port from 1 to 65535") };
    if number == 0 || number.to_string() != port {
        return fault("has no port from 1 to 65535");
    }
    let inner = host.strip_prefix('[').map_or(Some(host), |rest| rest.strip_suffix(']'));
    match inner {
        None | Some("") => fault("has no host"),
        Some(inner) if inner.contains(':') && inner == host => fault("has an IPv6 address without brackets"),
        Some(inner) if inner != inner.to_lowercase() => fault("has capital letters"),
        Some(inner) if inner.contains(char::is_whitespace) || inner.ends_with('.') => {
            fault("has a host with a blank or a final dot")
        }
        Some(_) => Ok(()),
    }
}

/// An SRV record from `priority weight port target`; the target is whatever follows the third blank, good name or bad.
pub fn srv_record(text: &str) -> Result<Value, String> {
    let mut parts = text.splitn(4, ' ');
    let mut number = |what: &str| {
        let part = parts.next().unwrap_or_default();
        part.parse::<u16>().map_err(|_| {
            format!("the record {text:?} has {part:?} for its {what}: write \"priority weight port target\", as \"10 60 5060 a.example.test\"")
        })
    };
    let (priority, weight, port) = (number("priority")?, number("weight")?, number("port")?);
    match parts.next() {
        Some(target) => Ok(json!({ "priority": priority, "weight": weight, "port": port, "target": target })),
        None => Err(format!("the record {text:?} has no target: write \"priority weight port target\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_targets() {
        for text in ["a.example.test:5060/udp", "192.0.2.1:1/tcp", "[2001:db8::1]:65535/wss"] {
            assert_eq!(check_target(text), Ok(()));
        }
        assert_eq!(target("2001:db8::1", 5060, "udp"), "[2001:db8::1]:5060/udp");
        assert_eq!(target("[2001:db8::1]", 5060, "udp"), "[2001:db8::1]:5060/udp");
    }

    #[test]
    fn bad_targets() {
        for (text, fragment) in [
            ("a.example.test:5060", "no transport"),
            ("a.example.test:5060/sctp", "none of udp"),
            ("a.example.test/udp", "no port"),
            ("a.example.test:0/udp", "1 to 65535"),
            ("a.example.test:05060/udp", "1 to 65535"),
            (":5060/udp", "no host"),
            ("[]:5060/udp", "no host"),
            ("2001:db8::1:5060/udp", "brackets"),
            ("A.example.test:5060/udp", "capital"),
            ("a.example.test.:5060/udp", "final dot"),
        ] {
            let error = check_target(text).unwrap_err();
            assert!(error.contains(fragment), "{error}");
        }
    }

    #[test]
    fn records() {
        let record = srv_record("10 60 5060 a b.test").unwrap();
        assert_eq!(record, json!({ "priority": 10, "weight": 60, "port": 5060, "target": "a b.test" }));
        assert_eq!(srv_record("10 60 5060 ").unwrap()["target"], "");
        assert!(srv_record("10 60 5060").unwrap_err().contains("no target"));
        assert!(srv_record("10 x 5060 a").unwrap_err().contains("weight"));
        assert!(srv_record("10 65536 5060 a").unwrap_err().contains("weight"));
    }
}
