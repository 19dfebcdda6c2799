import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Android)
    import Android
#endif

/// Lets another thread end a wait: a pipe that becomes readable.
package final class Interrupt: Sendable {
    fileprivate let reading: Int32
    private let writing: Int32

    package init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw SystemError.last }
        (reading, writing) = (ends[0], ends[1])
    }

    /// Ends the wait that is on, and all that come.
    package func fire() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    deinit {
        _ = close(reading)
        _ = close(writing)
    }
}

/// A connected socket whose waits can be interrupted. One thread may send while another receives.
package final class PollingSocket: Sendable {
    /// A wait was ended from outside.
    package struct Interrupted: Error {}
    /// A wait took too long.
    package struct TimedOut: Error {}

    private let descriptor: Int32
    private let interrupt: Interrupt

    /// Begins to connect; a datagram socket hears from that address alone, so that a closed port is an error, not silence.
    package init(_ kind: Int32, to address: SocketAddress, _ interrupt: Interrupt) throws {
        descriptor = socket(address.family, kind, 0)
        self.interrupt = interrupt
        guard descriptor >= 0 else { throw SystemError.last }
        let flags = fcntl(descriptor, F_GETFL, 0)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        #if canImport(Darwin)
            var on: Int32 = 1
            _ = setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
        try address.connect(descriptor)
    }

    deinit {
        if descriptor >= 0 { _ = close(descriptor) }
    }

    /// Waits until a stream is connected.
    package func connected(until end: ContinuousClock.Instant) throws {
        try wait(Int16(POLLOUT), until: end)
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0 else { throw SystemError.last }
        if number != 0 { throw SystemError(number: number) }
    }

    /// This end: `address:port`.
    package var local: String {
        SocketAddress.text { getsockname(descriptor, $0, $1) } ?? "0.0.0.0:0"
    }

    /// Sends all of it.
    package func send(_ data: Data, until end: ContinuousClock.Instant) throws {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(MSG_NOSIGNAL)
        #endif
        var rest = [UInt8](data)[...]
        while !rest.isEmpty {
            try wait(Int16(POLLOUT), until: end)
            let sent = rest.withUnsafeBytes { systemSend(descriptor, $0.baseAddress, $0.count, flags) }
            guard sent >= 0 else {
                if errno == EAGAIN || errno == EINTR { continue }
                throw SystemError.last
            }
            rest = rest.dropFirst(sent)
        }
    }

    /// What arrives next, at most so many bytes; empty at the end of a stream.
    package func receive(_ most: Int, until end: ContinuousClock.Instant) throws -> Data {
        var buffer = [UInt8](repeating: 0, count: most)
        while true {
            try wait(Int16(POLLIN), until: end)
            let count = recv(descriptor, &buffer, most, 0)
            if count >= 0 { return Data(buffer[..<count]) }
            guard errno == EAGAIN || errno == EINTR else { throw SystemError.last }
        }
    }

    private func wait(_ events: Int16, until end: ContinuousClock.Instant) throws {
        while true {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { throw TimedOut() }
            let ms = Int32(
                clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
            var polled = [
                pollfd(fd: descriptor, events: events, revents: 0),
                pollfd(fd: interrupt.reading, events: Int16(POLLIN), revents: 0),
            ]
            let count = poll(&polled, 2, ms)
            if polled[1].revents != 0 { throw Interrupted() }
            if count > 0 { return }
            if count < 0 && errno != EINTR { throw SystemError.last }
        }
    }
}

private func systemSend(_ socket: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
    send(socket, bytes, count, flags)
}
