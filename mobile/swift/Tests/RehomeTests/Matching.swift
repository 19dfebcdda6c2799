@testable import Rehome

/// How expectations of scenario files are compared.
enum Matching {
    private static let times: Set = ["wakeMs", "deadlineMs", "untilMs", "expiresAtMs", "heldUntilMs"]

    /// A time: exact, or in a range; counted from this step if it says so.
    static func fits(_ expected: JSON?, _ actual: JSON?, _ now: Int64) -> Bool {
        guard case .object(let range)? = expected else { return (expected ?? .null) == (actual ?? .null) }
        let exact = range["in"]?.int
        guard let actual = actual?.int,
            let from = range["from"]?.int ?? (range["inFrom"]?.int ?? exact).map({ now + $0 }),
            let to = range["to"]?.int ?? (range["inTo"]?.int ?? exact).map({ now + $0 })
        else { return false }
        return (from...to).contains(actual)
    }

    /// Lists match in number and order.
    static func all(_ name: String, _ expected: [JSON], _ actual: [[String: JSON]], _ now: Int64) throws {
        for index in 0..<max(expected.count, actual.count) {
            let at = "\(name)[\(index)]"
            guard index < actual.count else {
                throw Mismatch("\(at): expected \(expected[index].canonical), there is none")
            }
            guard index < expected.count else {
                throw Mismatch("\(at): expected none, it is \(JSON.object(actual[index]).canonical)")
            }
            try same(at, expected[index], actual[index], now)
        }
    }

    /// The fields that are named; of a plan, those of its entries.
    static func same(_ at: String, _ expected: JSON, _ actual: [String: JSON], _ now: Int64) throws {
        for (key, value) in expected.object ?? [:] {
            if key == "plan" {
                try all("\(at).plan", value.array ?? [], (actual["plan"]?.array ?? []).compactMap(\.object), now)
                continue
            }
            let same = times.contains(key) ? fits(value, actual[key], now) : value == actual[key] ?? .null
            if !same {
                throw Mismatch("\(at).\(key): expected \(value.canonical), in \(JSON.object(actual).canonical)")
            }
        }
    }
}

extension JSON {
    /// For traces: absent and null fields are left out.
    var canonical: String { bare.text }

    private var bare: JSON {
        switch self {
        case .object(let fields): .object(fields.filter { $0.value != .null }.mapValues(\.bare))
        case .array(let items): .array(items.map(\.bare))
        default: self
        }
    }

    /// Lays `over` on this, object by object; anything else takes the place of what was there.
    func laidOver(by over: JSON?) -> JSON {
        guard let over else { return self }
        guard case .object(let base) = self, case .object(let fields) = over else { return over }
        return .object(base.merging(fields) { $0.laidOver(by: $1) })
    }
}
