//! Digest authentication: MD5, with qop=auth where it is offered (RFC 2617, as RFC 3261 section 22 asks).

use md5::{Digest, Md5};
use rsipstack::sip::typed::tokenizers::AuthTokenizer;

use crate::token::token;

/// A challenge that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// Whether a proxy asked (407).
    pub(crate) proxy: bool,
    /// Whether only the nonce was too old.
    pub(crate) stale: bool,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    /// Whether `qop=auth` is on offer.
    qop: bool,
}

impl Challenge {
    /// Reads a `WWW-Authenticate` or `Proxy-Authenticate`; `None` if it asks for what this phone cannot do.
    pub(crate) fn parse(proxy: bool, value: &str) -> Option<Self> {
        let parsed = AuthTokenizer::parse(value).ok()?;
        let field = |name: &str| {
            let found = parsed.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            found.map(|(_, value)| (*value).to_owned())
        };
        let known = parsed.scheme.eq_ignore_ascii_case("digest")
            && field("algorithm").is_none_or(|algorithm| algorithm.eq_ignore_ascii_case("md5"));
        let qop = field("qop");
        let auth = qop.as_deref().is_some_and(|offer| offer.split(',').any(|one| one.trim() == "auth"));
        if !known || (qop.is_some() && !auth) {
            return None;
        }
        Some(Self {
            proxy,
            stale: field("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
            realm: field("realm")?,
            nonce: field("nonce")?,
            opaque: field("opaque"),
            qop: auth,
        })
    }

    /// The whole header line that answers it.
    pub(crate) fn answer(&self, user: &str, password: &str, method: &str, uri: &str) -> String {
        self.answer_with(user, password, method, uri, &token())
    }

    fn answer_with(&self, user: &str, password: &str, method: &str, uri: &str, cnonce: &str) -> String {
        let Self { realm, nonce, .. } = self;
        let name = if self.proxy { "Proxy-Authorization" } else { "Authorization" };
        let secret = md5(&format!("{user}:{realm}:{password}"));
        let asked = md5(&format!("{method}:{uri}"));
        let response = if self.qop {
            md5(&format!("{secret}:{nonce}:00000001:{cnonce}:auth:{asked}"))
        } else {
            md5(&format!("{secret}:{nonce}:{asked}"))
        };
        let mut line = format!(
            "{name}: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm=MD5"
        );
        if self.qop {
            line.push_str(&format!(", qop=auth, nc=00000001, cnonce=\"{cnonce}\""));
        }
        if let Some(opaque) = &self.opaque {
            line.push_str(&format!(", opaque=\"{opaque}\""));
        }
        line
    }
}

fn md5(text: &str) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_2617_section_3_5() {
        let challenge = Challenge::parse(
            false,
            "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
             nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
        )
        .unwrap();
        let line = challenge.answer_with("Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b");
        assert!(line.starts_with("Authorization: Digest username=\"Mufasa\""), "{line}");
        assert!(line.contains("response=\"6629fae49393a05397450978507c4ef1\""), "{line}");
        assert!(line.contains("qop=auth, nc=00000001") && line.contains("opaque=\"5ccc"), "{line}");
    }

    #[test]
    fn what_cannot_be_answered_is_no_challenge() {
        let sha = "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-256";
        assert_eq!(Challenge::parse(false, sha), None);
        assert_eq!(Challenge::parse(false, "Basic realm=\"a\""), None);
        assert_eq!(Challenge::parse(false, "Digest realm=\"a\", nonce=\"b\", qop=\"auth-int\""), None);
        assert!(Challenge::parse(true, "Digest realm=\"a\", nonce=\"b\", stale=TRUE").unwrap().stale);
    }
}
