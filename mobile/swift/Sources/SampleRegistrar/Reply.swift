import Foundation
import Rehome

/// An answer, provisional or final.
struct Reply: Sendable {
    let code: Int32
    /// The transaction it belongs to.
    let branch: String
    private let headers: [(name: String, value: String)]

    /// Reads an answer; nil for a request, or what is no SIP.
    init?(_ message: Data) {
        let text = String(decoding: message, as: UTF8.self)
        let lines = text.components(separatedBy: "\r\n")
        let start = lines[0].split(separator: " ", maxSplits: 2)
        guard start.count > 1, start[0] == "SIP/2.0", let code = Int32(start[1]), (100...699).contains(code) else {
            return nil
        }
        headers = lines.dropFirst().prefix { !$0.isEmpty }.compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].trimmed.lowercased(), line[line.index(after: colon)...].trimmed)
        }
        let via = headers.first { $0.name == "via" || $0.name == "v" }?.value ?? ""
        let parameters = Header.split(via)[0].split(separator: ";").dropFirst()
        guard let branch = parameters.first(where: { $0.trimmed.lowercased().hasPrefix("branch=") }) else { return nil }
        self.code = code
        self.branch = String(branch.trimmed.dropFirst("branch=".count))
    }

    /// The first challenge that can be answered.
    var challenge: Challenge? {
        guard code == 401 || code == 407 else { return nil }
        let name = code == 401 ? "www-authenticate" : "proxy-authenticate"
        return headers.lazy.filter { $0.name == name }.compactMap { Challenge($0.value, proxy: code == 407) }.first
    }

    /// What this final answer means to the core.
    func outcome(contactUser: String) -> Outcome {
        if (200...299).contains(code) { return .accepted(expires: granted(contactUser)) }
        return .status(code: code, retryAfter: number("retry-after"), minExpires: number("min-expires"))
    }

    /// The expiry granted to our own contact, which may be one of many (RFC 3261 section 10.2.4).
    private func granted(_ contactUser: String) -> Int64? {
        let contacts = headers.filter { $0.name == "contact" || $0.name == "m" }.flatMap { Header.split($0.value) }
        let own = contacts.first { $0.contains("sip:\(contactUser)@") }
        // Parameters of the contact come after its bracket; those inside are the URI's.
        let parameters = own?.split(separator: ">").dropFirst().joined().split(separator: ";") ?? []
        let expires = parameters.map(\.trimmed).first { $0.lowercased().hasPrefix("expires=") }
        return expires.flatMap { Int64($0.dropFirst("expires=".count)) } ?? number("expires")
    }

    /// The number with which a header begins; a comment or parameters may follow.
    private func number(_ name: String) -> Int64? {
        guard let digits = headers.first(where: { $0.name == name })?.value.prefix(while: \.isWholeNumber),
            !digits.isEmpty
        else { return nil }
        // A number too large for 32 bits is as good as the largest.
        return Int64(digits).map { min($0, Int64(UInt32.max)) } ?? Int64(UInt32.max)
    }
}
