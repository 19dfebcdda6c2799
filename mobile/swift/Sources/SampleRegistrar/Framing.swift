import Foundation

/// Messages out of a stream, by Content-Length (RFC 3261 section 18.3).
struct Framing {
    /// What a stream holds next.
    enum Next: Equatable {
        /// Not enough bytes yet.
        case more
        /// A bare CRLF: the answer to a keep-alive (RFC 5626 section 4.4.1).
        case pong
        case message(Data)
        /// Nothing that can be read on from.
        case broken
    }

    /// The longest message taken from a stream, in bytes.
    private static let longest = 65_536
    private var buffer = Data()

    mutating func append(_ data: Data) {
        buffer.append(data)
    }

    /// Takes the next thing off the front.
    mutating func next() -> Next {
        if buffer.starts(with: Data("\r\n".utf8)) {
            buffer = Data(buffer.dropFirst(2))
            return .pong
        }
        guard let end = buffer.range(of: Data("\r\n\r\n".utf8))?.upperBound else {
            return buffer.count > Framing.longest ? .broken : .more
        }
        guard let body = Framing.contentLength(buffer[..<end]), body <= Framing.longest else { return .broken }
        guard buffer.count >= end + body else { return .more }
        let message = Data(buffer[..<(end + body)])
        buffer = Data(buffer[(end + body)...])
        return .message(message)
    }

    /// The length of the body; 0 where none is stated, nil where it is no number.
    private static func contentLength(_ head: Data) -> Int? {
        for line in String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map(\.trimmed)
            guard parts.count == 2, ["content-length", "l"].contains(parts[0].lowercased()) else { continue }
            return Int(parts[1]).flatMap { $0 < 0 ? nil : $0 }
        }
        return 0
    }
}
