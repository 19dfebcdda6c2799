import Rehome

/// What a phone says: one JSON object a line, with targets written as `host:port/transport`.
enum Report {
    static func ready(_ atMs: Int64, user: String) -> String {
        line("ready", atMs, ["user": .string(user)])
    }

    static func error(_ atMs: Int64, _ text: String) -> String {
        line("error", atMs, ["error": .string(text)])
    }

    static func event(_ atMs: Int64, _ event: Event) -> String {
        line("event", atMs, ["event": .object(Notation.event(event))])
    }

    static func status(_ atMs: Int64, _ status: Status) -> String {
        line("status", atMs, ["status": .object(Notation.status(status))])
    }

    /// The action with its target's fields beside it.
    static func action(_ atMs: Int64, _ action: Action) -> String {
        var fields = Notation.action(action)
        switch action {
        case .register(_, let target, _, _, _, _, _), .unregister(_, let target, _, _, _):
            fields.merge(Notation.ofTarget(target)) { $1 }
            fields["host"] = .string(target.host)
            fields["port"] = .int(Int64(target.port))
            fields["transport"] = .string("\(target.transport)")
        default:
            break
        }
        return line("action", atMs, ["action": .object(fields)])
    }

    /// What came back from DNS or a registrar; nil for all other inputs.
    static func input(_ atMs: Int64, _ input: Input) -> String? {
        switch input {
        case .outcome(let id, let outcome):
            return line("outcome", atMs, ["id": .int(id), "outcome": .object(Notation.tagged(outcome))])
        case .answer(let id, let answer):
            return line("answer", atMs, ["id": .int(id), "answer": .object(Notation.tagged(answer))])
        default:
            return nil
        }
    }

    private static func line(_ kind: String, _ atMs: Int64, _ fields: [String: JSON]) -> String {
        JSON.object(fields.merging(["report": .string(kind), "atMs": .int(atMs)]) { $1 }).text
    }
}
