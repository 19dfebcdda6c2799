import RehomeFFI

/// One REGISTER to send.
public struct RegisterRequest: Sendable, Hashable {
    /// The action's number.
    public var id: Int64
    /// Where to.
    public var target: Target
    /// The address to use, if the core knows it; else the host resolves `target.host`.
    public var address: String?
    /// Names the binding: one Contact for all REGISTERs that carry the same number (rule 6.7).
    public var binding: Int64
    /// 1 for the first try in a row at this target, then 2, 3, ...
    public var attempt: Int64
    /// The expiry to ask for, in seconds.
    public var expires: Int64
}

/// One REGISTER with an expiry of 0 to send.
public struct UnregisterRequest: Sendable, Hashable {
    /// The action's number.
    public var id: Int64
    /// Where to.
    public var target: Target
    /// The address in use, if the core resolves.
    public var address: String?
    /// The binding to remove.
    public var binding: Int64
}

/// Sends REGISTERs: your SIP stack, behind these calls. They come on threads of Swift's, several at a time: where the stack
/// wants a thread of its own, the registrar goes there.
public protocol Registrar: Sendable {
    /// Sends a REGISTER, answers its challenges, and says what came of it. It neither repeats a REGISTER of its own accord
    /// nor goes to another target.
    ///
    /// When the task is cancelled, a connect is given up. A REGISTER that was sent goes on: what comes of it is handed to
    /// the core for 32 s more (rule 3.6), so do not return at once.
    ///
    /// - Throws: Where it cannot do its work; taken as `.unreachable(cause: .other)` and told as a notice.
    func register(_ request: RegisterRequest) async throws -> Outcome

    /// The same for an unregister.
    func unregister(_ request: UnregisterRequest) async throws -> Outcome

    /// Connections that were lost while no REGISTER was under way on them, by their target. Read once, by the driver.
    var lostFlows: AsyncStream<Target> { get }

    /// The driver has been closed: no further calls.
    func close() async
}

extension Registrar {
    /// None: for stacks that cannot tell.
    public var lostFlows: AsyncStream<Target> { AsyncStream { $0.finish() } }

    /// Nothing to do.
    public func close() async {}
}
