import Foundation
import XCTest

@testable import Rehome

/// A value that several tasks use.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) { self.value = value }

    func with<T>(_ body: (inout Value) throws -> T) rethrows -> T {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}

/// A clock that stands still until it is told to go on.
final class FakeClock: DriverClock {
    private struct Sleeper {
        var untilMs: Int64
        var wake: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Int64 = 0
        var wall: Int64 = 0
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
    }

    private let state = Locked(State())

    /// - Parameter wallMs: The wall clock at the beginning.
    init(wallMs: Int64 = 1_893_456_000_000) {
        state.with { $0.wall = wallMs }
    }

    func nowMs() -> Int64 { state.with { $0.now } }
    func wallMs() -> Int64 { state.with { $0.wall } }

    /// The times for which somebody waits.
    var deadlines: [Int64] { state.with { $0.sleepers.values.map(\.untilMs) } }

    func sleep(untilMs: Int64) async throws {
        let number = state.with { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let over = state.with { state in
                    if untilMs <= state.now || Task.isCancelled { return true }
                    state.sleepers[number] = Sleeper(untilMs: untilMs, wake: continuation)
                    return false
                }
                if over { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            state.with { $0.sleepers.removeValue(forKey: number) }?.wake.resume(throwing: CancellationError())
        }
    }

    /// Moves on, and wakes whose time has come.
    func move(to now: Int64) {
        let due = state.with { state in
            state.wall += now - state.now
            state.now = now
            let due = state.sleepers.filter { $0.value.untilMs <= now }
            for number in due.keys { state.sleepers.removeValue(forKey: number) }
            return due.values
        }
        for sleeper in due { sleeper.wake.resume() }
    }
}

/// Answers, or lets wait until it is told to.
final class Desk<Question: Sendable, Reply: Sendable>: Sendable {
    struct Request: Sendable {
        var question: Question
        var isCancelled = false
        var reply: CheckedContinuation<Reply, any Error>?
    }

    let requests = Locked<[Request]>([])

    /// How many wait.
    var waiting: Int { requests.with { $0.count { $0.reply != nil } } }

    func ask(_ question: Question, _ answer: Reply?) async throws -> Reply {
        let index = requests.with { requests in
            requests.append(Request(question: question))
            return requests.count - 1
        }
        if let answer { return answer }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reply in
                requests.with { $0[index].reply = reply }
            }
        } onCancel: {
            requests.with { $0[index].isCancelled = true }
        }
    }

    func reply(_ index: Int, _ result: Result<Reply, any Error>) {
        let waiting = requests.with { requests in
            defer { requests[index].reply = nil }
            return requests[index].reply
        }
        waiting?.resume(with: result)
    }
}

struct FakeFailure: Error, Equatable {}

final class FakeResolver: Resolver {
    struct Question: Sendable {
        var name: String
        var kind: LookupKind
        var timeoutMs: Int64
    }

    let desk = Desk<Question, Answer>()
    /// Nil: no answer.
    let answer = Locked<Result<Answer, FakeFailure>?>(.success(World.records))

    func lookup(name: String, kind: LookupKind, timeoutMs: Int64) async throws -> Answer {
        let answer = try answer.with { try $0?.get() }
        return try await desk.ask(Question(name: name, kind: kind, timeoutMs: timeoutMs), answer)
    }
}

final class FakeRegistrar: Registrar {
    let desk = Desk<(said: String, target: Target, id: Int64), Outcome>()
    /// What each host answers; a host that is missing does not.
    let hosts = Locked<[String: Outcome]>(["a": .accepted(expires: 600), "b": .accepted(expires: 600)])
    let failing = Locked(false)
    let closed = Locked(0)
    let lostFlows: AsyncStream<Target>
    let loses: AsyncStream<Target>.Continuation

    init() {
        (lostFlows, loses) = AsyncStream.makeStream()
    }

    func register(_ request: RegisterRequest) async throws -> Outcome {
        if failing.with({ $0 }) { throw FakeFailure() }
        let host = String(request.target.host.prefix(1))
        return try await desk.ask(("register \(host)", request.target, request.id), hosts.with { $0[host] })
    }

    func unregister(_ request: UnregisterRequest) async throws -> Outcome {
        let host = String(request.target.host.prefix(1))
        let answer = hosts.with { $0[host] }.map { _ in Outcome.accepted(expires: nil) }
        return try await desk.ask(("unregister \(host)", request.target, request.id), answer)
    }

    func close() async { closed.with { $0 += 1 } }

    /// `register a`, `unregister b`, ...
    var said: [String] { desk.requests.with { $0.map(\.question.said) } }
}

/// Keeps in memory, as long as there is room.
final class FakeStore: SnapshotStore {
    struct Full: Error {}
    struct Unreadable: Error {}
    let kept = Locked<(data: Data?, room: Int)>((nil, .max))
    /// As a file is before the first unlock.
    let isLocked = Locked(false)

    func load() throws -> Data? {
        if isLocked.with({ $0 }) { throw Unreadable() }
        return kept.with { $0.data }
    }
    func save(_ data: Data) throws {
        if isLocked.with({ $0 }) { throw Unreadable() }
        try kept.with { kept in
            if data.count > kept.room { throw Full() }
            kept.data = data
        }
    }
    func remove() throws { kept.with { $0.data = nil } }
}

/// A driver, and everything around it.
struct World {
    static let name = "_sip._udp.example.test"
    static let records = Answer.srv(
        records: [
            SrvRecord(priority: 10, weight: 1, port: 5060, target: "a.example.test"),
            SrvRecord(priority: 20, weight: 1, port: 5060, target: "b.example.test"),
        ], ttl: 86_400)

    static var config: Config {
        var config = Config(srvRecord: name)
        config.order.selection = .highestWeight
        return config
    }

    let clock: FakeClock
    let resolver = FakeResolver()
    let registrar = FakeRegistrar()
    let driver: RegistrationDriver
    private let log: Locked<[Occurrence]>

    /// - Parameters:
    ///   - after: The process before, whose wall clock went on for `awayMs`.
    init(
        config: Config = World.config, seed: Int64 = 7, store: FakeStore? = nil, after: World? = nil, awayMs: Int64 = 0
    ) async throws {
        clock = after.map { FakeClock(wallMs: $0.clock.wallMs() + awayMs) } ?? FakeClock()
        driver = try RegistrationDriver(
            config: config, seed: seed, resolver: resolver, registrar: registrar, store: store, clock: clock)
        let occurrences = await driver.occurrences()
        let log = Locked<[Occurrence]>([])
        self.log = log
        Task { for await occurrence in occurrences { log.with { $0.append(occurrence) } } }
    }

    /// Waits until everything stands still: all that is under way waits in a fake, and the timer in the clock.
    func settle() async {
        var quiet = 0
        await until("all stands still") {
            let underWay = await driver.underWay
            let waiting = resolver.desk.waiting + registrar.desk.waiting
            let due = await driver.dueMs
            let armed = due.map { clock.deadlines.contains($0) } ?? true
            quiet = underWay == waiting && armed ? quiet + 1 : 0
            return quiet == 3
        }
    }

    /// Lets time pass, timer by timer.
    func pass(_ ms: Int64 = 0) async {
        await settle()
        let end = clock.nowMs() + ms
        while let next = clock.deadlines.min(), next <= end {
            clock.move(to: max(next, clock.nowMs()))
            await settle()
        }
        clock.move(to: end)
        await settle()
    }

    /// The app is suspended: time passes, and no timer rings until it is over.
    func suspended(_ ms: Int64) async {
        await settle()
        clock.move(to: clock.nowMs() + ms)
        await settle()
    }

    /// All that was told up to now.
    func occurrences() async -> [Occurrence] {
        // What was yielded is delivered in order: wait until a last word has arrived.
        let mark = await driver.mark()
        await until("the last word has arrived") {
            log.with { $0.contains { if case .notice(.lateDropped(mark)) = $0.kind { true } else { false } } }
        }
        return log.with { log in
            log.filter { if case .notice(.lateDropped(let id)) = $0.kind { id >= 0 } else { true } }
        }
    }

    /// Names of the events.
    func events() async -> [String] {
        await occurrences().compactMap { occurrence in
            if case .event(let event) = occurrence.kind { Notation.event(event)["type"]?.string } else { nil }
        }
    }

    /// Names of the inputs.
    func inputs() async -> [String] {
        await occurrences().compactMap { occurrence in
            guard case .input(let input) = occurrence.kind else { return nil }
            return Notation.tagged(input)["type"]?.string
        }
    }

    /// Texts of the notices.
    func notices() async -> [String] {
        await occurrences().compactMap { if case .notice(let notice) = $0.kind { "\(notice)" } else { nil } }
    }

    func registered() async throws {
        await driver.start()
        await pass()
        let status = await driver.status
        XCTAssertEqual(status.state, .registered)
        XCTAssertEqual(status.home?.host, "a.example.test")
    }

    func replays(file: StaticString = #filePath, line: UInt = #line) async throws {
        let exported = await driver.exportScenario()
        XCTAssertTrue(exported.complete, file: file, line: line)
        XCTAssertNoThrow(try ScenarioRunner.run(JSON(text: exported.json)), exported.json, file: file, line: line)
    }
}

/// Waits in real time for what other tasks are about to do: a minute at most, so that a failure is none that hangs.
func until(
    _ what: String, file: StaticString = #filePath, line: UInt = #line, _ holds: () async -> Bool
) async {
    let end = ContinuousClock.now.advanced(by: .seconds(60))
    while await !holds() {
        if ContinuousClock.now > end { return XCTFail("in vain it was waited until \(what)", file: file, line: line) }
        await Task.yield()
    }
}

extension RegistrationDriver {
    /// Tells something that cannot be, so that a test knows what came before it.
    func mark() -> Int64 {
        let mark = Int64.random(in: Int64.min..<0)
        tell(.notice(.lateDropped(id: mark)), clock.nowMs())
        return mark
    }
}
