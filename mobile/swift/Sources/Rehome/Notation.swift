import RehomeFFI

/// The core's values in the notation of the project's scenario files. Names of cases and fields are those of the
/// declarations, read by reflection: what is new in the core needs no line here.
package enum Notation {
    /// `{"type":"register","id":2,"target":"host:port/transport",...}`
    package static func action(_ action: Action) -> [String: JSON] {
        tagged(action)
    }

    /// `{"type":"registered","rule":"3.3",...}`
    package static func event(_ event: Event) -> [String: JSON] {
        tagged(event.kind).merging(["rule": .string(event.rule)]) { $1 }
    }

    /// A status; the plan's targets as texts, with their further fields beside them.
    package static func status(_ status: Status) -> [String: JSON] {
        var fields = fields(of: status)
        fields["plan"] = .array(
            status.plan.map { entry in
                .object(self.fields(of: entry).merging(ofTarget(entry.target)) { $1 })
            })
        return fields
    }

    /// What the files say of a target beside its text.
    package static func ofTarget(_ target: Target) -> [String: JSON] {
        var fields: [String: JSON] = [
            "tlsName": .string(target.tlsName), "priority": .int(Int64(target.priority)),
            "weight": .int(Int64(target.weight)),
        ]
        fields["site"] = target.site.map(JSON.string)
        return fields
    }

    /// An input; targets are known to the core by numbers, to the files by texts.
    package static func input(_ input: Input, target: (Int64) -> Target?) -> [String: JSON] {
        switch input {
        case .configure(let config):
            return ["type": "configure", "config": self.config(config)]
        case .flowLost(let id):
            return ["type": "flowLost", "target": .string(target(id)?.description ?? "unknown.invalid:1/udp")]
        case .answer(let id, .srv(let records, let ttl)):
            let lines = records.map { JSON.string("\($0.priority) \($0.weight) \($0.port) \($0.target)") }
            let answer: [String: JSON] = ["type": "srv", "ttl": .int(ttl), "records": .array(lines)]
            return ["type": "answer", "id": .int(id), "answer": .object(answer)]
        case .answer(let id, let answer):
            return ["type": "answer", "id": .int(id), "answer": .object(tagged(answer))]
        case .outcome(let id, let outcome):
            return ["type": "outcome", "id": .int(id), "outcome": .object(tagged(outcome))]
        case .refreshed(let outcome):
            return ["type": "refreshed", "outcome": .object(tagged(outcome))]
        default:
            return tagged(input)
        }
    }

    /// The targets that an event is about.
    package static func targets(_ kind: EventKind) -> [Target] {
        guard let payload = Mirror(reflecting: kind).children.first?.value else { return [] }
        return Mirror(reflecting: payload).children.compactMap { $0.value as? Target }
    }

    /// A configuration as the API's JSON has it.
    package static func config(_ config: Config) -> JSON {
        (try? JSON(text: configToJson(config: config))) ?? .object([:])
    }

    /// A case with its fields: `{"type":"status","code":503}`.
    package static func tagged(_ value: Any) -> [String: JSON] {
        var fields: [String: JSON] = [:]
        if let payload = Mirror(reflecting: value).children.first?.value {
            fields = self.fields(of: payload)
        }
        fields["type"] = .string(name(of: value))
        return fields
    }

    private static func name(of value: Any) -> String {
        Mirror(reflecting: value).children.first?.label ?? String(describing: value)
    }

    private static func fields(of value: Any) -> [String: JSON] {
        var fields: [String: JSON] = [:]
        for case (let label?, let value) in Mirror(reflecting: value).children {
            fields[label] = json(value)
        }
        return fields
    }

    /// Nil for none. A case with one field is `{"status":503}`, one without `"timeout"`.
    private static func json(_ value: Any) -> JSON? {
        switch value {
        case let value as Bool: return .bool(value)
        case let value as Int64: return .int(value)
        case let value as Int32: return .int(Int64(value))
        case let value as String: return .string(value)
        case let value as Target: return .string(value.description)
        default: break
        }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            return mirror.children.first.flatMap { json($0.value) }
        case .collection:
            return .array(mirror.children.compactMap { json($0.value) })
        case .enum:
            guard let payload = mirror.children.first else { return .string(name(of: value)) }
            let only = Mirror(reflecting: payload.value).children.first.map { json($0.value) } ?? json(payload.value)
            return .object([name(of: value): only ?? .null])
        default:
            return .object(fields(of: value))
        }
    }
}

extension JSON: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) {
        self = .string(value)
    }
}
