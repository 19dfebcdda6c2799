// What stands in the README's blocks for your code, and for Apple's and others' frameworks.

import Foundation
import Rehome

#if !canImport(dnssd)
    struct DNSServiceResolver: Resolver {
        func lookup(name: String, kind: LookupKind, timeoutMs: Int64) async throws -> Answer { .failed(cause: .other) }
    }
#endif

enum StackResult: Sendable {
    case reply(code: Int32, expires: Int64?, retryAfter: Int64?, minExpires: Int64?)
    case noAnswer, noConnection, noNetwork
}

protocol SIPStack: Sendable {
    func sendRegister(
        host: String, port: Int32, transport: String, tlsName: String, contactUser: String, expires: Int64,
        completion: @escaping @Sendable (StackResult) -> Void)
    func onDisconnected(_ listener: @escaping @Sendable (Target) -> Void)
}

#if !canImport(Network)
    struct NWPath: Sendable, Equatable {
        enum Status: Sendable { case satisfied, unsatisfied, requiresConnection }
        var status: Status
    }

    final class NWPathMonitor {
        var pathUpdateHandler: (@Sendable (NWPath) -> Void)?
        func start(queue: DispatchQueue) {}
    }
#endif

final class PKPushRegistry {}
final class PKPushPayload {}
enum PKPushType { case voIP }
enum CXCallEndedReason { case failed }
final class CXCallUpdate: Sendable {}
final class CXProvider: Sendable {
    func reportNewIncomingCall(with id: UUID, update: CXCallUpdate, completion: @escaping @Sendable (Error?) -> Void) {}
    func reportCall(with id: UUID, endedAt date: Date?, reason: CXCallEndedReason) {}
}

func pj_thread_register(
    _ name: UnsafePointer<CChar>?, _ descriptor: UnsafeMutablePointer<Int>?,
    _ thread: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 { 0 }

protocol Sessions: Sendable {
    func idle(for binding: Int64) -> Session
    /// What came of it if no callback will come.
    func send(_ request: RegisterRequest, by session: Session) -> Outcome?
}

@MainActor
protocol Accounts {
    func register(_ request: RegisterRequest) -> AnyObject
    func unregister(_ request: UnregisterRequest) -> AnyObject
}
