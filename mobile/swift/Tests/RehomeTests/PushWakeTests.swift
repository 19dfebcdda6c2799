import XCTest

@testable import Rehome

final class PushWakeTests: XCTestCase {
    func testItReturnsWhenARegistrarHasConfirmed() async throws {
        let world = try await World()
        try await world.registered()
        await world.suspended(3000)
        world.registrar.hosts.with { $0 = [:] }
        let woken = world.woken(budgetMs: 20_000)
        await until("the REGISTER of the wake is sent") {
            await world.pass()
            world.clock.move(to: world.clock.nowMs() + 100)
            return world.registrar.said.count == 2
        }
        world.registrar.desk.reply(1, .success(.accepted(expires: 600)))
        await world.pass()
        guard case .registered(let home)? = woken.with({ $0 }) else { return XCTFail("not registered") }
        XCTAssertEqual(home.host, "a.example.test")
        try await world.replays()
    }

    func testItEndsWithItsTime() async throws {
        let world = try await World()
        world.registrar.hosts.with { $0 = [:] }
        let woken = world.woken(budgetMs: 8000)
        await until("a REGISTER is sent") {
            await world.pass()
            return !world.registrar.said.isEmpty
        }
        await world.pass(7999)
        XCTAssertNil(woken.with { $0 })
        await world.pass(1)
        await until("the wake is over") { woken.with { $0 != nil } }
        guard case .notYet(let status)? = woken.with({ $0 }) else { return XCTFail("not in vain") }
        XCTAssertEqual(status.state, .registering)
        try await world.replays()
    }

    func testItEndsAtOnceWhereNoMoreCanComeInItsTime() async throws {
        let world = try await World()
        let refusal = Outcome.status(code: 403, retryAfter: nil, minExpires: nil)
        world.registrar.hosts.with { $0 = ["a": refusal, "b": refusal] }
        await world.driver.start()
        await world.pass(1000)
        let before = await world.driver.status.state
        XCTAssertEqual(before, .rejected)
        let woken = world.woken(budgetMs: 20_000)
        // The most that a round is put off (rule 4.6).
        await world.pass(2000)
        guard case .notYet(let status)? = woken.with({ $0 }) else { return XCTFail("it waits on") }
        XCTAssertEqual(status.state, .rejected)
        try await world.replays()
    }

    func testAfterASignOutItRegistersNothing() async throws {
        let world = try await World()
        try await world.registered()
        await world.driver.stop()
        let woken = world.woken(budgetMs: 20_000)
        await world.pass(60_000)
        await until("the wake is over") { woken.with { $0 != nil } }
        XCTAssertEqual(woken.with { $0 }, .stopped)
        XCTAssertEqual(world.registrar.said, ["register a", "unregister a"])
        let state = await world.driver.status.state
        XCTAssertEqual(state, .stopped)
        try await world.replays()
    }

    func testDuringASignOutItDoesNotUndoIt() async throws {
        let world = try await World()
        try await world.registered()
        world.registrar.hosts.with { $0 = [:] }
        let stopped = world.stopped()
        await until("the unregister is sent") { world.registrar.said.count == 2 }
        let woken = world.woken(budgetMs: 60_000)
        // The time of an unregister (rule 6.8).
        await world.pass(4000)
        await until("stop and wake are over") { stopped.with { $0 } && woken.with { $0 != nil } }
        XCTAssertEqual(woken.with { $0 }, .stopped)
        await world.pass(60_000)
        XCTAssertEqual(world.registrar.said, ["register a", "unregister a"])
        try await world.replays()
    }

    func testASignOutEndsAWakeThatWaits() async throws {
        let world = try await World()
        world.registrar.hosts.with { $0 = [:] }
        let woken = world.woken(budgetMs: 60_000)
        await until("a REGISTER is sent") { world.registrar.said.count == 1 }
        let stopped = world.stopped()
        // An attempt's grace, and the time of an unregister (rule 6.8).
        await world.pass(6000)
        await until("stop and wake are over") { stopped.with { $0 } && woken.with { $0 != nil } }
        XCTAssertEqual(woken.with { $0 }, .stopped)
    }
}

final class StopTests: XCTestCase {
    func testItReturnsThoughAStartComesBeforeItIsDone() async throws {
        let world = try await World()
        try await world.registered()
        world.registrar.hosts.with { $0 = [:] }
        let stopped = world.stopped()
        await until("the unregister is sent") { world.registrar.said.count == 2 }
        await world.driver.start()
        await world.pass(4000)
        await until("stop returns") { stopped.with { $0 } }
        await world.pass(5000)
        let events = await world.events()
        XCTAssertTrue(events.contains("stopped"), "\(events)")
        XCTAssertEqual(world.registrar.said, ["register a", "unregister a", "register a"])
        try await world.replays()
    }

    func testInANewProcessItUnregistersWhatTheOneBeforeLeft() async throws {
        let store = FakeStore()
        let before = try await World(store: store)
        try await before.registered()
        await before.driver.close()
        let world = try await World(store: store, after: before)
        await world.driver.stop()
        XCTAssertEqual(world.registrar.said, ["unregister a"])
        XCTAssertNil(store.kept.with { $0.data })
        await world.pass(60_000)
        let state = await world.driver.status.state
        XCTAssertEqual(state, .stopped)
        XCTAssertEqual(world.registrar.said, ["unregister a"])
        try await world.replays()
    }

    func testWhereNothingIsKeptItIsDoneAtOnce() async throws {
        let world = try await World(store: FakeStore())
        await world.driver.stop()
        XCTAssertEqual(world.registrar.said, [])
        try await world.registered()
    }
}

extension World {
    /// What a push wake comes to; nil while it waits.
    fileprivate func woken(budgetMs: Int64) -> Locked<PushWake?> {
        let result = Locked<PushWake?>(nil)
        Task {
            let end = await driver.pushWake(budgetMs: budgetMs)
            result.with { $0 = end }
        }
        return result
    }

    /// Whether a stop has returned.
    fileprivate func stopped() -> Locked<Bool> {
        let result = Locked(false)
        Task {
            await driver.stop()
            result.with { $0 = true }
        }
        return result
    }
}
