import Rehome

/// A challenge that can be answered: digest with MD5, and `qop=auth` where it is offered (RFC 2617, as RFC 3261 section 22
/// asks).
struct Challenge: Equatable {
    /// Whether a proxy asked (407).
    let proxy: Bool
    /// Whether only the nonce was too old.
    let stale: Bool
    private let realm: String
    private let nonce: String
    private let opaque: String?
    private let qop: Bool

    /// Reads a `WWW-Authenticate` or `Proxy-Authenticate`; nil if it asks for what this sample cannot do.
    init?(_ value: String, proxy: Bool) {
        guard let blank = value.firstIndex(of: " "), value[..<blank].lowercased() == "digest" else { return nil }
        var fields: [String: String] = [:]
        for part in Header.split(String(value[blank...])) {
            guard let equals = part.firstIndex(of: "=") else { continue }
            let name = part[..<equals].trimmed.lowercased()
            fields[name] = part[part.index(after: equals)...].trimmed.unquoted
        }
        if let algorithm = fields["algorithm"], algorithm.lowercased() != "md5" { return nil }
        let offer = fields["qop"]?.split(separator: ",").map { $0.trimmed }
        if let offer, !offer.contains("auth") { return nil }
        guard let realm = fields["realm"], let nonce = fields["nonce"] else { return nil }
        self.proxy = proxy
        stale = fields["stale"]?.lowercased() == "true"
        (self.realm, self.nonce, opaque, qop) = (realm, nonce, fields["opaque"], offer != nil)
    }

    /// The whole header line that answers it.
    func answer(user: String, password: String, method: String, uri: String, cnonce: String = token()) -> String {
        let name = proxy ? "Proxy-Authorization" : "Authorization"
        let secret = MD5.hex("\(user):\(realm):\(password)")
        let asked = MD5.hex("\(method):\(uri)")
        let between = qop ? "\(nonce):00000001:\(cnonce):auth" : nonce
        var line =
            "\(name): Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"\(uri)\", "
            + "response=\"\(MD5.hex("\(secret):\(between):\(asked)"))\", algorithm=MD5"
        if qop { line += ", qop=auth, nc=00000001, cnonce=\"\(cnonce)\"" }
        if let opaque { line += ", opaque=\"\(opaque)\"" }
        return line
    }
}

/// The challenges of one attempt: the first is answered, a second only if the nonce was stale, no third (rule 3.1c).
struct Challenges {
    private var answered = 0

    /// The challenge to answer; nil: the reply is the outcome.
    mutating func toAnswer(in reply: Reply) -> Challenge? {
        guard let challenge = reply.challenge, answered == 0 || (answered == 1 && challenge.stale) else { return nil }
        answered += 1
        return challenge
    }
}

/// A name nobody else has: for branches, tags, nonces.
func token() -> String {
    String(UInt64.random(in: .min ... .max), radix: 16)
}
