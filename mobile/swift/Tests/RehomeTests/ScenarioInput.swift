@testable import Rehome

/// Inputs of scenario files.
enum ScenarioInput {
    static func read(_ json: JSON, preset: JSON, target: (String) -> Int64) throws -> Input {
        switch json["type"]?.string {
        case "start": return .start
        case "stop": return .stop
        case "wake": return .wake
        case "agentLogin": return .agentLogin
        case "tryPrimary": return .tryPrimary
        case "networkDown": return .networkDown
        case "networkChanged": return .networkChanged
        case "resumed": return .resumed
        case "busy": return .busy
        case "idle": return .idle
        case "configure":
            return .configure(config: try configFromJson(json: preset.laidOver(by: json["config"]).text))
        case "flowLost": return .flowLost(target: target(json["target"]?.string ?? ""))
        case "answer": return .answer(id: try number(json, "id"), answer: try answer(json["answer"] ?? .null))
        case "outcome": return .outcome(id: try number(json, "id"), outcome: try outcome(json["outcome"] ?? .null))
        case "refreshed": return .refreshed(outcome: try outcome(json["outcome"] ?? .null))
        default: throw Mismatch("unknown input \(json.canonical)")
        }
    }

    private static func answer(_ json: JSON) throws -> Answer {
        switch json["type"]?.string {
        case "srv":
            return .srv(records: try (json["records"]?.array ?? []).map(record), ttl: try number(json, "ttl"))
        case "addresses":
            let addresses = (json["addresses"]?.array ?? []).compactMap(\.string)
            return .addresses(addresses: addresses, ttl: try number(json, "ttl"))
        case "noName": return .noName(ttl: json["ttl"]?.int)
        case "noData": return .noData(ttl: json["ttl"]?.int)
        case "failed": return .failed(cause: try named(json["cause"], causes))
        default: throw Mismatch("unknown answer \(json.canonical)")
        }
    }

    private static func outcome(_ json: JSON) throws -> Outcome {
        switch json["type"]?.string {
        case "accepted": return .accepted(expires: json["expires"]?.int)
        case "status":
            return .status(
                code: Int32(try number(json, "code")), retryAfter: json["retryAfter"]?.int,
                minExpires: json["minExpires"]?.int)
        case "unreachable": return .unreachable(cause: try named(json["cause"], whys))
        case "noAddress": return .noAddress
        case "notSent": return .notSent
        default: throw Mismatch("unknown outcome \(json.canonical)")
        }
    }

    private static let causes: [LookupFailure] = [.timeout, .servFail, .refused, .malformed, .network, .other]
    private static let whys: [Unreachable] = [.refused, .noRoute, .closed, .tls, .webSocket, .timeout, .other]

    private static func named<T>(_ json: JSON?, _ values: [T]) throws -> T {
        guard let value = values.first(where: { "\($0)" == json?.string }) else {
            throw Mismatch("unknown word \(json?.canonical ?? "none")")
        }
        return value
    }

    private static func number(_ json: JSON, _ field: String) throws -> Int64 {
        guard let number = json[field]?.int else { throw Mismatch("\(field) is missing in \(json.canonical)") }
        return number
    }

    /// `priority weight port target`, with one blank between; the target is all that follows.
    private static func record(_ json: JSON) throws -> SrvRecord {
        let parts = (json.string ?? "").split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let priority = Int32(parts[0]), let weight = Int32(parts[1]), let port = Int32(parts[2])
        else {
            throw Mismatch("record \(json.canonical) cannot be read")
        }
        return SrvRecord(priority: priority, weight: weight, port: port, target: String(parts[3]))
    }
}
