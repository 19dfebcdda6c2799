import Foundation
import Rehome

/// What is heard on a link.
enum Heard: Sendable {
    case data(Data)
    /// What an error means; a datagram socket goes on after it.
    case failed(Outcome)
}

/// One way to one address: a datagram socket or a connection.
protocol Link: Sendable {
    /// This end: `address:port`.
    var local: String { get }
    /// Everything heard; its end is the end of the link. Read once.
    var heard: AsyncStream<Heard> { get }
    /// Sends; what goes wrong is heard.
    func send(_ data: Data)
    func close()
}

/// No link could be made.
struct LinkFailure: Error {
    var outcome: Outcome
}

extension Outcome {
    /// What an error of the system means: the network's answer, or a request that never left (rule 3.7).
    init(systemError number: Int32) {
        switch POSIXErrorCode(rawValue: number) {
        case .ECONNREFUSED: self = .unreachable(cause: .refused)
        case .EHOSTUNREACH, .ENETUNREACH: self = .unreachable(cause: .noRoute)
        case .ECONNRESET, .ECONNABORTED, .EPIPE, .ENOTCONN: self = .unreachable(cause: .closed)
        case .ETIMEDOUT: self = .unreachable(cause: .timeout)
        case .ENETDOWN, .EACCES, .EPERM, .EADDRNOTAVAIL, .EADDRINUSE, .ENOMEM: self = .notSent
        default: self = .unreachable(cause: .other)
        }
    }
}
