// The README's blocks, compiled: `ReadmeTests` finds each of them here, line by line.

import Foundation
import Rehome
import SampleRegistrar

#if canImport(Network)
    import Network
#endif

func tenLines(_ stack: any SIPStack, _ folder: URL) async throws -> RegistrationDriver {
    let driver = try RegistrationDriver(
        config: Config(srvRecord: "_sip._tcp.example.com"),
        resolver: DNSServiceResolver(), registrar: MyRegistrar(stack),  // your stack, see below
        store: FileSnapshotStore(url: folder.appending(path: "account-1.json")))
    let (events, statuses) = (await driver.events(), await driver.statuses())  // first: they begin now
    Task { for await event in events { print("rule \(event.rule): \(event.kind)") } }
    Task { for await status in statuses { print(status.state, status.home?.description ?? "") } }
    await driver.start()
    return driver
}

func withoutAStack() throws -> RegistrationDriver {
    let resolver = DNSServiceResolver()
    let account = Account(user: "alice", password: "secret", domain: "example.com")
    let registrar = SampleRegistrar(account: account, resolver: resolver)
    return try RegistrationDriver(config: Config(srvRecord: "a"), resolver: resolver, registrar: registrar)
}

final class MyRegistrar: Registrar {
    private let stack: any SIPStack
    let lostFlows: AsyncStream<Target>

    init(_ stack: any SIPStack) {
        self.stack = stack
        let (lost, tell) = AsyncStream.makeStream(of: Target.self)
        lostFlows = lost
        stack.onDisconnected { tell.yield($0) }
    }

    func register(_ request: RegisterRequest) async -> Outcome {
        await send(request.target, request.address, request.binding, expires: request.expires)
    }

    func unregister(_ request: UnregisterRequest) async -> Outcome {
        await send(request.target, request.address, request.binding, expires: 0)
    }

    private func send(_ target: Target, _ address: String?, _ binding: Int64, expires: Int64) async -> Outcome {
        await withCheckedContinuation { continuation in
            // The stack calls back once, whatever happens.
            stack.sendRegister(
                host: address ?? target.host, port: target.port, transport: "\(target.transport)",
                tlsName: target.tlsName, contactUser: "alice-\(binding)", expires: expires
            ) { result in
                continuation.resume(returning: MyRegistrar.outcome(result))
            }
        }
    }

    private static func outcome(_ result: StackResult) -> Outcome {
        switch result {
        case .reply(200...299, let expires, _, _): .accepted(expires: expires)
        case .reply(let code, _, let retryAfter, let minExpires):
            .status(code: code, retryAfter: retryAfter, minExpires: minExpires)
        case .noAnswer: .unreachable(cause: .timeout)
        case .noConnection: .unreachable(cause: .refused)
        case .noNetwork: .notSent
        }
    }
}

func watchNetwork(_ driver: RegistrationDriver, _ registrar: SampleRegistrar) -> NWPathMonitor {
    let monitor = NWPathMonitor()
    let (paths, tell) = AsyncStream.makeStream(of: NWPath.self)
    monitor.pathUpdateHandler = { tell.yield($0) }
    monitor.start(queue: .main)
    Task {
        var before: NWPath?
        for await path in paths where path != before {
            // The first path is where it begins, no change.
            let isFirst = before == nil
            before = path
            if path.status != .satisfied {
                await driver.networkDown()
            } else if !isFirst {
                await registrar.dropFlows()  // yours too: sockets of the old network lead nowhere
                await driver.networkChanged()
            }
        }
    }
    return monitor
}

final class PushHandler {
    private let driver: RegistrationDriver
    private let provider: CXProvider
    private let (id, update) = (UUID(), CXCallUpdate())

    init(_ driver: RegistrationDriver, _ provider: CXProvider) {
        (self.driver, self.provider) = (driver, provider)
    }

    func pushRegistry(
        _ registry: PKPushRegistry, didReceiveIncomingPushWith payload: PKPushPayload,
        for type: PKPushType, completion: @escaping @Sendable () -> Void
    ) {
        provider.reportNewIncomingCall(with: id, update: update) { _ in }
        Task { [driver, provider, id] in
            switch await driver.pushWake(budgetMs: 20_000) {
            case .registered: break
            case .notYet, .stopped: provider.reportCall(with: id, endedAt: nil, reason: .failed)
            }
            completion()
        }
    }
}

/// The one thread from which PJSIP is called; it lives as long as the app.
final class SIPThread: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [@Sendable () -> Void] = []

    init() {
        Thread.detachNewThread { self.main() }
    }

    private func main() {
        // PJ_THREAD_DESC_SIZE; it must live as long as the thread.
        let descriptor = UnsafeMutablePointer<Int>.allocate(capacity: 64)
        descriptor.initialize(repeating: 0, count: 64)
        var thread: OpaquePointer?
        _ = pj_thread_register("rehome", descriptor, &thread)
        while true {
            condition.lock()
            while waiting.isEmpty { condition.wait() }
            let work = waiting.removeFirst()
            condition.unlock()
            work()
        }
    }

    func run(_ work: @escaping @Sendable () -> Void) {
        condition.lock()
        waiting.append(work)
        condition.unlock()
        condition.signal()
    }
}

/// One `pjsip_regc`, made with this object as its token. Used on `SIPThread` alone.
final class Session: @unchecked Sendable {
    private var waiting: CheckedContinuation<Outcome, Never>?

    func begin(_ continuation: CheckedContinuation<Outcome, Never>) { waiting = continuation }

    /// Once: a failed `pjsip_regc_send` may have called back, too.
    func end(_ outcome: Outcome) {
        waiting?.resume(returning: outcome)
        waiting = nil
    }
}

extension SIPThread {
    func register(_ request: RegisterRequest, _ sessions: any Sessions) async -> Outcome {
        await withCheckedContinuation { continuation in
            run {
                let session = sessions.idle(for: request.binding)  // of this binding, or a new one: see below
                session.begin(continuation)
                if let refused = sessions.send(request, by: session) { session.end(refused) }
            }
        }
    }

    /// From the callback in C, on a thread of PJSIP's own, with what the last table below makes of its parameters.
    func ended(token: UnsafeMutableRawPointer, _ outcome: Outcome) {
        let session = Unmanaged<Session>.fromOpaque(token).takeUnretainedValue()
        run { session.end(outcome) }
    }
}

@MainActor
final class LinphoneRegistrar: Registrar {
    private let accounts: Accounts
    private var waiting: [ObjectIdentifier: CheckedContinuation<Outcome, Never>] = [:]

    init(_ accounts: Accounts) { self.accounts = accounts }

    func register(_ request: RegisterRequest) async -> Outcome {
        let account = accounts.register(request)
        return await withCheckedContinuation { waiting[ObjectIdentifier(account)] = $0 }
    }

    func unregister(_ request: UnregisterRequest) async -> Outcome {
        let account = accounts.unregister(request)
        return await withCheckedContinuation { waiting[ObjectIdentifier(account)] = $0 }
    }

    /// From `onRegistrationStateChanged`, with what the table below makes of it.
    func ended(_ account: AnyObject, _ outcome: Outcome) {
        waiting.removeValue(forKey: ObjectIdentifier(account))?.resume(returning: outcome)
    }
}
