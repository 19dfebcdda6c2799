import Foundation
import Rehome

/// The account of a `SampleRegistrar`.
public struct Account: Sendable {
    /// The user part of the address of record, and the user name for digest authentication.
    public var user: String
    /// The password for digest authentication; the core never sees it.
    public var password: String
    /// The domain of the address of record; nil: the name that the target's certificate would carry.
    public var domain: String?
    /// How often CRLFCRLF is sent on a connection; nil: never.
    public var keepAlive: Duration?
    /// Uses one Contact for all bindings, as stacks do that allow no other; then an unregister may delete too much.
    public var oneContact: Bool

    /// An account.
    public init(
        user: String, password: String, domain: String? = nil, keepAlive: Duration? = nil, oneContact: Bool = false
    ) {
        self.user = user
        self.password = password
        self.domain = domain
        self.keepAlive = keepAlive
        self.oneContact = oneContact
    }
}

/// A registrar without a SIP stack: REGISTER over UDP and TCP, digest with MD5, and no more. For tests, and as a pattern for
/// a registrar over your own stack.
public actor SampleRegistrar: Registrar {
    /// How long DNS is waited for: less than an attempt (`rollover.attemptTimeoutMs`, 10 s) and an unregister (4 s) have.
    private static let lookupMs: Int64 = 3000

    private struct Way: Hashable {
        var target: Int64
        var address: String
    }

    private let account: Account
    private let resolver: any Resolver
    private let fromTag = token()
    private let callId = token()
    /// Tells this phone's Contacts from those of others of the same user.
    private let instance = token().prefix(8)
    private var cseq = 0
    private var bindings: [Int64: Binding] = [:]
    private var flows: [Way: Flow] = [:]
    /// Where each target was last found: of use when DNS is down.
    private var addresses: [Int64: String] = [:]

    /// Connections that were lost.
    public nonisolated let lostFlows: AsyncStream<Target>
    private let tell: AsyncStream<Target>.Continuation

    /// - Parameter resolver: Looks the addresses of targets up.
    public init(account: Account, resolver: any Resolver) {
        self.account = account
        self.resolver = resolver
        (lostFlows, tell) = AsyncStream.makeStream()
    }

    /// Sends a REGISTER and answers its challenges.
    public nonisolated func register(_ request: RegisterRequest) async -> Outcome {
        await begin(request.target, request.address, binding: request.binding, expires: request.expires)
    }

    /// Removes a binding.
    public nonisolated func unregister(_ request: UnregisterRequest) async -> Outcome {
        await begin(request.target, request.address, binding: request.binding, expires: 0)
    }

    /// Another network: sockets of the old one lead nowhere.
    public func dropFlows() {
        flows = [:]
    }

    /// Closes all connections.
    public func close() {
        dropFlows()
        tell.finish()
    }

    /// The attempt is a task of its own: what has been sent goes on when the core gives it up.
    private nonisolated func begin(_ target: Target, _ address: String?, binding: Int64, expires: Int64) async
        -> Outcome
    {
        let attempt = Attempt()
        let work = Task { await self.run(attempt, target, address, binding, expires) }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            attempt.cancel(work)
        }
    }

    private func run(
        _ attempt: Attempt, _ target: Target, _ address: String?, _ number: Int64, _ expires: Int64
    ) async -> Outcome {
        // What this stack cannot send (rule 3.7).
        guard target.transport == .udp || target.transport == .tcp else { return .notSent }
        guard let address = await resolve(target, address) else { return .noAddress }
        let way = Way(target: target.id, address: address)
        let flow: Flow
        do {
            flow = try await self.flow(way, target)
        } catch {
            return (error as? LinkFailure)?.outcome ?? .notSent
        }
        await flow.use()
        let binding = binding(number, flow)
        let outcome = await exchange(attempt, target, flow, binding, expires)
        let accepted = if case .accepted = outcome { true } else { false }
        if accepted && expires > 0 { flows[way] = flow }
        // A connection that ended under this attempt: where its outcome told of that, the core knows already.
        let unheard = accepted || attempt.isCancelled
        if await flow.leave() { lost(way, flow, target, tell: unheard) }
        if expires == 0 {
            bindings[number] = nil
            if flows[way] === flow { flows[way] = nil }
        }
        return outcome
    }

    /// The REGISTER, and its challenges.
    private func exchange(
        _ attempt: Attempt, _ target: Target, _ flow: Flow, _ binding: Binding, _ expires: Int64
    ) async -> Outcome {
        var credentials: String?
        var challenges = Challenges()
        while true {
            guard attempt.begins(on: flow) else { return .notSent }
            cseq += 1
            let message = Message(
                transport: target.transport, local: flow.local, user: account.user,
                domain: account.domain ?? target.tlsName, fromTag: fromTag, callId: callId, cseq: cseq,
                binding: binding, expires: expires, credentials: credentials)
            let branch = "z9hG4bK" + token()
            let result = await flow.exchange(branch: branch, message.bytes(branch: branch)) { attempt.isCancelled }
            switch result {
            case .failure(let failure):
                return failure.outcome
            case .success(let reply):
                guard let challenge = challenges.toAnswer(in: reply) else {
                    return reply.outcome(contactUser: binding.contactUser)
                }
                credentials = challenge.answer(
                    user: account.user, password: account.password, method: "REGISTER", uri: message.uri)
            }
        }
    }

    /// An address: the core's, the literal, that of a connection which is good, the first of DNS (IPv4 before IPv6), or
    /// where DNS is down the one that it gave last.
    private func resolve(_ target: Target, _ address: String?) async -> String? {
        if let address { return address }
        if (try? DNSServer(target.host, port: target.port)) != nil { return target.host }
        for (way, flow) in flows where way.target == target.id {
            if await flow.isGood { return way.address }
        }
        async let six = found(target, .aaaa)
        let four = await found(target, .a)
        let new = if let four { four } else { await six }
        addresses[target.id] = new ?? addresses[target.id]
        return addresses[target.id]
    }

    private func found(_ target: Target, _ kind: LookupKind) async -> String? {
        let answer = try? await resolver.lookup(name: target.host, kind: kind, timeoutMs: Self.lookupMs)
        if case .addresses(let addresses, _) = answer { return addresses.first }
        return nil
    }

    /// The way to a target: the one there is, or a new one.
    private func flow(_ way: Way, _ target: Target) async throws -> Flow {
        if let flow = flows[way], await flow.isGood { return flow }
        let link = try await PlatformLink.open(target.transport, way.address, target.port)
        let isReliable = target.transport != .udp
        let flow = Flow(link, isReliable: isReliable, keepAlive: account.keepAlive) { [weak self] flow in
            await self?.lost(way, flow, target, tell: true)
        }
        flows[way] = flow
        return flow
    }

    /// A connection has ended; the core is told if it was the one in use for its target.
    private func lost(_ way: Way, _ flow: Flow, _ target: Target, tell: Bool) {
        guard flows[way] === flow else { return }
        flows[way] = nil
        if tell { self.tell.yield(target) }
    }

    /// The Contact of a binding: the same for all REGISTERs that carry its number.
    private func binding(_ number: Int64, _ flow: Flow) -> Binding {
        let number = account.oneContact ? 0 : number
        if let known = bindings[number] { return known }
        let user = "\(account.user)-\(instance)-\(number)"
        let new = Binding(contactUser: user, contactHost: flow.local)
        bindings[number] = new
        return new
    }
}
