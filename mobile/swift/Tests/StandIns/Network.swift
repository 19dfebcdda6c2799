// swift-format-ignore-file
// What the sample's `NetworkLink` uses of Apple's Network, so that other systems can compile it. It does nothing.

import Dispatch
import Foundation

public enum NWError: Error {
    case posix(POSIXErrorCode)
    case dns(Int32)
    case tls(Int32)
    // Apple's is not closed: a later system may have more.
    case later
}

public enum NWEndpoint: Sendable {
    public enum Host: Sendable {
        case name(String)
        public init(_ string: String) { self = .name(string) }
    }

    public struct Port: Sendable {
        public let rawValue: UInt16
        public init?(rawValue: UInt16) { self.rawValue = rawValue }
    }

    case hostPort(host: Host, port: Port)
    case unix(path: String)
}

public final class NWParameters: Sendable {
    public class var tcp: NWParameters { NWParameters() }
    public class var udp: NWParameters { NWParameters() }
}

public struct NWPath: Sendable {
    public let localEndpoint: NWEndpoint?
}

public final class NWConnection: Sendable {
    public enum State: Sendable {
        case setup, preparing, ready, cancelled
        case waiting(NWError)
        case failed(NWError)
    }

    public final class ContentContext: Sendable {}

    public enum SendCompletion: Sendable {
        case contentProcessed(@Sendable (NWError?) -> Void)
        case idempotent
    }

    public typealias Received = @Sendable (Data?, ContentContext?, Bool, NWError?) -> Void

    public init(host: NWEndpoint.Host, port: NWEndpoint.Port, using parameters: NWParameters) {}

    public var currentPath: NWPath? { nil }
    public var stateUpdateHandler: (@Sendable (State) -> Void)? {
        get { nil }
        set {}
    }

    public func start(queue: DispatchQueue) {}
    public func cancel() {}
    public func send(
        content: Data?, contentContext: ContentContext? = nil, isComplete: Bool = true, completion: SendCompletion
    ) {}
    public func receive(minimumIncompleteLength: Int, maximumLength: Int, completion: @escaping Received) {}
    public func receiveMessage(completion: @escaping Received) {}
}
