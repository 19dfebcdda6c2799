import RehomeFFI

extension Answer {
    /// What it is worth where it comes from a source that says "there is none" also when no server could tell, as Apple's
    /// `dnssd` does. Of an SRV record that must not be believed: it would be the domain's word (rule 5.4), and allow a less
    /// secure transport (rule 1.4). Of an address it may: a target without one is DNS trouble either way.
    ///
    /// - Parameters:
    ///   - resolver: Asked where this says that there is none; nil: then nobody knows.
    ///   - timeoutMs: What is left of the lookup's time.
    func confirmed(
        by resolver: (any Resolver)?, name: String, kind: LookupKind, timeoutMs: Int64
    ) async throws -> Answer {
        switch self {
        case .noName, .noData: break
        default: return self
        }
        guard let resolver else { return kind == .srv ? .failed(cause: .other) : self }
        guard timeoutMs > 0 else { return .failed(cause: .timeout) }
        return try await resolver.lookup(name: name, kind: kind, timeoutMs: timeoutMs)
    }
}
