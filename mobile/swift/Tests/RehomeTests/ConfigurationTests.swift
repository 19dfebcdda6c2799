import XCTest

@testable import Rehome

final class ConfigurationTests: XCTestCase {
    /// The policy's defaults, written out in a file, against the initialisers of Swift.
    func testTheDefaultsAreThePolicysFieldByField() throws {
        XCTAssertEqual(try fields(Config()), fields(try written("defaults.json")))
        XCTAssertEqual(Config(), try preset(name: "default"))
        XCTAssertEqual(Config(), try configFromJson(json: "{}"))
    }

    func testEachPresetIsThePolicysFieldByField() throws {
        let (defaults, presets) = (try written("defaults.json"), try XCTUnwrap(written("presets.json").object))
        XCTAssertEqual(Set(presets.keys), Set(presetNames()).subtracting(["default"]))
        for (name, differences) in presets {
            let config = try preset(name: name)
            XCTAssertEqual(try fields(config), fields(defaults.laidOver(by: differences)), name)
            XCTAssertEqual(try configFromJson(json: "{}", preset: name), config, name)
            let said = try presetDifferences(name: name)
            let values = try said.map { ($0.field, try JSON(text: $0.value)) }
            XCTAssertEqual(Dictionary(uniqueKeysWithValues: values), fields(differences), name)
            for difference in said { XCTAssertFalse(difference.source.isEmpty, "\(name) \(difference.field)") }
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
    }

    func testASeedIsWhatJSONCarriesExactly() throws {
        func made(_ seed: Int64) throws -> RegistrationDriver {
            try RegistrationDriver(
                config: World.config, seed: seed, resolver: FakeResolver(), registrar: FakeRegistrar(),
                clock: FakeClock())
        }
        for seed in [-1, 1 << 53] as [Int64] {
            XCTAssertThrowsError(try made(seed)) { error in
                let remedy = "use 0 to 9007199254740991, or nil for one by chance"
                XCTAssertEqual(error.localizedDescription, "seed: \(seed) cannot be used: \(remedy)")
                XCTAssertEqual((error as? RehomeError)?.field, "seed")
            }
        }
        for seed in [0, 1 << 53 - 1] as [Int64] { XCTAssertNoThrow(try made(seed)) }
    }

    /// A file with what the policy says, the same for all languages.
    private func written(_ name: String) throws -> JSON {
        let folder = Repository.root.appending(path: "mobile/kotlin/rehome/src/test/resources")
        return try JSON(text: String(contentsOf: folder.appending(path: name), encoding: .utf8))
    }

    private func fields(_ config: Config) throws -> [String: JSON] {
        fields(try JSON(text: configToJson(config: config)))
    }

    /// All settings that are there, by their paths.
    private func fields(_ config: JSON) -> [String: JSON] {
        var found: [String: JSON] = [:]
        func walk(_ json: JSON, _ path: String) {
            guard case .object(let fields) = json else {
                found[path] = json
                return
            }
            for (key, value) in fields { walk(value, path.isEmpty ? key : "\(path).\(key)") }
        }
        walk(config, "")
        return found.filter { $0.value != .null }
    }
}

final class WireTests: XCTestCase {
    /// Apple's resolver itself is compiled there only; what it makes of an answer is seen here.
    func testThatThereIsNoRecordIsBelievedOnlyOfOneWhoKnows() async throws {
        let sure = FakeResolver()
        func outcome(_ answer: Answer, _ kind: LookupKind, _ resolver: FakeResolver?, leftMs: Int64) async throws
            -> Answer
        {
            try await answer.confirmed(by: resolver, name: "_sips._tcp.a.test", kind: kind, timeoutMs: leftMs)
        }
        for negative in [Answer.noName(ttl: 60), .noData(ttl: 60)] {
            let unknown = try await outcome(negative, .srv, nil, leftMs: 900)
            XCTAssertEqual(unknown, .failed(cause: .other))
            let address = try await outcome(negative, .aaaa, nil, leftMs: 900)
            XCTAssertEqual(address, negative)
            for said in [Answer.noName(ttl: 30), .failed(cause: .refused), World.records] {
                sure.answer.with { $0 = .success(said) }
                let known = try await outcome(negative, .srv, sure, leftMs: 900)
                XCTAssertEqual(known, said)
            }
            let late = try await outcome(negative, .srv, sure, leftMs: 0)
            XCTAssertEqual(late, .failed(cause: .timeout))
        }
        let asked = sure.desk.requests.with { $0.map(\.question) }
        XCTAssertEqual(asked.count, 6)
        XCTAssertEqual(asked[0].name, "_sips._tcp.a.test")
        XCTAssertEqual(asked[0].timeoutMs, 900)
        let records = try await outcome(World.records, .srv, nil, leftMs: 900)
        XCTAssertEqual(records, World.records)
    }

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
