import Foundation
import RehomeFFI

extension RehomeError: LocalizedError {
    /// What is wrong, which value, and what to write instead.
    public var errorDescription: String? { message }

    /// The sentence that it carries.
    public var message: String {
        switch self {
        case .Config(let message), .InvalidInput(let message), .UnknownPreset(let message), .UnknownId(let message),
            .WrongKind(let message), .UnknownTarget(let message), .NotFinal(let message),
            .TimeOutOfRange(let message), .IdsExhausted(let message), .SnapshotVersion(let message),
            .Snapshot(let message), .DnsName(let message), .DnsPacket(let message):
            return message
        }
    }

    /// The field that cannot be used, as `rollover.failuresBeforeRollover`; nil where the error is about none.
    public var field: String? {
        switch self {
        case .Config(let message), .InvalidInput(let message):
            guard let end = message.range(of: ": ")?.lowerBound else { return nil }
            let field = message[..<end]
            return field.contains(" ") ? nil : String(field)
        default:
            return nil
        }
    }
}
