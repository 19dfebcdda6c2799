//! Digest authentication (RFC 3261 22, RFC 2617): MD5, with `qop=auth` or without.
//!
//! Checked on the header's own text: `rsipstack`'s typed header reads the nonce count as one byte and prints URIs
//! anew, and a phone that reuses its nonce 256 times or writes a URI unusually would be refused.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use md5::{Digest, Md5};
use rsipstack::sip::typed::tokenizers::AuthTokenizer;

use crate::config::{DOMAIN, PASSWORD};

/// What the credentials of a request are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// Right, for this user.
    Right(String),
    /// Right, but the nonce is too old or another server's.
    Stale,
    /// Missing, malformed or wrong.
    Wrong,
}

/// Gives out nonces and knows them again. Each registrar has its own.
#[derive(Debug)]
pub(crate) struct Authority {
    secret: u64,
    started: Instant,
    given: AtomicU64,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self {
            // The standard library seeds this at random; no more is needed for a loopback lab.
            secret: RandomState::new().build_hasher().finish(),
            started: Instant::now(),
            given: AtomicU64::new(0),
        }
    }

    /// The value of a `WWW-Authenticate` header.
    pub(crate) fn challenge(&self, stale: bool) -> String {
        let millis = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let count = self.given.fetch_add(1, Ordering::Relaxed);
        let nonce = format!("{millis:x}.{count:x}.{}", self.seal(millis, count));
        let stale = if stale { ", stale=true" } else { "" };
        format!("Digest realm=\"{DOMAIN}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"{stale}")
    }

    fn seal(&self, millis: u64, count: u64) -> String {
        md5_hex(&format!("{millis}:{count}:{}", self.secret))
    }

    /// When this server gave out `nonce`, if it did.
    fn age(&self, nonce: &str) -> Option<Duration> {
        let mut parts = nonce.splitn(3, '.');
        let mut number = || u64::from_str_radix(parts.next()?, 16).ok();
        let (millis, count) = (number()?, number()?);
        (parts.next()? == self.seal(millis, count))
            .then(|| self.started.elapsed().saturating_sub(Duration::from_millis(millis)))
    }

    /// Checks the value of an `Authorization` header.
    pub(crate) fn check(&self, header: &str, method: &str, lifetime: Duration) -> Credentials {
        self.try_check(header, method, lifetime).unwrap_or(Credentials::Wrong)
    }

    fn try_check(&self, header: &str, method: &str, lifetime: Duration) -> Option<Credentials> {
        let tokens = AuthTokenizer::parse(header).ok()?;
        let get = |name: &str| {
            let found = tokens.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| *value)
        };
        let (user, nonce) = (get("username")?, get("nonce")?);
        let fits = tokens.scheme.eq_ignore_ascii_case("digest")
            && get("realm")? == DOMAIN
            && get("algorithm").is_none_or(|algorithm| algorithm.eq_ignore_ascii_case("md5"));
        if !fits {
            return None;
        }
        let ha1 = md5_hex(&format!("{user}:{DOMAIN}:{PASSWORD}"));
        let ha2 = md5_hex(&format!("{method}:{}", get("uri")?));
        let right = match get("qop") {
            Some("auth") => md5_hex(&format!("{ha1}:{nonce}:{}:{}:auth:{ha2}", get("nc")?, get("cnonce")?)),
            Some(_) => return None,
            None => md5_hex(&format!("{ha1}:{nonce}:{ha2}")),
        };
        if !get("response")?.eq_ignore_ascii_case(&right) {
            return None;
        }
        Some(match self.age(nonce) {
            Some(age) if age <= lifetime => Credentials::Right(user.to_owned()),
            _ => Credentials::Stale,
        })
    }
}

fn md5_hex(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of RFC 2617 3.5 check the hash itself.
    #[test]
    fn the_hash_is_md5_in_hexadecimal() {
        let ha1 = md5_hex("Mufasa:testrealm@host.com:Circle Of Life");
        let ha2 = md5_hex("GET:/dir/index.html");
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        assert_eq!(md5_hex(&format!("{ha1}:{nonce}:00000001:0a4f113b:auth:{ha2}")), "6629fae49393a05397450978507c4ef1");
    }

    #[test]
    fn garbage_is_wrong_credentials() {
        let authority = Authority::new();
        for header in ["", "Digest", "Basic Zm9v", "Digest username=\"a\", nonce=\"", "Digest ,,,="] {
            let verdict = authority.check(header, "REGISTER", Duration::from_secs(1));
            assert_eq!(verdict, Credentials::Wrong, "{header}");
        }
    }
}
