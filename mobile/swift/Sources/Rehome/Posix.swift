// What the C libraries name alike and type differently.

#if canImport(Darwin)
    import Darwin
    package let datagram = SOCK_DGRAM
    package let streaming = SOCK_STREAM
#elseif canImport(Glibc)
    import Glibc
    package let datagram = Int32(SOCK_DGRAM.rawValue)
    package let streaming = Int32(SOCK_STREAM.rawValue)
#elseif canImport(Musl)
    import Musl
    package let datagram = SOCK_DGRAM
    package let streaming = SOCK_STREAM
#elseif canImport(Android)
    import Android
    package let datagram = Int32(SOCK_DGRAM)
    package let streaming = Int32(SOCK_STREAM)
#endif

/// An error of the system, by its number.
package struct SystemError: Error, Equatable {
    package var number: Int32
    static var last: SystemError { SystemError(number: errno) }
}

/// A numeric address with a port, as the system wants it; nil where the text is none.
package struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    package init?(_ address: String, port: Int32) {
        guard (1...65_535).contains(port) else { return nil }
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &list) == 0, let found = list?.pointee else { return nil }
        defer { freeaddrinfo(list) }
        family = found.ai_family
        bytes = Array(UnsafeRawBufferPointer(start: found.ai_addr, count: Int(found.ai_addrlen)))
    }

    /// Connects a socket; `EINPROGRESS` counts as done.
    func connect(_ socket: Int32) throws {
        let result = bytes.withUnsafeBytes { raw in
            raw.withMemoryRebound(to: sockaddr.self) { address in
                systemConnect(socket, address.baseAddress, socklen_t(bytes.count))
            }
        }
        guard result == 0 || errno == EINPROGRESS else { throw SystemError.last }
    }

    /// What a call like `getsockname` fills in.
    static func text(_ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> String? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard fill(address, &length) == 0 else { return nil }
                var host = [CChar](repeating: 0, count: 64)
                var port = [CChar](repeating: 0, count: 8)
                let flags = NI_NUMERICHOST | NI_NUMERICSERV
                let failed = getnameinfo(
                    address, length, &host, socklen_t(host.count), &port, socklen_t(port.count), flags)
                guard failed == 0 else { return nil }
                let name = host.prefix { $0 != 0 }.map { Character(UnicodeScalar(UInt8(bitPattern: $0))) }
                let number = port.prefix { $0 != 0 }.map { Character(UnicodeScalar(UInt8(bitPattern: $0))) }
                return name.contains(":") ? "[\(String(name))]:\(String(number))" : "\(String(name)):\(String(number))"
            }
        }
    }
}

private func systemConnect(_ socket: Int32, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t) -> Int32 {
    connect(socket, address, length)
}
