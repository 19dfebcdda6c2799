import Foundation
import XCTest

@testable import Rehome

final class ScenarioTests: XCTestCase {
    /// All files, and trace hashes equal to the native runner's, which the suite writes to `REHOME_HASHES`. With
    /// `REHOME_PROVE` it says how far it is and what came of it.
    func testTheWholeSuite() throws {
        let environment = ProcessInfo.processInfo.environment
        let prove = environment["REHOME_PROVE"] != nil
        let (count, names) = try Repository.list()
        XCTAssertEqual(Int64(names.count), count)
        var suite = TraceHash()
        var (lines, inputs): ([String], Int) = ([], 0)
        for (index, name) in names.enumerated() {
            do {
                let json = try Repository.read(name)
                inputs += json["steps"]?.array?.filter { $0["op"]?.string == "step" }.count ?? 0
                let line = "\(name) \(try ScenarioRunner.run(json))"
                suite.line(line)
                lines.append(line)
            } catch {
                XCTFail("\(name): \(error)")
            }
            if prove && (index + 1).isMultiple(of: 10) { say("progress \(index + 1)/\(names.count) files") }
        }
        guard let path = environment["REHOME_HASHES"] else {
            throw XCTSkip("REHOME_HASHES names no file with the native runner's hashes: they are not compared")
        }
        let said = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let native = said.filter { !$0.hasSuffix(" failed") }
        lines.append("trace hash \(suite.hex)")
        XCTAssertEqual(lines.count, native.count)
        for (own, theirs) in zip(lines, native) { XCTAssertEqual(own, theirs) }
        say("\(names.count) scenarios, trace hash \(suite.hex)")
        if prove && lines == native { say("result Swift: \(Self.grouped(inputs)) inputs, hash \(suite.hex)") }
    }

    func testAStepThatGivesAHashMayComeToAnythingThatHasIt() throws {
        var hash = TraceHash()
        hash.line(#"{"step":0}"#)
        hash.line(#"{"error":"unknownId"}"#)
        func run(_ hash: String) throws -> String {
            let step = #"{"op":"step","atMs":0,"input":{"type":"outcome","id":7,"outcome":{"type":"noAddress"}},"#
            let config = #"{"srvRecord":"_sip._udp.example.test"}"#
            let steps = step + #""hash":"\#(hash)"}"#
            let file = #"{"schemaVersion":1,"config":\#(config),"seed":1,"steps":[\#(steps)]}"#
            return try ScenarioRunner.run(JSON(text: file))
        }
        XCTAssertEqual(try run(hash.hex), hash.hex)
        XCTAssertThrowsError(try run("0000000000000000")) { error in
            let hash = "expected \"0000000000000000\", it is \(hash.hex)"
            XCTAssertEqual("\(error)", "step 0 (0 ms): hash: \(hash)")
        }
    }

    /// A line at once: whoever waits for it reads a pipe.
    private func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// 1,234,567 for 1234567.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.enumerated().map { place, digit in
            place > 0 && (digits.count - place).isMultiple(of: 3) ? ",\(digit)" : "\(digit)"
        }.joined()
    }
}
