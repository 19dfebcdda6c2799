import Foundation
import XCTest

@testable import Rehome

final class ScenarioTests: XCTestCase {
    /// All files, and trace hashes equal to the native runner's, which the suite writes to `REHOME_HASHES`.
    func testTheWholeSuite() throws {
        let (count, files) = try Repository.scenarios()
        XCTAssertEqual(Int64(files.count), count)
        var suite = TraceHash()
        var lines: [String] = []
        for (name, json) in files {
            do {
                let line = "\(name) \(try ScenarioRunner.run(json))"
                suite.line(line)
                lines.append(line)
            } catch {
                XCTFail("\(name): \(error)")
            }
        }
        guard let path = ProcessInfo.processInfo.environment["REHOME_HASHES"] else {
            throw XCTSkip("REHOME_HASHES names no file with the native runner's hashes: they are not compared")
        }
        let said = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let native = said.filter { !$0.hasSuffix(" failed") }
        lines.append("trace hash \(suite.hex)")
        XCTAssertEqual(lines.count, native.count)
        for (own, theirs) in zip(lines, native) { XCTAssertEqual(own, theirs) }
        print("\(files.count) scenarios, trace hash \(suite.hex)")
    }
}
