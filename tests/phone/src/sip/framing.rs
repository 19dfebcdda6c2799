//! Messages out of a stream, by Content-Length (RFC 3261 section 18.3).

/// The longest message taken from a stream, in bytes.
const MAX_MESSAGE: usize = 65_536;

/// What a stream holds next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Not enough bytes yet.
    More,
    /// A bare CRLF: the answer to a keep-alive (RFC 5626 section 4.4.1).
    Pong,
    /// A whole message.
    Message(Vec<u8>),
    /// Nothing that can be read on from: the stream is of no use any more.
    Broken,
}

/// Takes the next thing off the front of the buffer.
pub(crate) fn next(buffer: &mut Vec<u8>) -> Next {
    if buffer.starts_with(b"\r\n") {
        buffer.drain(..2);
        return Next::Pong;
    }
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return if buffer.len() > MAX_MESSAGE { Next::Broken } else { Next::More };
    };
    let head = String::from_utf8_lossy(&buffer[..end]);
    let Some(body) = content_length(&head) else { return Next::Broken };
    let Some(length) = (end + 4).checked_add(body).filter(|length| *length <= MAX_MESSAGE) else {
        return Next::Broken;
    };
    if buffer.len() < length {
        return Next::More;
    }
    Next::Message(buffer.drain(..length).collect())
}

/// The length of the body; 0 where none is stated, `None` where it is no number.
fn content_length(head: &str) -> Option<usize> {
    for line in head.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let name = name.trim();
        if name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("l") {
            return value.trim().parse().ok();
        }
    }
    Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_in_pieces_and_in_heaps() {
        let first = b"SIP/2.0 100 Trying\r\nl: 2\r\n\r\nab";
        let second = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n";
        let mut buffer = first[..20].to_vec();
        assert_eq!(next(&mut buffer), Next::More);
        buffer.extend_from_slice(&first[20..]);
        buffer.extend_from_slice(b"\r\n");
        buffer.extend_from_slice(second);
        assert_eq!(next(&mut buffer), Next::Message(first.to_vec()));
        assert_eq!(next(&mut buffer), Next::Pong);
        assert_eq!(next(&mut buffer), Next::Message(second.to_vec()));
        assert_eq!(next(&mut buffer), Next::More);
    }

    #[test]
    fn a_length_that_is_none_breaks_the_stream() {
        assert_eq!(next(&mut b"SIP/2.0 200 OK\r\nContent-Length: x\r\n\r\n".to_vec()), Next::Broken);
        assert_eq!(next(&mut b"SIP/2.0 200 OK\r\nContent-Length: 99999999\r\n\r\n".to_vec()), Next::Broken);
        assert_eq!(next(&mut vec![b'a'; MAX_MESSAGE + 1]), Next::Broken);
    }
}
