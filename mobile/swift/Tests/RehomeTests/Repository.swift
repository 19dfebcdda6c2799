import Foundation

@testable import Rehome

/// The repository's files that tests read.
enum Repository {
    static let root = URL(filePath: #filePath).appending(path: "../../../../..").standardizedFileURL

    /// Where the scenario files are: in this repository, or where `REHOME_SCENARIOS` says.
    private static let scenarios =
        ProcessInfo.processInfo.environment["REHOME_SCENARIOS"].map { URL(filePath: $0) }
        ?? root.appending(path: "tests/scenarios")

    /// The names of the scenario files in order (path from their folder), and how many there should be.
    static func list() throws -> (count: Int64?, names: [String]) {
        var names: [String] = []
        for section in try FileManager.default.contentsOfDirectory(atPath: scenarios.path) {
            let inner = scenarios.appending(path: section)
            guard (try? inner.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true else { continue }
            for name in try FileManager.default.contentsOfDirectory(atPath: inner.path) where name.hasSuffix(".json") {
                names.append("\(section)/\(name)")
            }
        }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return (try read("suite.json")["files"]?.int, names)
    }

    /// A file of that folder.
    static func read(_ name: String) throws -> JSON {
        try JSON(text: String(contentsOf: scenarios.appending(path: name), encoding: .utf8))
    }
}
