import Foundation
import Rehome

/// A server of 127.0.0.1 with which nobody gets anywhere: it lets TCP connect, at most twice, and never says a word there.
final class DeafServer {
    private let listening: Int32
    private let datagrams: Int32
    /// Of both TCP and UDP.
    let port: Int32

    /// - Parameter truncates: Over UDP every DNS question is answered by saying that the answer does not fit.
    init(truncates: Bool = false) throws {
        let (stream, packets) = (socket(AF_INET, streaming, 0), socket(AF_INET, datagram, 0))
        (listening, datagrams) = (stream, packets)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutableBytes(of: &address) { raw in
            raw.withMemoryRebound(to: sockaddr.self) { name -> Bool in
                bind(stream, name.baseAddress, length) != 0 || listen(stream, 0) != 0
                    || getsockname(stream, name.baseAddress, &length) != 0
                    || bind(packets, name.baseAddress, length) != 0
            }
        }
        port = Int32(UInt16(bigEndian: address.sin_port))
        if failed { throw Lab.Trouble(description: "no sockets for a deaf server: error \(errno)") }
        if truncates { Thread.detachNewThread { DeafServer.truncate(packets) } }
    }

    deinit {
        for socket in [listening, datagrams] {
            _ = shutdown(socket, Int32(SHUT_RDWR))
            _ = close(socket)
        }
    }

    private static func truncate(_ socket: Int32) {
        var bytes = [UInt8](repeating: 0, count: 2048)
        while true {
            var (from, length) = (sockaddr_storage(), socklen_t(MemoryLayout<sockaddr_storage>.size))
            let done = withUnsafeMutableBytes(of: &from) { raw in
                raw.withMemoryRebound(to: sockaddr.self) { name -> Bool in
                    let count = recvfrom(socket, &bytes, bytes.count, 0, name.baseAddress, &length)
                    guard count > 2 else { return true }
                    // QR and TC.
                    bytes[2] |= 0x82
                    return sendto(socket, bytes, count, 0, name.baseAddress, length) < 0
                }
            }
            if done { return }
        }
    }
}
