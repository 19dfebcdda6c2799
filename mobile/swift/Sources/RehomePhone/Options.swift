import Foundation
import Rehome

/// What is wrong with the command line.
struct UsageError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// What a phone is started with.
struct Options {
    static let help = """
        A phone in Swift: reads commands as JSON lines, registers as the policy says, reports as JSON lines.

        Commands: {"command":"start"}, and likewise stop, login, tryPrimary, busy, idle, networkDown, networkChanged,
        resumed, status, and configure with "config". The end of the input unregisters and ends the phone.

          --config FILE        a configuration as JSON; what it leaves out has its default
          --preset NAME        a named starting point: \(presetNames().joined(separator: ", "))
          --srv NAME           the SRV record, such as _sip._udp.example.test
          --proxy PROXY        the outbound proxy, used if there is no SRV record
          --transport udp|tcp  the transport, where the SRV record or the proxy does not say it
          --dns ADDRESS:PORT   the DNS server (127.0.0.11:5300)
          --user USER          the user (alice)
          --password PASSWORD  the password (secret)
          --domain DOMAIN      the domain of the address of record, if it is not that of the SRV record or proxy
          --seed N             the seed of the core's draws; a random one if absent
          --keep-alive SECONDS send CRLFCRLF on connections every so many seconds, 1 to 3600
          --one-contact        use one Contact for all bindings
          --speed N            divide the time-outs by this, 1 to 100
          --start              begin to register at once
        """
    private static let flags: Set = ["one-contact", "start", "help"]
    private static let values: Set = [
        "config", "preset", "srv", "proxy", "transport", "dns", "user", "password", "domain", "seed", "keep-alive",
        "speed",
    ]

    var config: Config
    var dns: DNSServer
    var user: String
    var password: String
    var domain: String?
    var seed: Int64?
    var keepAlive: Int64?
    var oneContact: Bool
    var start: Bool

    /// Nil: help was asked for.
    init?(_ arguments: [String]) throws {
        let given = try Options.read(arguments)
        if given["help"] != nil { return nil }
        config = try Options.config(given)
        dns = try Options.server(given["dns"] ?? "127.0.0.11:5300")
        user = try Options.user(given["user"] ?? "alice")
        password = given["password"] ?? "secret"
        domain = given["domain"] ?? config.domain
        seed = try given["seed"].map { try Options.number("seed", $0, 0...(1 << 53 - 1)) }
        keepAlive = try given["keep-alive"].map { try Options.number("keep-alive", $0, 1...3600) }
        oneContact = given["one-contact"] != nil
        start = given["start"] != nil
        config.quicken(try Options.number("speed", given["speed"] ?? "1", 1...100))
    }

    private static func read(_ arguments: [String]) throws -> [String: String] {
        var given: [String: String] = [:]
        var rest = arguments[...]
        while let word = rest.popFirst() {
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard word.hasPrefix("--"), let name = parts.first.map(String.init) else {
                throw UsageError("\(word): no such argument; --help lists them")
            }
            if flags.contains(name) {
                given[name] = ""
            } else if values.contains(name) {
                guard let value = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
                    throw UsageError("--\(name): a value is missing; write --\(name) VALUE")
                }
                given[name] = value
            } else {
                throw UsageError("--\(name): no such argument; --help lists them")
            }
        }
        return given
    }

    private static func config(_ given: [String: String]) throws -> Config {
        guard given["config"] == nil || given["preset"] == nil else {
            throw UsageError("--preset cannot be used with --config: choose one")
        }
        var config = try preset(name: given["preset"] ?? "default")
        if let path = given["config"] {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw UsageError("--config \(path): cannot be read; give the path of a JSON file")
            }
            config = try configFromJson(json: text)
        }
        config.srvRecord = given["srv"] ?? config.srvRecord
        config.outboundProxy = given["proxy"] ?? config.outboundProxy
        if let transport = given["transport"] {
            guard let known = [Transport.udp, .tcp].first(where: { "\($0)" == transport.lowercased() }) else {
                throw UsageError("--transport \(transport): this phone has udp and tcp; choose one of them")
            }
            config.transport = known
        }
        return config
    }

    private static func server(_ text: String) throws -> DNSServer {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let address = parts.dropLast().joined(separator: ":").trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        guard parts.count > 1, let port = parts.last.flatMap({ Int32($0) }),
            let server = try? DNSServer(address, port: port)
        else { throw UsageError("--dns \(text): write ADDRESS:PORT, such as 127.0.0.1:53 or [::1]:53") }
        return server
    }

    /// A name that needs no quoting, neither in a URI nor in digest authentication.
    private static func user(_ text: String) throws -> String {
        let plain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.+".contains($0)) }
        guard plain, (1...64).contains(text.count) else {
            throw UsageError("--user \(text): use 1 to 64 letters, digits, and - _ . +")
        }
        return text
    }

    private static func number(_ name: String, _ text: String, _ range: ClosedRange<Int64>) throws -> Int64 {
        guard let number = Int64(text), range.contains(number) else {
            throw UsageError("--\(name) \(text): use \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

extension Config {
    /// Divides the time-outs by `speed`, down to the least values they may have.
    fileprivate mutating func quicken(_ speed: Int64) {
        guard speed > 1 else { return }
        rollover.attemptTimeoutMs = max(rollover.attemptTimeoutMs / speed, 1000)
        rollover.retryIntervalMs = max(rollover.retryIntervalMs / speed, 1000)
        rollover.recoverySpreadMs /= speed
        refresh.intervalMs = refresh.intervalMs.map { max($0 / speed, 5000) }
    }
}
