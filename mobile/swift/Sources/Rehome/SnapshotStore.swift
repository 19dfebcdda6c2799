import Foundation

/// Keeps what lets the next process go on where this one ended. It holds host names, no password.
public protocol SnapshotStore: Sendable {
    /// What was saved last; nil where there is nothing.
    func load() throws -> Data?
    /// Replaces what was saved.
    func save(_ data: Data) throws
    /// Forgets it.
    func remove() throws
}

/// Keeps it in a file, readable after the first unlock: a push may wake the app while the device is locked.
public struct FileSnapshotStore: SnapshotStore {
    private let url: URL

    /// - Parameter url: The file, in a folder that exists; one for each account.
    public init(url: URL) {
        self.url = url
    }

    /// Reads the file.
    public func load() throws -> Data? {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        return try Data(contentsOf: url)
    }

    /// Writes the file, whole or not at all.
    public func save(_ data: Data) throws {
        #if os(iOS) || os(tvOS) || os(watchOS) || os(visionOS)
            try data.write(to: url, options: [.atomic, .completeFileProtectionUntilFirstUserAuthentication])
        #else
            try data.write(to: url, options: .atomic)
        #endif
    }

    /// Deletes the file.
    public func remove() throws {
        guard FileManager.default.fileExists(atPath: url.path) else { return }
        try FileManager.default.removeItem(at: url)
    }
}
