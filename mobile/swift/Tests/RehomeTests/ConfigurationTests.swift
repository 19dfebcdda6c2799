import XCTest

@testable import Rehome

final class ConfigurationTests: XCTestCase {
    /// What the core itself writes, in full, against the initialisers of Swift.
    func testTheDefaultsAreTheCoresFieldByField() throws {
        let config = Config()
        XCTAssertEqual(config, try preset(name: "default"))
        XCTAssertEqual(config, try configFromJson(json: "{}"))
        XCTAssertEqual(config.lookup, try preset(name: "default").lookup)
        let core = try fields(preset(name: "default"))
        let own = try fields(config)
        XCTAssertEqual(own, core)
        XCTAssertGreaterThanOrEqual(core.count, 29)
        XCTAssertEqual(core["rollover.failuresBeforeRollover"], .int(Int64(config.rollover.failuresBeforeRollover)))
        XCTAssertEqual(core["rollover.attemptTimeoutMs"], .int(config.rollover.attemptTimeoutMs))
        XCTAssertEqual(core["refresh.expires"], .int(config.refresh.expires))
        XCTAssertEqual(core["failback.holdOffMs"], .int(config.failback.holdOffMs))
        XCTAssertEqual(core["order.maxTargets"], .int(Int64(config.order.maxTargets)))
    }

    func testEachPresetDiffersFromTheDefaultWhereItSays() throws {
        XCTAssertEqual(presetNames(), ["default", "xima", "tpi", "genesys", "broadworks", "rfc3263"])
        let base = try fields(Config())
        for name in presetNames() {
            let own = try fields(preset(name: name))
            let differing = Set(own.keys.filter { own[$0] != base[$0] })
            let said = try presetDifferences(name: name)
            XCTAssertEqual(Set(said.map(\.field)), differing, name)
            for difference in said { XCTAssertFalse(difference.source.isEmpty, "\(name) \(difference.field)") }
            XCTAssertEqual(try configFromJson(json: "{}", preset: name), try preset(name: name))
        }
    }

    func testWrongConfigurationsNameFieldValueAndRemedy() {
        var config = Config(srvRecord: "_sip._udp.example.com")
        config.rollover.failuresBeforeRollover = 0
        XCTAssertThrowsError(try Registration(config: config, seed: 1)) { error in
            XCTAssertEqual(
                error.localizedDescription, "rollover.failuresBeforeRollover: 0 cannot be used: use 1 to 20")
            XCTAssertEqual((error as? RehomeError)?.field, "rollover.failuresBeforeRollover")
        }
        XCTAssertThrowsError(try configFromJson(json: "{\"rollover\":{\"failures\":3}}")) { error in
            XCTAssertTrue(error.localizedDescription.contains("failures"), error.localizedDescription)
        }
        XCTAssertThrowsError(try preset(name: "tpy")) { error in
            XCTAssertTrue(error.localizedDescription.contains("tpy"), error.localizedDescription)
            XCTAssertTrue(error.localizedDescription.contains("xima"), error.localizedDescription)
            XCTAssertNil((error as? RehomeError)?.field)
        }
        XCTAssertThrowsError(
            try RegistrationDriver(
                config: Config(), seed: -1, resolver: FakeResolver(), registrar: FakeRegistrar(), clock: FakeClock()))
    }

    /// All settings, by their paths.
    private func fields(_ config: Config) throws -> [String: JSON] {
        var found: [String: JSON] = [:]
        func walk(_ json: JSON, _ path: String) {
            guard case .object(let fields) = json else {
                found[path] = json
                return
            }
            for (key, value) in fields { walk(value, path.isEmpty ? key : "\(path).\(key)") }
        }
        walk(try JSON(text: configToJson(config: config)), "")
        return found
    }
}

final class WireTests: XCTestCase {
    func testSRVDataFromTheSystem() {
        let head: [UInt8] = [0, 10, 0, 50, 0x13, 0xc4]
        let name: [UInt8] = [3, 0x64, 0x63, 0x31, 4, 0x74, 0x65, 0x73, 0x74, 0]
        let record = SrvRecord(wire: Data(head + name))
        XCTAssertEqual(record, SrvRecord(priority: 10, weight: 50, port: 5060, target: "dc1.test"))
        XCTAssertEqual(SrvRecord(wire: Data(head + [0]))?.target, ".")
        let tails: [[UInt8]] = [[], [3, 0x64], name + [0], [0xc0, 12], [1, 0x2e, 0]]
        for tail in tails { XCTAssertNil(SrvRecord(wire: Data(head + tail)), "\(tail)") }
        XCTAssertNil(SrvRecord(wire: Data()))
    }
}
