//! Domain names: a host's text to octets, a message's octets to text.

use alloc::string::String;
use alloc::vec::Vec;

use domain::base::ParsedName;
use domain::base::name::ToLabelIter;

use super::WireError;

/// The longest name in characters, without the final dot: 255 octets on the wire (RFC 1035, 2.3.4).
const MAX_NAME: usize = 253;
/// The longest label in octets (RFC 1035, 2.3.4).
const MAX_LABEL: u8 = 63;
/// How much of a name an error quotes, in characters.
const QUOTED: usize = 80;

/// A name inside a message.
pub(super) type NameIn<'a> = ParsedName<&'a [u8]>;

/// As much of a name as an error quotes; what would garble a log is shown as U+FFFD.
pub(super) fn quoted(name: &str) -> String {
    name.chars().take(QUOTED).map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

/// The uncompressed octets of a name that a host gave, with or without a final dot, in the case it gave.
pub(super) fn to_octets(name: &str) -> Result<Vec<u8>, WireError> {
    let bare = name.strip_suffix('.').unwrap_or(name);
    if bare.is_empty() {
        return Err(WireError::NameEmpty);
    }
    if bare.len() > MAX_NAME {
        return Err(WireError::NameTooLong { name: quoted(name), octets: bare.len() });
    }
    let mut octets = Vec::with_capacity(MAX_NAME);
    for label in bare.split('.') {
        if label.is_empty() {
            return Err(WireError::LabelEmpty { name: quoted(name) });
        }
        if !label.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'\\') {
            return Err(WireError::NameCharacter { name: quoted(name) });
        }
        match u8::try_from(label.len()) {
            Ok(length @ ..=MAX_LABEL) => octets.push(length),
            _ => return Err(WireError::LabelTooLong { name: quoted(name), octets: label.len() }),
        }
        octets.extend_from_slice(label.as_bytes());
    }
    octets.push(0);
    Ok(octets)
}

/// The uncompressed octets of a name in a message, in lower case: two names are the same if these are (RFC 4343).
pub(super) fn folded(name: &NameIn<'_>) -> Vec<u8> {
    let mut octets = Vec::with_capacity(name.compose_len().into());
    for label in name.iter() {
        octets.extend(u8::try_from(label.len()));
        octets.extend(label.as_slice().iter().map(u8::to_ascii_lowercase));
    }
    octets
}

/// The name as text without the final dot; the root is `.`.
///
/// A dot or backslash inside a label, a blank and whatever else is not printable ASCII is written as `\DDD`
/// (RFC 1035, 5.1): the text of an odd name never is that of another, good one.
pub(super) fn text(name: &NameIn<'_>) -> String {
    if name.is_root() {
        return String::from(".");
    }
    let mut text = String::with_capacity(name.compose_len().into());
    for label in name.iter().take_while(|label| !label.is_root()) {
        if !text.is_empty() {
            text.push('.');
        }
        for &octet in label.as_slice() {
            if octet.is_ascii_graphic() && octet != b'.' && octet != b'\\' {
                text.push(char::from(octet));
            } else {
                let digits = [octet / 100, octet / 10 % 10, octet % 10];
                text.push('\\');
                text.extend(digits.iter().map(|digit| char::from(b'0'.saturating_add(*digit))));
            }
        }
    }
    text
}
