import Foundation
import RehomeFFI

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Android)
    import Android
#endif

/// A DNS server.
public struct DNSServer: Sendable, Hashable, CustomStringConvertible {
    /// Its address, IPv4 or IPv6.
    public let address: String
    /// Its port.
    public let port: Int32

    /// - Throws: `RehomeError.InvalidInput` for what is no numeric address, or a port not within 1 to 65535.
    public init(_ address: String, port: Int32 = 53) throws {
        guard SocketAddress(address, port: port) != nil else {
            throw RehomeError.InvalidInput(
                message: "server: \(address) port \(port) cannot be asked: "
                    + "give an IPv4 or IPv6 address, and a port within 1 to 65535")
        }
        self.address = address
        self.port = port
    }

    /// `address:port`, with an IPv6 address in brackets.
    public var description: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }
}

/// Asks DNS servers over UDP, and over TCP where an answer does not fit. For systems without a resolver that gives SRV
/// records, and for networks whose DNS servers are configured.
public struct UDPResolver: Resolver {
    /// How long each server is waited for, in milliseconds: the first time through the list, the second, ...
    private static let patienceMs: [Int64] = [1000, 2000, 4000, 8000, 15_000]

    private let servers: [DNSServer]

    /// - Parameter servers: In the order in which they are asked.
    /// - Throws: `RehomeError.InvalidInput` for an empty list.
    public init(servers: [DNSServer]) throws {
        guard !servers.isEmpty else {
            throw RehomeError.InvalidInput(message: "servers: the list is empty: name one DNS server at least")
        }
        self.servers = servers
    }

    /// The servers of `/etc/resolv.conf`, as they are at this moment.
    public static func systemServers(file: String = "/etc/resolv.conf") throws -> [DNSServer] {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 1, words[0] == "nameserver" else { return nil }
            return try? DNSServer(String(words[1]))
        }
    }

    /// Asks one server after the other, until one of them knows.
    public func lookup(name: String, kind: LookupKind, timeoutMs: Int64) async throws -> Answer {
        let interrupt = try Interrupt()
        let end = ContinuousClock.now.advanced(by: .milliseconds(timeoutMs))
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A thread of its own: a dispatch queue adds one for those that block only after a second.
                Thread.detachNewThread {
                    continuation.resume(
                        returning: ask(Question(name: name, kind: kind, interrupt: interrupt), until: end))
                }
            }
        } onCancel: {
            interrupt.fire()
        }
    }

    private func ask(_ question: Question, until end: ContinuousClock.Instant) -> Answer {
        var failure = LookupFailure.timeout
        for patience in UDPResolver.patienceMs {
            var silent = false
            for server in servers {
                let answer = question.ask(server, patience: .milliseconds(patience), until: end)
                guard case .failed(let cause) = answer else { return answer }
                failure = cause
                silent = silent || cause == .timeout
                if question.isInterrupted { return answer }
            }
            // All have spoken, and none knows.
            if !silent { break }
            if ContinuousClock.now >= end { return .failed(cause: .timeout) }
        }
        return .failed(cause: failure)
    }
}

/// One question, and how its answer is known.
private final class Question {
    private let name: String
    private let kind: LookupKind
    private let interrupt: Interrupt
    private(set) var isInterrupted = false

    init(name: String, kind: LookupKind, interrupt: Interrupt) {
        self.name = name
        self.kind = kind
        self.interrupt = interrupt
    }

    /// Asks over UDP, and where that does not do, over TCP; each has its patience.
    func ask(_ server: DNSServer, patience: Duration, until end: ContinuousClock.Instant) -> Answer {
        var limit: ContinuousClock.Instant { min(end, .now.advanced(by: patience)) }
        guard let address = SocketAddress(server.address, port: server.port) else { return .failed(cause: .other) }
        do {
            let id = Int32.random(in: 0...0xffff)
            let message = try encodeQuestion(name: name, kind: kind, id: id)
            if let answer = try overUDP(message, id, address, limit) { return answer }
            guard let answer = try overTCP(message, id, address, limit) else { return .failed(cause: .malformed) }
            return answer
        } catch is PollingSocket.TimedOut {
            return .failed(cause: .timeout)
        } catch is PollingSocket.Interrupted {
            isInterrupted = true
            return .failed(cause: .timeout)
        } catch let error as SystemError {
            return .failed(cause: error.number == ETIMEDOUT ? .timeout : .network)
        } catch RehomeError.DnsPacket {
            return .failed(cause: .malformed)
        } catch {
            return .failed(cause: .other)
        }
    }

    /// Nil: the answer did not fit.
    private func overUDP(
        _ message: Data, _ id: Int32, _ address: SocketAddress, _ end: ContinuousClock.Instant
    ) throws -> Answer? {
        let socket = try PollingSocket(datagram, to: address, interrupt)
        try socket.send(message, until: end)
        while true {
            let reply = try socket.receive(65_535, until: end)
            // Somebody else's answer, or a forged one, is waited past.
            guard let decoded = try? decodeAnswer(message: reply, name: name, kind: kind, id: id) else { continue }
            switch decoded {
            case .answer(let answer): return answer
            case .truncated: return nil
            }
        }
    }

    /// Nil: it is still said not to fit.
    private func overTCP(
        _ message: Data, _ id: Int32, _ address: SocketAddress, _ end: ContinuousClock.Instant
    ) throws -> Answer? {
        let socket = try PollingSocket(streaming, to: address, interrupt)
        let length = UInt16(message.count)
        try socket.send(Data([UInt8(length >> 8), UInt8(length & 0xff)]) + message, until: end)
        var received = Data()
        while received.count < 2 || received.count < 2 + Int(received[0]) << 8 + Int(received[1]) {
            let more = try socket.receive(65_537, until: end)
            if more.isEmpty { return .failed(cause: .malformed) }
            received += more
        }
        let reply = Data(received.dropFirst(2))
        guard case .answer(let answer) = try decodeAnswer(message: reply, name: name, kind: kind, id: id) else {
            return nil
        }
        return answer
    }
}
