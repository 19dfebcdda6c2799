//! Host names and addresses as text.

use alloc::string::String;
use alloc::sync::Arc;
use core::net::{IpAddr, Ipv4Addr};

use crate::DropReason;

// A list of one character, as below and in `validate`, is searched without the standard library's code for a single one,
// which holds a panic.
/// What keeps this from being a host name without its final dot: labels of 1 to 63 letters, digits, hyphens and
/// underscores, 253 bytes in all; if the last label is a number, it must be an IPv4 address.
pub(crate) fn check_host(host: &str) -> Option<DropReason> {
    if host.len() > 253 || host.split(['.']).any(|label| label.len() > 63) {
        return Some(DropReason::NameTooLong);
    }
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !host.split(['.']).all(|label| !label.is_empty() && label.bytes().all(good)) {
        return Some(DropReason::BadName);
    }
    let last = host.rsplit(['.']).next().unwrap_or_default();
    let number = last.bytes().all(|byte| byte.is_ascii_digit());
    (number && host.parse::<Ipv4Addr>().is_err()).then_some(DropReason::BadName)
}

/// An address without brackets (rule 1.4).
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// The name in lower case.
pub(crate) fn lower_case(name: &str) -> Arc<str> {
    let lower: String = name.chars().map(|letter| letter.to_ascii_lowercase()).collect();
    Arc::from(lower)
}

/// The name without its final dot, if it has one.
pub(crate) fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}
