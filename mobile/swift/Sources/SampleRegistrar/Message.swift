import Foundation
import Rehome

/// What all REGISTERs of one binding share.
struct Binding: Sendable, Equatable {
    /// The user part of its Contact: nobody else has it, and no other binding of this phone.
    var contactUser: String
    /// The host and port of its Contact: those of its first REGISTER, for a Contact must not change.
    var contactHost: String
}

/// One REGISTER.
struct Message {
    var transport: Transport
    /// This end of the flow.
    var local: String
    var user: String
    var domain: String
    var fromTag: String
    var callId: String
    var cseq: Int
    var binding: Binding
    /// Seconds; 0 removes the binding.
    var expires: Int64
    /// A header line that answers a challenge.
    var credentials: String?

    /// The request URI: the domain, whoever the target is (RFC 3261 section 10.2).
    var uri: String { "sip:\(domain)" }

    /// As it is sent; its answers are known by the branch.
    func bytes(branch: String) -> Data {
        let tcp = transport == .tcp
        let contact = "<sip:\(binding.contactUser)@\(binding.contactHost)\(tcp ? ";transport=tcp" : "")>"
        var lines = [
            "REGISTER \(uri) SIP/2.0",
            "Via: SIP/2.0/\(tcp ? "TCP" : "UDP") \(local);rport;branch=\(branch)",
            "Max-Forwards: 70",
            "From: <sip:\(user)@\(domain)>;tag=\(fromTag)",
            "To: <sip:\(user)@\(domain)>",
            "Call-ID: \(callId)",
            "CSeq: \(cseq) REGISTER",
            "Contact: \(contact);expires=\(expires)",
            "Expires: \(expires)",
        ]
        if let credentials { lines.append(credentials) }
        lines += ["User-Agent: rehome-phone-swift", "Content-Length: 0", "", ""]
        return Data(lines.joined(separator: "\r\n").utf8)
    }
}
