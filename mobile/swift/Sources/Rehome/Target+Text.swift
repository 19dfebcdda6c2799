import RehomeFFI

extension Target: CustomStringConvertible {
    /// `host:port/transport`, with an IPv6 host in brackets.
    public var description: String {
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        return "\(name):\(port)/\(transport)"
    }
}
