import Foundation
import Rehome
import XCTest

/// A stack that answers every REGISTER at once.
private final class FakeStack: SIPStack {
    let result: StackResult

    init(_ result: StackResult) { self.result = result }

    func sendRegister(
        host: String, port: Int32, transport: String, tlsName: String, contactUser: String, expires: Int64,
        completion: @escaping @Sendable (StackResult) -> Void
    ) {
        completion(result)
    }

    func onDisconnected(_ listener: @escaping @Sendable (Target) -> Void) {}
}

private struct Records: Resolver {
    func lookup(name: String, kind: LookupKind, timeoutMs: Int64) async throws -> Answer {
        .srv(records: [SrvRecord(priority: 1, weight: 1, port: 5060, target: "a.example.com")], ttl: 60)
    }
}

final class ReadmeTests: XCTestCase {
    /// Without blanks, and without imports.
    private func lines(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").joined(separator: " ")
            return words.isEmpty || words.hasPrefix("import ") ? nil : words
        }
    }

    func testEveryBlockOfTheREADMEIsCompiledHere() throws {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let source = try lines(String(contentsOf: here.appending(path: "Readme.swift"), encoding: .utf8))
        let readme = try String(
            contentsOf: here.appending(path: "../../README.md").standardizedFileURL, encoding: .utf8)
        let blocks = readme.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        XCTAssertGreaterThanOrEqual(blocks.count, 6)
        for block in blocks {
            let block = lines(block)
            let starts = source.indices.filter { source[$0...].starts(with: block) }
            XCTAssertEqual(starts.count, 1, "not in Readme.swift, in one piece:\n\(block.joined(separator: "\n"))")
        }
    }

    func testItsRegistrarRegisters() async throws {
        let results: [(StackResult, RegistrationState)] = [
            (.reply(code: 200, expires: 60, retryAfter: nil, minExpires: nil), .registered),
            (.reply(code: 403, expires: nil, retryAfter: nil, minExpires: nil), .rejected),
        ]
        for (result, expected) in results {
            let driver = try RegistrationDriver(
                config: Config(srvRecord: "_sip._udp.example.com"), resolver: Records(),
                registrar: MyRegistrar(FakeStack(result)))
            let statuses = await driver.statuses()
            let watchdog = Task {
                try await Task.sleep(for: .seconds(60))
                await driver.close()
            }
            await driver.start()
            var states: [RegistrationState] = []
            for await status in statuses {
                states.append(status.state)
                if status.state == expected { break }
            }
            watchdog.cancel()
            XCTAssertEqual(states.last, expected)
            await driver.close()
        }
    }
}
