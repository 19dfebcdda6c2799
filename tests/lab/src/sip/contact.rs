//! The contacts of a REGISTER, and those of its answer.

use rsipstack::sip::{Contact, Header};

/// One contact of a REGISTER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContactEntry {
    /// The URI as it was written.
    pub(crate) uri: String,
    /// The same in one spelling, to compare with.
    pub(crate) key: String,
    /// Its parameters but `expires`, as they were written: `;reg-id=1;+sip.instance="<urn:uuid:...>"`.
    pub(crate) parameters: String,
    /// Its `expires` parameter, in seconds.
    pub(crate) expires: Option<u32>,
}

/// What a REGISTER says about contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Contacts {
    /// `*`
    All,
    /// These; none at all only asks what is bound.
    These(Vec<ContactEntry>),
}

/// Reads the values of all `Contact` headers.
pub(crate) fn contacts<'a>(headers: impl Iterator<Item = &'a str>) -> Result<Contacts, &'static str> {
    let values: Vec<&str> = headers.flat_map(|value| split(value, ',')).collect();
    if values == ["*"] {
        return Ok(Contacts::All);
    }
    let entries: Option<Vec<_>> = values.iter().map(|value| contact(value)).collect();
    entries.map(Contacts::These).ok_or("Contact is malformed")
}

fn contact(value: &str) -> Option<ContactEntry> {
    let (uri, rest) = match opening_bracket(value) {
        Some(at) => value[at + 1..].split_once('>')?,
        None => value.split_at(value.find(';').unwrap_or(value.len())),
    };
    let (uri, rest) = (uri.trim(), rest.trim());
    if !rest.is_empty() && !rest.starts_with(';') {
        return None;
    }
    let mut parameters = String::new();
    let mut expires = None;
    for parameter in split(rest, ';') {
        match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("expires") => expires = value.trim().parse().ok(),
            _ => {
                parameters.push(';');
                parameters.push_str(parameter);
            }
        }
    }
    Some(ContactEntry { uri: uri.to_owned(), key: key(uri)?, parameters, expires })
}

/// One spelling of a URI, to compare with (RFC 3261 19.1.4, without the order of parameters). Hosts such as
/// `xyz.invalid`, which browsers make up, and schemes other than SIP's are as good as any.
fn key(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.chars().all(legal) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "sip" | "sips") {
        return (!rest.is_empty()).then(|| format!("{scheme}:{rest}"));
    }
    let (user, place) = match rest.rsplit_once('@') {
        Some((user, place)) => (format!("{user}@"), place),
        None => (String::new(), rest),
    };
    let place = place.split('?').next().unwrap_or_default().to_ascii_lowercase();
    let host = place.split(';').next().unwrap_or_default();
    (!host.is_empty()).then(|| format!("{scheme}:{user}{place}"))
}

/// Where the `<` is that opens the URI, quoted names left aside.
fn opening_bracket(value: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    value.char_indices().find_map(|(at, c)| {
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = c == '\\' && !escaped;
        (c == '<' && !quoted).then_some(at)
    })
}

/// The elements of a list, with separators inside quotes and brackets left alone.
fn split(value: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    value
        .split(move |c| {
            let separates = c == separator && !quoted && !bracketed;
            match c {
                '"' if !escaped => quoted = !quoted,
                '<' if !quoted => bracketed = true,
                '>' if !quoted => bracketed = false,
                _ => {}
            }
            escaped = c == '\\' && !escaped;
            separates
        })
        .map(str::trim)
        .filter(|element| !element.is_empty())
        .collect()
}

/// A `Contact` of an answer: as it was registered, with the seconds it has left.
pub(crate) fn bound_contact(uri: &str, parameters: &str, expires: u64) -> Header {
    Contact::new(format!("<{uri}>{parameters};expires={expires}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: &str) -> Option<ContactEntry> {
        match contacts([value].into_iter()) {
            Ok(Contacts::These(entries)) => entries.into_iter().next(),
            _ => None,
        }
    }

    #[test]
    fn a_browser_keeps_its_outbound_parameters() {
        let entry = one("<sip:2s8l@HBNV.invalid;transport=ws>;reg-id=1;+sip.instance=\"<urn:uuid:a;b,c>\";Expires=60");
        let entry = entry.expect("readable");
        assert_eq!(entry.uri, "sip:2s8l@HBNV.invalid;transport=ws");
        assert_eq!(entry.parameters, ";reg-id=1;+sip.instance=\"<urn:uuid:a;b,c>\"");
        assert_eq!(entry.expires, Some(60));
        let again = one("\"<Bob>\" <SIP:2s8l@hbnv.invalid;transport=WS?Subject=x>").expect("readable");
        assert_eq!(again.key, entry.key);
        assert_ne!(one("<sip:2S8L@hbnv.invalid;transport=ws>").expect("readable").key, entry.key);
    }

    #[test]
    fn any_uri_will_do_and_nothing_else() {
        for uri in ["sip:a@[::1]:5060", "sips:host", "tel:+1-201", "urn:uuid:1", "x-a+b.c:d", "sip:a;b?c@h.invalid;ob"]
        {
            assert_eq!(one(&format!("<{uri}>")).map(|entry| entry.uri).as_deref(), Some(uri));
            assert!(one(&format!("<{uri}>;q=1")).is_some());
        }
        for value in ["sip", "<sip:a@b", "<>", "<sip:>", "<sip:a@>", "<sip:a@b> x", ":a", "1a:b", "*, <sip:a@b>"] {
            assert_eq!(one(value), None, "{value}");
        }
    }
}
