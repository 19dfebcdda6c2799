import Foundation
import XCTest

@testable import Rehome

final class LifeCycleTests: XCTestCase {
    func testOfflinePausesAndANetworkGoesOn() async throws {
        let world = try await World()
        try await world.registered()
        await world.driver.networkDown()
        var state = await world.driver.status.state
        XCTAssertEqual(state, .offline)
        await world.pass(60_000)
        await world.driver.networkChanged()
        await world.pass(2000)
        state = await world.driver.status.state
        XCTAssertEqual(state, .registered)
        XCTAssertEqual(world.registrar.said, ["register a", "register a"])
        try await world.replays()
    }

    func testADriverThatBeginsWithoutNetworkWaits() async throws {
        let world = try await World()
        await world.driver.networkDown()
        await world.driver.start()
        await world.pass(10_000)
        var state = await world.driver.status.state
        XCTAssertEqual(state, .offline)
        XCTAssertEqual(world.resolver.desk.requests.with { $0.count }, 0)
        await world.driver.networkChanged()
        await world.pass(2000)
        state = await world.driver.status.state
        XCTAssertEqual(state, .registered)
        try await world.replays()
    }

    func testALostFlowIsHandedInAndOneOfAnUnknownTargetIsTold() async throws {
        let world = try await World()
        try await world.registered()
        guard var target = await world.driver.status.home else { return XCTFail("no home") }
        world.registrar.loses.yield(target)
        while await world.driver.status.state != .unconfirmed { await Task.yield() }
        target.id = 99
        await world.driver.flowLost(target)
        let notices = await world.notices()
        XCTAssertTrue(notices.last?.contains("UnknownTarget") == true, "\(notices)")
        try await world.replays()
    }

    func testASuspensionIsNoticedByTheLateTimer() async throws {
        let world = try await World()
        try await world.registered()
        await world.suspended(60_000)
        await world.pass(2000)
        let (notices, events) = (await world.notices(), await world.events())
        XCTAssertEqual(notices, ["slept"])
        XCTAssertEqual(events.suffix(2), ["resumed", "refreshed"])
        XCTAssertEqual(world.registrar.said, ["register a", "register a"])
        try await world.replays()
    }

    func testWhateverComesFirstAfterASleepResumedGoesBeforeIt() async throws {
        let world = try await World()
        try await world.registered()
        guard let home = await world.driver.status.home else { return XCTFail("no home") }
        await world.driver.pretendLate()
        await world.driver.flowLost(home)
        let events = await world.events()
        XCTAssertEqual(events.suffix(2), ["resumed", "flowLost"])
        try await world.replays()
    }

    func testTheNextProcessGoesOnAtHome() async throws {
        let store = FakeStore()
        let before = try await World(store: store)
        try await before.registered()
        await before.pass(100_000)
        await before.driver.close()
        let after = try await World(seed: 8, store: store, after: before, awayMs: 3000)
        await after.driver.start()
        await after.pass(2000)
        let (events, notices) = (await after.events(), await after.notices())
        XCTAssertEqual(notices, ["restored(ageMs: 3000)"])
        XCTAssertEqual(events.last, "refreshed")
        XCTAssertFalse(events.contains("started"))
        XCTAssertEqual(after.resolver.desk.requests.with { $0.count }, 0)
        await after.driver.tryPrimary()
        await after.pass(2000)
        try await after.replays()
        let exported = await after.driver.exportScenario().json
        XCTAssertTrue(exported.contains("snapshotRestore"))
        await after.driver.stop()
        XCTAssertNil(store.kept.with { $0.data })
    }

    func testWithOtherSettingsItIsARestartThatReplays() async throws {
        let store = FakeStore()
        let before = try await World(store: store)
        try await before.registered()
        await before.driver.close()
        var config = World.config
        config.refresh.expires = 1200
        let after = try await World(config: config, store: store, after: before)
        await after.driver.start()
        await after.pass(5000)
        let state = await after.driver.status.state
        XCTAssertEqual(state, .registered)
        try await after.replays()
    }

    func testADamagedOrForeignSnapshotIsAFreshStart() async throws {
        let good = FakeStore()
        let first = try await World(store: good)
        try await first.registered()
        await first.driver.close()
        let text = String(decoding: good.kept.with { $0.data } ?? Data(), as: UTF8.self)
        let snapshot = try XCTUnwrap(try JSON(text: text)["snapshot"]?.string)
        let cut = text.replacingOccurrences(of: snapshot, with: String(snapshot.prefix(40)))
        for damaged in ["{", "null", "{}", "{\"v\":2}", cut] {
            let store = FakeStore()
            try store.save(Data(damaged.utf8))
            let world = try await World(store: store)
            try await world.registered()
            let (notices, events) = (await world.notices(), await world.events())
            XCTAssertTrue(notices.first?.hasPrefix("snapshotRefused") == true, "\(damaged): \(notices)")
            XCTAssertEqual(events.first, "started")
            try await world.replays()
        }
    }

    func testWhereThereIsLittleRoomTheLogIsLeftOut() async throws {
        let store = FakeStore()
        store.kept.with { $0.room = 1500 }
        let world = try await World(store: store)
        try await world.registered()
        XCTAssertNotNil(store.kept.with { $0.data })
        var notices = await world.notices()
        XCTAssertEqual(notices, [])
        store.kept.with { $0.room = 10 }
        await world.driver.save()
        notices = await world.notices()
        XCTAssertTrue(notices.first?.hasPrefix("notSaved") == true, "\(notices)")
        store.kept.with { $0.room = 1500 }
        await world.driver.save()
        await world.driver.close()
        let after = try await World(store: store)
        await after.driver.start()
        await after.pass(2000)
        let complete = await after.driver.exportScenario().complete
        XCTAssertFalse(complete)
    }

    func testAFileKeepsASnapshot() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "rehome-\(UUID().uuidString)")
        let store = FileSnapshotStore(url: url)
        XCTAssertNil(try store.load())
        try store.save(Data([1, 2]))
        XCTAssertEqual(try store.load(), Data([1, 2]))
        try store.remove()
        try store.remove()
        XCTAssertNil(try store.load())
    }

    func testAPushWakeReturnsWhenARegistrarHasConfirmed() async throws {
        let world = try await World()
        try await world.registered()
        await world.suspended(3000)
        world.registrar.hosts.with { $0 = [:] }
        let woken = Task { await world.driver.pushWake(budgetMs: 20_000) }
        while world.registrar.said.count < 2 {
            await world.pass()
            world.clock.move(to: world.clock.nowMs() + 100)
        }
        world.registrar.desk.reply(1, .success(.accepted(expires: 600)))
        let result = await woken.value
        guard case .registered(let home) = result else { return XCTFail("\(result)") }
        XCTAssertEqual(home.host, "a.example.test")
        try await world.replays()
    }

    func testAPushWakeEndsWithItsTime() async throws {
        let world = try await World()
        world.registrar.hosts.with { $0 = [:] }
        let woken = Task { await world.driver.pushWake(budgetMs: 8000) }
        while world.registrar.said.isEmpty { await world.pass() }
        await world.pass(8000)
        let result = await woken.value
        guard case .notYet(let status) = result else { return XCTFail("\(result)") }
        XCTAssertEqual(status.state, .registering)
        XCTAssertEqual(world.clock.nowMs(), 8000)
        try await world.replays()
    }
}

extension RegistrationDriver {
    /// As if the app had been suspended and no timer had rung yet.
    func pretendLate() {
        dueMs = clock.nowMs() - 6000
    }
}
