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
        await until("the lost flow is heard of") { await world.driver.status.state == .unconfirmed }
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

    func testAStoreThatCannotBeReadNowIsKeptForLater() async throws {
        let store = FakeStore()
        let before = try await World(store: store)
        try await before.registered()
        await before.driver.close()
        store.isLocked.with { $0 = true }
        let locked = try await World(store: store, after: before)
        try await locked.registered()
        let notices = await locked.notices()
        XCTAssertEqual(notices.count { $0.hasPrefix("snapshotRefused") }, 1, "\(notices)")
        store.isLocked.with { $0 = false }
        let after = try await World(store: store, after: before)
        await after.driver.start()
        await after.pass(2000)
        let restored = await after.notices()
        XCTAssertEqual(restored, ["restored(ageMs: 0)"])
    }

    func testACallOrTheWishForThePrimaryBeginsNothing() async throws {
        let store = FakeStore()
        let before = try await World(store: store)
        try await before.registered()
        await before.driver.close()
        let world = try await World(store: store, after: before)
        await world.driver.busy()
        await world.driver.tryPrimary()
        await world.pass(60_000)
        XCTAssertEqual(world.registrar.said, [])
        // Once it begins, the call is heard of first: nobody moves home while it is up.
        await world.driver.agentLogin()
        await world.pass(2000)
        let inputs = await world.inputs()
        XCTAssertEqual(inputs.prefix(3), ["busy", "wake", "agentLogin"])
        try await world.replays()
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
}

extension RegistrationDriver {
    /// As if the app had been suspended and no timer had rung yet.
    func pretendLate() {
        dueMs = clock.nowMs() - 6000
    }
}
