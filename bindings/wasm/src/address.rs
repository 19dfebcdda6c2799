//! Addresses as text, as the standard library writes them (RFC 5952), for a third of its bytes.

use alloc::string::String;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The address as text.
pub(crate) fn text(address: IpAddr) -> String {
    let mut out = String::new();
    match address {
        IpAddr::V4(address) => dotted(address, &mut out),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => {
                out.push_str("::ffff:");
                dotted(mapped, &mut out);
            }
            None => groups(address, &mut out),
        },
    }
    out
}

fn dotted(address: Ipv4Addr, out: &mut String) {
    for (place, octet) in address.octets().into_iter().enumerate() {
        if place > 0 {
            out.push('.');
        }
        digits(octet.into(), 10, out);
    }
}

/// The first of the longest runs of two zeros or more is left out.
fn groups(address: Ipv6Addr, out: &mut String) {
    let segments = address.segments();
    let (mut longest, mut from, mut run) = (1, 8, 0);
    for (place, segment) in segments.into_iter().enumerate() {
        run = if segment == 0 { run + 1 } else { 0 };
        if run > longest {
            (longest, from) = (run, place + 1 - run);
        }
    }
    for (place, segment) in segments.into_iter().enumerate() {
        if place == from {
            out.push_str("::");
        } else if place < from || place >= from + longest {
            if place > 0 && place != from + longest {
                out.push(':');
            }
            digits(segment.into(), 16, out);
        }
    }
}

fn digits(number: u32, base: u32, out: &mut String) {
    if number >= base {
        digits(number / base, base, out);
    }
    out.extend(char::from_digit(number % base, base));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library() {
        for text in ["0.0.0.0", "192.0.2.10", "255.255.255.255", "100.9.0.99"] {
            assert_eq!(super::text(text.parse().unwrap()), text);
        }
        // All patterns of zeros, with long and short groups.
        for pattern in 0_u16..256 {
            for value in [0x1_u16, 0xa0, 0xfff, 0xffff] {
                let segments = core::array::from_fn(|place| if pattern >> place & 1 == 1 { value } else { 0 });
                let address = IpAddr::from(segments);
                assert_eq!(text(address), address.to_string());
            }
        }
    }
}
