import Foundation
import SampleRegistrar
import XCTest

@testable import Rehome

/// A phone of its own user in the lab.
private struct LabPhone {
    let lab: Lab
    let user = "swift-\(UInt32.random(in: 0 ... .max))"
    let registrar: SampleRegistrar
    let driver: RegistrationDriver

    init(_ transport: String, _ lab: Lab) async throws {
        self.lab = lab
        var config = Config(srvRecord: "_sip._\(transport).example.test")
        config.order.selection = .highestWeight
        config.rollover.attemptTimeoutMs = 1000
        config.rollover.retryIntervalMs = 1000
        config.rollover.failuresBeforeRollover = 1
        config.rollover.recoverySpreadMs = 0
        config.refresh.expires = 60
        config.refresh.intervalMs = 5000
        let resolver = try UDPResolver(servers: [lab.dns])
        registrar = SampleRegistrar(account: Account(user: user, password: "secret"), resolver: resolver)
        driver = try RegistrationDriver(config: config, seed: 1, resolver: resolver, registrar: registrar)
    }

    /// Waits for an event of that name, 30 s at most.
    func wait(_ events: AsyncStream<Event>, for name: String) async throws {
        let watchdog = Task { [driver] in
            try await Task.sleep(for: .seconds(30))
            await driver.close()
        }
        defer { watchdog.cancel() }
        for await event in events where "\(event.kind)".prefix(while: { $0 != "(" }) == name { return }
        throw Lab.Trouble(description: "\(name) was waited for in vain")
    }
}

final class RegistrarTests: XCTestCase {
    func testMovesToTheOtherDataCentreAndHomeOverUDP() async throws {
        try await story("udp")
    }

    func testMovesToTheOtherDataCentreAndHomeOverTCP() async throws {
        try await story("tcp")
    }

    private func story(_ transport: String) async throws {
        let phone = try await LabPhone(transport, Lab.find())
        let (lab, user, driver) = (phone.lab, phone.user, phone.driver)
        let events = await driver.events()
        await driver.start()
        try await phone.wait(events, for: "registered")
        var bindings = try await lab.bindings(user)
        XCTAssertEqual(bindings.count, 1)
        XCTAssertTrue(bindings[0].hasPrefix("dc1-") && bindings[0].hasSuffix(transport), "\(bindings)")

        try await lab.fault("datacentres/1/fault/\(user)", #"{"kind":"silent"}"#)
        // Foreground again: the binding is checked at once, and found gone.
        await driver.resumed()
        try await phone.wait(events, for: "registered")
        bindings = try await lab.bindings(user)
        XCTAssertTrue(bindings.contains { $0.hasPrefix("dc2-") }, "\(bindings)")
        let away = await driver.status.home?.host
        XCTAssertTrue(away?.hasPrefix("dc2-") == true, "\(away ?? "nowhere")")

        try await lab.fault("datacentres/1/fault/\(user)", nil)
        await driver.agentLogin()
        try await phone.wait(events, for: "unregistered")
        bindings = try await lab.bindings(user)
        XCTAssertEqual(bindings.count, 1)
        XCTAssertTrue(bindings[0].hasPrefix("dc1-"), "\(bindings)")

        await driver.stop()
        bindings = try await lab.bindings(user)
        XCTAssertEqual(bindings, [])
        let exported = await driver.exportScenario()
        XCTAssertTrue(exported.complete)
        await driver.close()
    }

    func testALostConnectionIsTold() async throws {
        let phone = try await LabPhone("tcp", Lab.find())
        let events = await phone.driver.events()
        await phone.driver.start()
        try await phone.wait(events, for: "registered")
        try await phone.lab.fault("datacentres/1/fault/\(phone.user)", #"{"kind":"refuse"}"#)
        try await phone.wait(events, for: "flowLost")
        await phone.driver.close()
        try await phone.lab.fault("datacentres/1/fault/\(phone.user)", nil)
    }

    func testAnAnswerThatComesTooLateIsHandedIn() async throws {
        let phone = try await LabPhone("udp", Lab.find())
        let events = await phone.driver.events()
        // Digest waits twice: longer than an attempt may take, 1 s, shorter than 32 s.
        try await phone.lab.fault("datacentres/1/fault/\(phone.user)", #"{"kind":"slow","ms":2000}"#)
        await phone.driver.start()
        try await phone.wait(events, for: "lateUnregistered")
        await phone.driver.close()
        try await phone.lab.fault("datacentres/1/fault/\(phone.user)", nil)
    }

    func testAfterANetworkChangeItRegistersTheSameContactFromANewConnection() async throws {
        let lab = try await Lab.find()
        let phone = try await LabPhone("tcp", lab)
        let events = await phone.driver.events()
        await phone.driver.start()
        try await phone.wait(events, for: "registered")
        let before = try await lab.contact(phone.user)
        await phone.registrar.dropFlows()
        await phone.driver.networkChanged()
        try await phone.wait(events, for: "refreshed")
        let after = try await lab.contact(phone.user)
        XCTAssertEqual(before.uri, after.uri)
        XCTAssertNotEqual(before.source, after.source)
        await phone.driver.close()
    }

    func testWithoutDNSHomeIsRefreshedOnItsConnectionAndAtItsLastAddress() async throws {
        let phone = try await LabPhone("udp", Lab.find())
        let events = await phone.driver.events()
        await phone.driver.start()
        try await phone.wait(events, for: "registered")
        let host = await phone.driver.status.home?.host ?? ""
        try await phone.lab.fault("dns/fault", #"{"name":"\#(host)","kind":"silent"}"#)
        await phone.driver.resumed()
        try await phone.wait(events, for: "refreshed")
        await phone.registrar.dropFlows()
        await phone.driver.stop()
        let bindings = try await phone.lab.bindings(phone.user)
        XCTAssertEqual(bindings, [])
        await phone.driver.close()
        try await phone.lab.mendDNS(host)
    }

    func testAConnectIsGivenUpAtOnce() async throws {
        let deaf = try DeafServer()
        let address = try XCTUnwrap(SocketAddress("127.0.0.1", port: deaf.port))
        // As many as it lets in: the next one waits for good.
        let interrupt = try Interrupt()
        let guests = try (0..<8).map { _ in try PollingSocket(streaming, to: address, interrupt) }
        let registrar = SampleRegistrar(
            account: Account(user: "swift", password: "secret"),
            resolver: try UDPResolver(servers: [DNSServer("127.0.0.1")]))
        let target = Target(
            id: 1, host: "127.0.0.1", port: deaf.port, transport: .tcp, tlsName: "a", priority: 0, weight: 0,
            site: nil)
        let request = RegisterRequest(id: 1, target: target, address: nil, binding: 1, attempt: 1, expires: 60)
        let began = ContinuousClock.now
        let attempt = Task { await registrar.register(request) }
        try await Task.sleep(for: .milliseconds(300))
        attempt.cancel()
        let outcome = await attempt.value
        XCTAssertEqual(outcome, .unreachable(cause: .timeout))
        // Not after a connect's own patience, 32 s.
        XCTAssertLessThan(began.duration(to: .now), .seconds(20))
        XCTAssertEqual(guests.count, 8)
    }

    func testAPushWakeIsConfirmedByTheRegistrar() async throws {
        let phone = try await LabPhone("udp", Lab.find())
        let result = await phone.driver.pushWake(budgetMs: 10_000)
        guard case .registered(let home) = result else { return XCTFail("\(result)") }
        let bindings = try await phone.lab.bindings(phone.user)
        XCTAssertEqual(bindings, [home.host.prefix { $0 != "." } + " udp"])
        await phone.driver.stop()
        await phone.driver.close()
    }
}
