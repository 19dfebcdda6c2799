//! Reading addresses. The standard library's parser holds panics, so the core has its own.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address without brackets.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    parse_ipv4(text).map(IpAddr::V4).or_else(|| parse_ipv6(text).map(IpAddr::V6))
}

/// An IPv4 address: four numbers up to 255 without needless zeros.
pub(crate) fn parse_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut parts = text.split(['.']).map(|part| {
        let plain = part.len() == 1 || !part.starts_with('0');
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u8>().ok().filter(|_| plain && digits)
    });
    let address = Ipv4Addr::new(parts.next()??, parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(address)
}

/// An IPv6 address: eight groups, one run of zeros left out as `::`, the last two groups perhaps as IPv4 (RFC 4291,
/// section 2.2); no zone.
pub(crate) fn parse_ipv6(text: &str) -> Option<Ipv6Addr> {
    // All groups as one number; those before `::`, once it has come, and those after it apart.
    let (mut groups, mut count) = (0_u128, 0_u32);
    let mut head: Option<(u128, u32)> = None;
    let mut rest = text;
    if let Some(after) = text.strip_prefix("::") {
        (head, rest) = (Some((0, 0)), after);
    }
    let mut open = head.is_some();
    while !(open && rest.is_empty()) {
        let (group, after) = rest.split_once([':']).map_or((rest, None), |(group, after)| (group, Some(after)));
        if after.is_none() && group.contains(['.']) {
            groups = (groups << 32) | u128::from(u32::from(parse_ipv4(group)?));
            count = count.saturating_add(2);
        } else {
            let digits = matches!(group.len(), 1..=4) && group.bytes().all(|byte| byte.is_ascii_hexdigit());
            let value = group.bytes().fold(0_u128, |value, byte| (value << 4) | u128::from(hex(byte)));
            groups = (groups << 16) | digits.then_some(value)?;
            count = count.saturating_add(1);
        }
        open = false;
        match after {
            _ if count > 8 => return None,
            None => break,
            Some(after) => rest = after,
        }
        if let Some(after) = rest.strip_prefix(':') {
            if head.replace((groups, count)).is_some() {
                return None;
            }
            (groups, count, rest, open) = (0, 0, after, true);
        }
    }
    let bits = match head {
        None => (count == 8).then_some(groups)?,
        Some((first, before)) => {
            let missing = 8_u32.checked_sub(before.saturating_add(count)).filter(|missing| *missing > 0)?;
            let shift = missing.saturating_add(count).saturating_mul(16);
            first.checked_shl(shift).unwrap_or(0) | groups
        }
    };
    Some(Ipv6Addr::from(bits))
}

fn hex(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte.wrapping_sub(b'0'),
        _ => (byte | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::{String, ToString};
    use std::vec::Vec;

    /// As the standard library reads them, over everything short that can be made of these pieces.
    #[test]
    fn addresses_are_read_as_the_standard_library_does() {
        let pieces = [":", "::", "1", "0aF", "12345", ".", "1.2.3.4", "255", "256", "01", "0", "g", ""];
        let groups = [
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6",
            "::ffff:192.0.2.1",
            "fe80::1%1",
            "1::2:3:4:5:6:7",
            "1:2:3:4:5:6:7::",
            "::1:2:3:4:5:6:7:8",
        ];
        let mut texts: Vec<String> = groups.iter().map(|text| text.to_string()).collect();
        for a in pieces.iter().chain(&groups) {
            for b in pieces {
                for c in pieces {
                    for d in pieces {
                        texts.push([a, b, c, d].concat());
                        texts.push([a, b, c, ".", d].concat());
                        texts.push([a, b, "::", c, ":", d].concat());
                    }
                }
            }
        }
        for text in &texts {
            assert_eq!(address(text), text.parse::<IpAddr>().ok(), "{text}");
        }
        assert!(texts.iter().filter(|text| address(text).is_some()).count() > 100);
    }
}
