import Foundation

@testable import Rehome

/// The repository's files that tests read.
enum Repository {
    static let root = URL(filePath: #filePath).appending(path: "../../../../..").standardizedFileURL

    /// The scenario files in order of name (path from their folder), and how many there should be.
    static func scenarios() throws -> (count: Int64?, files: [(name: String, json: JSON)]) {
        let folder = root.appending(path: "tests/scenarios")
        var files: [(name: String, json: JSON)] = []
        for section in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let inner = folder.appending(path: section)
            guard (try? inner.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true else { continue }
            for name in try FileManager.default.contentsOfDirectory(atPath: inner.path) where name.hasSuffix(".json") {
                files.append(("\(section)/\(name)", try read(inner.appending(path: name))))
            }
        }
        files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return (try read(folder.appending(path: "suite.json"))["files"]?.int, files)
    }

    private static func read(_ url: URL) throws -> JSON {
        try JSON(text: String(contentsOf: url, encoding: .utf8))
    }
}
