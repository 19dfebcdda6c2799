import Foundation
import RehomeFFI

/// Registers one account: it carries out what the policy asks for, by your resolver and your registrar, and decides nothing.
///
/// Make one, listen, and call `start`. All calls may come from anywhere; one is done after the other. Calls that hand
/// something in return when the policy has decided, not when a REGISTER has been answered.
public actor RegistrationDriver {
    /// At the latest after this the clock is read: a sleep shows by a timer that is late.
    static let heartbeatMs: Int64 = 15_000
    /// A timer this late was not late, but asleep (rule 0.4).
    static let asleepMs: Int64 = 5000
    /// What JSON carries exactly, so that an exported session has it.
    private static let seeds: ClosedRange<Int64> = 0...(1 << 53 - 1)

    let resolver: any Resolver
    let registrar: any Registrar
    let clock: any DriverClock
    let store: (any SnapshotStore)?
    let seed: Int64

    var config: Config
    var slackMs: Int64 = 0
    var registration: Registration?
    var log: ScenarioLog
    /// Whether there is a network, as far as anybody said.
    var isOnline = true
    /// Whether a call is up; nil before anybody said.
    var isBusy: Bool?
    var isClosed = false
    var isRunning = false
    /// Home and expiry for which a snapshot was kept.
    var savedFor = ""
    var lastStatus: Status?

    var wakeMs: Int64?
    var dueMs: Int64?
    var timer: Task<Void, Never>?

    var pending: [Int64: Pending] = [:]
    /// Lookups and REGISTERs whose tasks have not ended, given up or not.
    var underWay = 0
    var flowWatch: Task<Void, Never>?

    var occurrenceListeners = Listeners<Occurrence>()
    var eventListeners = Listeners<Event>()
    var statusListeners = Listeners<Status>()
    var stops: [CheckedContinuation<Void, Never>] = []
    var wakes: [Int: Wake] = [:]
    var wakesBegun = 0

    /// - Parameters:
    ///   - config: What to register, and how.
    ///   - seed: This device's own, 0 to 2^53 - 1 (rule 2.6); drawn by chance if nil.
    ///   - resolver: Looks names up.
    ///   - registrar: Sends REGISTERs.
    ///   - store: Where the snapshot outlives this process; nil: nowhere.
    ///   - clock: The system's, or that of a test.
    /// - Throws: `RehomeError.Config` for a configuration that cannot be used, `RehomeError.InvalidInput` for such a seed.
    public init(
        config: Config, seed: Int64? = nil, resolver: any Resolver, registrar: any Registrar,
        store: (any SnapshotStore)? = nil, clock: any DriverClock = SystemClock()
    ) throws {
        let seed = seed ?? Int64.random(in: Self.seeds)
        guard Self.seeds.contains(seed) else {
            throw RehomeError.InvalidInput(
                message: "seed: \(seed) cannot be used: use 0 to \(Self.seeds.upperBound), or nil for one by chance")
        }
        _ = try Registration(config: config, seed: seed)
        self.config = config
        self.seed = seed
        self.resolver = resolver
        self.registrar = registrar
        self.store = store
        self.clock = clock
        log = ScenarioLog(config: config, seed: seed)
    }

    deinit {
        timer?.cancel()
        flowWatch?.cancel()
    }

    // MARK: What the application tells

    /// Begins to register, or goes on from the snapshot that was kept. While registered it ends a wait, nothing more
    /// (rule 6.1).
    public func start() {
        if begin() { return }
        hand(.start)
    }

    /// Unregisters (rule 6.8), also what the process before has left in the store, and forgets the snapshot. Returns when
    /// that is done, after some 6 s at most, or when `close` is called.
    public func stop() async {
        guard !isClosed else { return }
        let isThere = registration != nil || restore()
        forget()
        guard isThere else { return }
        hand(.stop)
        if isClosed || status.state == .stopped { return }
        await withCheckedContinuation { stops.append($0) }
    }

    /// A new agent login session began: back to the primary (rule 6.3). Begins to register if that is not begun.
    public func agentLogin() {
        begin()
        hand(.agentLogin)
    }

    /// Somebody asked for the primary; nothing if registering is not begun (rule 6.4).
    public func tryPrimary() {
        hand(.tryPrimary)
    }

    /// A call is up: nothing is moved (rule 6.6).
    public func busy() {
        isBusy = true
        hand(.busy)
    }

    /// The last call has ended.
    public func idle() {
        isBusy = false
        hand(.idle)
    }

    /// The device has no network any more (rule 3.7).
    public func networkDown() {
        isOnline = false
        hand(.networkDown)
    }

    /// The device has a network again, or another one (rule 4.6).
    public func networkChanged() {
        isOnline = true
        hand(.networkChanged)
    }

    /// The app is in the foreground again, or the device awake (rule 4.6). A suspension of more than 5 s is noticed
    /// without this, at the next timer or call.
    public func resumed() {
        hand(.resumed)
    }

    /// A connection was lost (rule 4.6); the registrar's `lostFlows` do the same.
    public func flowLost(_ target: Target) {
        hand(.flowLost(target: target.id))
    }

    /// Where the application owns the refreshes: what one of them came to (rule 5.2).
    public func refreshed(_ outcome: Outcome) {
        hand(.refreshed(outcome: outcome))
    }

    /// Another configuration, the whole of it (rule 6.9).
    ///
    /// - Throws: `RehomeError.Config` where it cannot be used; then nothing has changed.
    public func configure(_ config: Config) throws {
        try checkConfig(config: config)
        self.config = config
        hand(.configure(config: slackened))
    }

    /// How late timers may be from now on, in milliseconds (rule 5.2): more than 0 for an app in the background, 0 for one
    /// in the foreground. The configuration's own `refresh.timerSlackMs` is the least.
    ///
    /// - Throws: `RehomeError.Config` for a value that cannot be used; then nothing has changed.
    public func timerSlack(_ ms: Int64) throws {
        let before = slackened
        var config = config
        config.refresh.timerSlackMs = ms
        try checkConfig(config: config)
        slackMs = ms
        if slackened != before { hand(.configure(config: slackened)) }
    }

    // MARK: What it says

    /// What can be said now (rule 7.3).
    public var status: Status {
        registration?.status(nowMs: clock.nowMs()) ?? .nothingYet
    }

    /// The clock on which all times are.
    public nonisolated var nowMs: Int64 { clock.nowMs() }

    /// What the policy decides from now on. Ends with `close`; one asked for after that ends at once.
    public func events() -> AsyncStream<Event> {
        eventListeners.stream(.unbounded)
    }

    /// The status, now and whenever it has changed; who reads late gets the last one. Ends with `close`.
    public func statuses() -> AsyncStream<Status> {
        statusListeners.stream(.bufferingNewest(1), first: status)
    }

    /// Everything that happens from now on, for a log. Ends with `close`.
    public func occurrences() -> AsyncStream<Occurrence> {
        occurrenceListeners.stream(.unbounded)
    }

    /// The last 500 inputs and what came of them, for support.
    public func exportScenario() -> ExportedScenario {
        log.exported(wallMs: clock.wallMs())
    }

    /// Ends this driver without unregistering: the next process goes on from the snapshot. Calls after this do nothing.
    public func close() async {
        guard !isClosed else { return }
        save()
        isClosed = true
        timer?.cancel()
        flowWatch?.cancel()
        abandonWork()
        registration = nil
        tellStopped()
        endWakes(.notYet)
        occurrenceListeners.finish()
        eventListeners.finish()
        statusListeners.finish()
        await registrar.close()
    }
}

extension Status {
    /// Before the first start.
    static var nothingYet: Status {
        Status(
            state: .stopped, home: nil, primary: false, why: nil, streak: 0, expiresAtMs: nil, plan: [], wakeMs: nil,
            wakeFor: nil, trying: nil, failedRounds: 0)
    }
}
