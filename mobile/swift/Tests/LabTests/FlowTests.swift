import Foundation
import XCTest

@testable import Rehome
@testable import SampleRegistrar

/// A link that keeps what is sent; what is heard comes from the test.
private final class FakeLink: Link, @unchecked Sendable {
    let local = "127.0.0.1:5070"
    let heard: AsyncStream<Heard>
    let tell: AsyncStream<Heard>.Continuation
    private let lock = NSLock()
    private var messages: [String] = []
    private var isClosed = false

    init() { (heard, tell) = AsyncStream.makeStream() }

    var sent: [String] { lock.withLock { messages } }
    var closed: Bool { lock.withLock { isClosed } }

    func send(_ data: Data) {
        lock.withLock { messages.append(String(decoding: data, as: UTF8.self)) }
    }

    func close() {
        lock.withLock { isClosed = true }
        tell.finish()
    }
}

/// Waits a minute at most.
private func until(_ what: String, _ holds: () async -> Bool) async throws {
    let end = ContinuousClock.now.advanced(by: .seconds(60))
    while await !holds() {
        if ContinuousClock.now > end { throw Lab.Trouble(description: "in vain it was waited until \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Connections and attempts of the sample, without a network.
final class FlowTests: XCTestCase {
    func testRule31cTwoChallengesAtMostAndTheSecondOnlyIfStale() throws {
        func challenged(stale: Bool) throws -> Reply {
            let head = "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
            let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", stale=\(stale)\r\n\r\n"
            return try XCTUnwrap(Reply(Data((head + challenge).utf8)))
        }
        func answered(_ stale: Bool...) throws -> [Bool] {
            var challenges = Challenges()
            return try stale.map { challenges.toAnswer(in: try challenged(stale: $0)) != nil }
        }
        XCTAssertEqual(try answered(false, false), [true, false])
        XCTAssertEqual(try answered(false, true, true), [true, true, false])
        XCTAssertEqual(try answered(true, true, false), [true, true, false])
        let refused = Outcome.status(code: 401, retryAfter: nil, minExpires: nil)
        XCTAssertEqual(try challenged(stale: true).outcome(contactUser: "a"), refused)
    }

    func testAnAnswerThatNobodyWaitsForAnyMoreIsHeard() async throws {
        let link = FakeLink()
        let flow = Flow(link, isReliable: false, keepAlive: nil) { _ in }
        let exchange = Task {
            // Given up at once: it is sent once, and not repeated after T1 (500 ms).
            await flow.exchange(branch: "z9hG4bK1", Data("REGISTER".utf8)) { true }
        }
        try await until("it is sent") { link.sent.count == 1 }
        try await Task.sleep(for: .milliseconds(700))
        link.tell.yield(.data(Data("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n\r\n".utf8)))
        guard case .success(let reply) = await exchange.value else { return XCTFail("not heard") }
        XCTAssertEqual(reply.code, 200)
        XCTAssertEqual(link.sent, ["REGISTER"])
    }

    func testAConnectionIsKeptAliveAsLongAsItAnswers() async throws {
        let link = FakeLink()
        let (lost, tell) = AsyncStream.makeStream(of: Void.self)
        let flow = Flow(link, isReliable: true, keepAlive: .milliseconds(10), pong: .milliseconds(500)) { _ in
            tell.finish()
        }
        for count in 1...20 {
            try await until("ping \(count) is sent") { link.sent.count >= count }
            link.tell.yield(.data(Data("\r\n".utf8)))
        }
        let isGood = await flow.isGood
        XCTAssertTrue(isGood)
        XCTAssertEqual(Set(link.sent), ["\r\n\r\n"])
        // Now it falls silent.
        for await _ in lost {}
        XCTAssertTrue(link.closed)
        let isStillGood = await flow.isGood
        XCTAssertFalse(isStillGood)
    }

    func testADoubtfulConnectionIsGoodAgainOnceItSpeaks() async throws {
        let link = FakeLink()
        let flow = Flow(link, isReliable: true, keepAlive: nil) { _ in }
        await flow.doubt()
        let isGood = await flow.isGood
        XCTAssertFalse(isGood)
        link.tell.yield(.data(Data("\r\n".utf8)))
        try await until("it is good") { await flow.isGood }
        link.tell.finish()
        try await until("it has ended") { await !flow.isGood }
    }
}
