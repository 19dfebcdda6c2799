import Rehome
import XCTest

final class ResolverTests: XCTestCase {
    private let record = "_sip._udp.example.test"

    func testAnswersOfAllKinds() async throws {
        let resolver = try UDPResolver(servers: [try await Lab.find().dns])
        let srv = try await resolver.lookup(name: record, kind: .srv, timeoutMs: 5000)
        guard case .srv(let records, let ttl) = srv else { return XCTFail("\(srv)") }
        XCTAssertEqual(records.count, 4)
        XCTAssertEqual(Set(records.map(\.priority)), [10, 200])
        XCTAssertGreaterThan(ttl, 0)
        let address = try await resolver.lookup(name: records[0].target, kind: .a, timeoutMs: 5000)
        guard case .addresses(let addresses, _) = address else { return XCTFail("\(address)") }
        XCTAssertEqual(addresses.count, 1)
        let none = try await resolver.lookup(name: "_sip._udp.missing.odd.example.test", kind: .srv, timeoutMs: 5000)
        guard case .noName = none else { return XCTFail("\(none)") }
        let empty = try await resolver.lookup(name: "_sip._udp.empty.odd.example.test", kind: .srv, timeoutMs: 5000)
        guard case .noData = empty else { return XCTFail("\(empty)") }
        let wrong = try await resolver.lookup(name: "a..b", kind: .srv, timeoutMs: 5000)
        XCTAssertEqual(wrong, .failed(cause: .other))
    }

    func testAnAnswerThatDoesNotFitComesOverTCP() async throws {
        let lab = try await Lab.find()
        let name = "_sip._tcp.sbc.example.test"
        try await lab.fault("dns/fault", #"{"name":"\#(name)","kind":"truncate"}"#)
        let resolver = try UDPResolver(servers: [lab.dns])
        let answer = try await resolver.lookup(name: name, kind: .srv, timeoutMs: 5000)
        guard case .srv(let records, _) = answer else { return XCTFail("\(answer)") }
        XCTAssertEqual(records.count, 2)
    }

    func testAServerThatDoesNotKnowIsFollowedByTheNext() async throws {
        let dns = try await Lab.find().dns
        // Nobody listens there.
        let closed = try DNSServer("127.0.0.1", port: 9)
        let resolver = try UDPResolver(servers: [closed, dns])
        let answer = try await resolver.lookup(name: record, kind: .srv, timeoutMs: 5000)
        guard case .srv = answer else { return XCTFail("\(answer)") }
        let alone = try UDPResolver(servers: [closed])
        let failure = try await alone.lookup(name: record, kind: .srv, timeoutMs: 5000)
        XCTAssertEqual(failure, .failed(cause: .network))
    }

    func testAServerThatIsSilentOverTCPIsFollowedByTheNext() async throws {
        let deaf = try DeafServer(truncates: true)
        let resolver = try UDPResolver(servers: [DNSServer("127.0.0.1", port: deaf.port), try await Lab.find().dns])
        let answer = try await resolver.lookup(name: record, kind: .srv, timeoutMs: 20_000)
        guard case .srv = answer else { return XCTFail("\(answer)") }
    }

    func testSilenceIsATimeOutAndACancelledLookupEndsAtOnce() async throws {
        let lab = try await Lab.find()
        let name = "_sip._ws.example.test"
        try await lab.fault("dns/fault", #"{"name":"\#(name)","kind":"silent"}"#)
        let resolver = try UDPResolver(servers: [lab.dns])
        let silence = try await resolver.lookup(name: name, kind: .srv, timeoutMs: 300)
        XCTAssertEqual(silence, .failed(cause: .timeout))
        let began = ContinuousClock.now
        let long = Task { try await resolver.lookup(name: name, kind: .srv, timeoutMs: 60_000) }
        long.cancel()
        _ = try await long.value
        XCTAssertLessThan(began.duration(to: .now), .seconds(10))
    }

    func testWrongServersAreNamed() throws {
        XCTAssertThrowsError(try DNSServer("dns.example.com")) { error in
            XCTAssertTrue(error.localizedDescription.contains("dns.example.com"), error.localizedDescription)
        }
        XCTAssertThrowsError(try DNSServer("127.0.0.1", port: 0))
        XCTAssertThrowsError(try UDPResolver(servers: []))
        XCTAssertEqual(try DNSServer("::1").description, "[::1]:53")
    }
}
