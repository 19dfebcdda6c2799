import RehomeFFI

/// Looks names up: `UDPResolver`, and on Apple's systems `DNSServiceResolver`.
public protocol Resolver: Sendable {
    /// What DNS says; a failure is an answer too. The name is whole: search domains do not apply.
    ///
    /// - Parameters:
    ///   - name: The name to ask for.
    ///   - kind: What to ask for.
    ///   - timeoutMs: After so many milliseconds nobody waits any more; 1 or more.
    /// - Returns: The answer. When the task is cancelled, anything: it is not wanted any more.
    /// - Throws: Where it cannot do its work; taken as `.failed(cause: .other)` and told as a notice.
    func lookup(name: String, kind: LookupKind, timeoutMs: Int64) async throws -> Answer
}
