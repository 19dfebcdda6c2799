import Foundation
import XCTest

@testable import Rehome

final class DriverTests: XCTestCase {
    func testLooksUpRegistersRefreshesAndUnregisters() async throws {
        let world = try await World()
        let before = await world.driver.status.state
        XCTAssertEqual(before, .stopped)
        try await world.registered()
        let asked = world.resolver.desk.requests.with { $0.map(\.question) }
        XCTAssertEqual(asked.map(\.name), [World.name])
        XCTAssertEqual(asked.first?.timeoutMs, 5000)
        var events = await world.events()
        XCTAssertEqual(events, ["started", "planChanged", "registered"])
        await world.pass(600_000)
        XCTAssertGreaterThanOrEqual(world.registrar.said.count { $0 == "register a" }, 2)
        events = await world.events()
        XCTAssertTrue(events.contains("refreshed"))
        XCTAssertFalse(events.contains("homeExpired"))
        XCTAssertFalse(events.contains("resumed"))
        await world.driver.stop()
        let state = await world.driver.status.state
        XCTAssertEqual(state, .stopped)
        XCTAssertEqual(world.registrar.said.last, "unregister a")
        await world.driver.stop()
        try await world.replays()
    }

    func testWhatIsGivenUpIsCancelledAndCountsFor32Seconds() async throws {
        var config = World.config
        config.rollover.failuresBeforeRollover = 1
        let world = try await World(config: config)
        world.registrar.hosts.with { $0 = [:] }
        await world.driver.start()
        await world.pass(9999)
        let desk = world.registrar.desk
        XCTAssertEqual(desk.requests.with { $0.map(\.isCancelled) }, [false])
        await world.pass(1)
        XCTAssertEqual(desk.requests.with { $0.map(\.isCancelled) }, [true, false])
        XCTAssertEqual(world.registrar.said, ["register a", "register b"])
        await world.pass(5000)
        desk.reply(0, .success(.accepted(expires: 600)))
        await world.pass()
        let events = await world.events()
        XCTAssertTrue(events.contains("lateSuccess"))
        let home = await world.driver.status.home?.host
        XCTAssertEqual(home, "a.example.test")
        XCTAssertEqual(desk.requests.with { $0[1].isCancelled }, true)
        await world.pass(32_001)
        desk.reply(1, .success(.accepted(expires: 600)))
        await world.pass()
        let notices = await world.notices()
        XCTAssertEqual(notices, ["lateDropped(id: \(desk.requests.with { $0[1].question.id }))"])
        try await world.replays()
    }

    func testWhatWasGivenUpMayEndInAnErrorUnheard() async throws {
        let world = try await World()
        world.registrar.hosts.with { $0 = [:] }
        await world.driver.start()
        await world.pass(10_000)
        world.registrar.desk.reply(0, .failure(CancellationError()))
        await world.pass()
        let notices = await world.notices()
        XCTAssertEqual(notices, [])
    }

    func testALookupThatIsReplacedIsCancelled() async throws {
        let world = try await World()
        world.resolver.answer.with { $0 = nil }
        await world.driver.start()
        await world.pass(10)
        await world.driver.networkChanged()
        await world.pass()
        XCTAssertEqual(world.resolver.desk.requests.with { $0.map(\.isCancelled) }, [true, false])
    }

    func testAResolverOrRegistrarThatThrowsIsAFailureWithACause() async throws {
        let world = try await World()
        world.resolver.answer.with { $0 = .failure(FakeFailure()) }
        await world.driver.start()
        await world.pass()
        var notices = await world.notices()
        XCTAssertEqual(notices.count, 1)
        XCTAssertTrue(notices[0].hasPrefix("resolverFailed(id: 1"), notices[0])
        var events = await world.events()
        XCTAssertEqual(events, ["started", "lookupFailed", "roundFailed"])

        world.resolver.answer.with {
            $0 = .success(.srv(records: [SrvRecord(priority: -1, weight: 0, port: 1, target: "a")], ttl: 1))
        }
        await world.driver.networkChanged()
        await world.pass()
        notices = await world.notices()
        XCTAssertTrue(notices.last?.contains("InvalidInput") == true, "\(notices)")
        events = await world.events()
        XCTAssertEqual(events.suffix(2), ["lookupFailed", "roundFailed"])

        world.resolver.answer.with { $0 = .success(World.records) }
        world.registrar.failing.with { $0 = true }
        await world.driver.networkChanged()
        // The most that the round is put off (rule 4.6).
        await world.pass(2000)
        notices = await world.notices()
        XCTAssertTrue(notices.last?.hasPrefix("registrarFailed") == true, "\(notices)")
        events = await world.events()
        XCTAssertEqual(events.last, "attemptFailed")

        world.registrar.failing.with { $0 = false }
        world.registrar.hosts.with { $0["a"] = .status(code: 183, retryAfter: nil, minExpires: nil) }
        await world.pass(5000)
        notices = await world.notices()
        XCTAssertTrue(notices.last?.contains("NotFinal") == true, "\(notices)")
        let streak = await world.driver.status.streak
        XCTAssertEqual(streak, 2)
        try await world.replays()
    }

    func testAnotherConfigurationAndOneThatCannotBe() async throws {
        let world = try await World()
        try await world.registered()
        var other = World.config
        other.refresh.expires = 1200
        try await world.driver.configure(other)
        var events = await world.events()
        XCTAssertEqual(events.last, "configured")
        other.rollover.failuresBeforeRollover = 0
        do {
            try await world.driver.configure(other)
            XCTFail("accepted")
        } catch let error as RehomeError {
            XCTAssertEqual(error.field, "rollover.failuresBeforeRollover")
        }
        events = await world.events()
        XCTAssertEqual(events.count, 4)
        try await world.replays()
    }

    func testTimerSlackGoesIntoTheConfiguration() async throws {
        let world = try await World()
        try await world.registered()
        try await world.driver.timerSlack(60_000)
        let set = await world.driver.registration?.config().refresh.timerSlackMs
        XCTAssertEqual(set, 60_000)
        // Later than 5 s, but not later than it was said to be.
        await world.suspended(15_000 + 64_000)
        var notices = await world.notices()
        XCTAssertEqual(notices, [])
        try await world.driver.timerSlack(0)
        await world.suspended(15_000 + 6000)
        notices = await world.notices()
        XCTAssertEqual(notices, ["slept"])
        await XCTAssertThrows { try await world.driver.timerSlack(-1) }
        try await world.replays()
    }

    func testTheConfigurationsOwnTimerSlackCountsToo() async throws {
        var config = World.config
        config.refresh.timerSlackMs = 60_000
        let world = try await World(config: config)
        try await world.registered()
        await world.suspended(15_000 + 64_000)
        var notices = await world.notices()
        XCTAssertEqual(notices, [])
        await world.suspended(15_000 + 66_000)
        notices = await world.notices()
        XCTAssertEqual(notices, ["slept"])
    }

    func testStreamsBeginNowAndEndWithTheDriver() async throws {
        let world = try await World()
        let events = await world.driver.events()
        let statuses = await world.driver.statuses()
        var first = statuses.makeAsyncIterator()
        let begin = await first.next()
        XCTAssertEqual(begin?.state, .stopped)
        try await world.registered()
        let now = await first.next()
        XCTAssertEqual(now?.state, .registered)
        await world.driver.close()
        var rules: [String] = []
        for await event in events { rules.append(event.rule) }
        XCTAssertEqual(rules, ["1.1", "2.5", "3.3"])
        let end = await first.next()
        XCTAssertNil(end)
        // Asked for too late, they end at once.
        for await event in await world.driver.events() { XCTFail("\(event)") }
        for await occurrence in await world.driver.occurrences() { XCTFail("\(occurrence)") }
        var late: [RegistrationState] = []
        for await status in await world.driver.statuses() { late.append(status.state) }
        XCTAssertEqual(late, [.stopped])
        XCTAssertEqual(world.registrar.closed.with { $0 }, 1)
        await world.driver.start()
        await world.driver.stop()
        XCTAssertEqual(world.registrar.said, ["register a"])
    }

    func testANewReaderOfTheStatusIsNoneOfTheOthersConcern() async throws {
        let world = try await World()
        let statuses = await world.driver.statuses()
        var first = statuses.makeAsyncIterator()
        let begin = await first.next()
        XCTAssertEqual(begin?.state, .stopped)
        _ = await world.driver.statuses()
        await world.driver.close()
        let end = await first.next()
        XCTAssertNil(end)
    }

    func testTheExportOfALongSessionIsForReading() async throws {
        let world = try await World()
        try await world.registered()
        for _ in 0..<300 {
            await world.driver.busy()
            await world.driver.idle()
        }
        let exported = await world.driver.exportScenario()
        XCTAssertFalse(exported.complete)
        let json = try JSON(text: exported.json)
        XCTAssertEqual(json["steps"]?.array?.count, 500)
        XCTAssertTrue(json["description"]?.string?.contains("does not replay") == true)
    }
}

func XCTAssertThrows(
    file: StaticString = #filePath, line: UInt = #line, _ body: () async throws -> Void
) async {
    do {
        try await body()
        XCTFail("no error", file: file, line: line)
    } catch {}
}
