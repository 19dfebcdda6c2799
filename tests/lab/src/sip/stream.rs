//! Cutting a stream of bytes into SIP messages (RFC 3261 18.3) and keep-alives (RFC 5626 4.4.1).

/// The longest message accepted, in bytes.
const LONGEST: usize = 64 * 1024;

/// What came next on a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A whole message.
    Message(Vec<u8>),
    /// A double CRLF between messages, which wants a CRLF back.
    Ping,
}

/// The bytes of a stream that are not yet a piece.
#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub(crate) buffer: Vec<u8>,
}

impl Stream {
    /// The next piece, if all of it is there. An error: the stream cannot be cut any more and must be closed.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, ()> {
        if self.buffer.starts_with(b"\r\n\r\n") {
            self.buffer.drain(..4);
            return Ok(Some(Piece::Ping));
        }
        // The first half of a ping, or a stray line end before a message.
        if self.buffer.starts_with(b"\r\n") && self.buffer.len() > 3 {
            self.buffer.drain(..2);
        }
        if matches!(&self.buffer[..], b"" | b"\r" | b"\r\n" | b"\r\n\r") {
            return Ok(None);
        }
        let Some(head) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
            return if self.buffer.len() > LONGEST { Err(()) } else { Ok(None) };
        };
        let length = head + 4 + content_length(&self.buffer[..head])?;
        if length > LONGEST {
            return Err(());
        }
        if self.buffer.len() < length {
            return Ok(None);
        }
        Ok(Some(Piece::Message(self.buffer.drain(..length).collect())))
    }
}

/// The value of `Content-Length` (or `l`); 0 without one.
fn content_length(head: &[u8]) -> Result<usize, ()> {
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l") {
            let value = std::str::from_utf8(value).map_err(|_| ())?;
            return value.parse().map_err(|_| ());
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_wherever_the_segments_end() {
        let message = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc".to_vec();
        let all = [&b"\r\n\r\n"[..], &message, b"\r\n", &message, b"\r\n\r\n"].concat();
        for size in 1..all.len() {
            let mut stream = Stream::default();
            let mut pieces = Vec::new();
            for chunk in all.chunks(size) {
                stream.buffer.extend_from_slice(chunk);
                while let Some(piece) = stream.next().unwrap() {
                    pieces.push(piece);
                }
            }
            let whole = Piece::Message(message.clone());
            assert_eq!(pieces, [Piece::Ping, whole.clone(), whole, Piece::Ping], "segments of {size}");
        }
    }

    #[test]
    fn a_stream_that_cannot_be_cut_is_an_error() {
        let stream = |bytes: &[u8]| Stream { buffer: bytes.to_vec() }.next();
        assert_eq!(stream(b"A\r\nContent-Length: x\r\n\r\n"), Err(()));
        assert_eq!(stream(b"A\r\nl: 99999999\r\n\r\n"), Err(()));
        assert_eq!(stream(&vec![b'x'; LONGEST + 1]), Err(()));
    }
}
