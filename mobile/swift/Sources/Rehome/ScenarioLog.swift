import Foundation
import RehomeFFI

/// A session in the form of the project's scenario files.
public struct ExportedScenario: Sendable, Hashable {
    /// The file: JSON, in UTF-8. It holds host names, no password.
    public var json: String
    /// Whether the session's beginning is in it: only then does it replay. Else it is for reading.
    public var complete: Bool
}

/// The last inputs and what came of them.
struct ScenarioLog: Sendable {
    /// How many steps are kept.
    private static let kept = 500

    private var config: JSON
    private var seed: Int64
    private var complete = true
    private var steps: [JSON] = []
    private var targets: [Int64: Target] = [:]

    init(config: Config, seed: Int64) {
        self.config = Notation.config(config)
        self.seed = seed
    }

    /// One that was kept, as far as it can be read.
    init?(saved: JSON?) {
        guard let saved, let config = saved["config"], config.object != nil, let seed = saved["seed"]?.int,
            let steps = saved["steps"]?.array
        else { return nil }
        self.config = config
        self.seed = seed
        self.steps = steps
        complete = saved["complete"] == .bool(true)
    }

    /// What of it outlives the process.
    var saved: JSON {
        .object(["config": config, "seed": .int(seed), "complete": .bool(complete), "steps": .array(steps)])
    }

    /// The beginning is not known.
    mutating func truncate() {
        complete = false
    }

    mutating func step(_ input: Input, atMs: Int64, _ step: Step) {
        remember(step)
        add([
            "atMs": .int(atMs), "op": "step",
            "input": .object(Notation.input(input) { targets[$0] }),
            "actions": .array(step.actions.map { .object(Notation.action($0)) }),
            // Needed in the file, null or not.
            "wakeMs": step.wakeMs.map(JSON.int) ?? .null,
            "events": .array(step.events.map { .object(Notation.event($0)) }),
        ])
    }

    /// The policy went on from a snapshot taken at `atMs` and `wallMs` of the process before.
    mutating func restored(atMs: Int64, wallMs: Int64, nowMs: Int64, nowWallMs: Int64, config: Config, seed: Int64) {
        let now = Notation.config(config)
        var step: [String: JSON] = [
            "op": "snapshotRestore", "atMs": .int(atMs), "wallMs": .int(wallMs), "restoreAtMs": .int(nowMs),
            "restoreWallMs": .int(nowWallMs), "seed": .int(seed),
        ]
        if now != self.config {
            // In a file a configuration is laid over the one before: what is missing now would stay.
            if !now.covers(self.config) { truncate() }
            step["config"] = now
        }
        add(step)
    }

    func exported(wallMs: Int64) -> ExportedScenario {
        var rules: Set<String> = ["2.6"]
        var last: Int64 = 0
        for step in steps where step["op"]?.string == "step" {
            last = step["atMs"]?.int ?? last
            rules.formUnion((step["events"]?.array ?? []).compactMap { $0["rule"]?.string })
        }
        let what =
            complete
            ? "a session of \(steps.count) steps, up to \(last) ms"
            : "the last \(steps.count) steps of a session whose beginning was not kept: to be read, it does not replay"
        let date = Date(timeIntervalSince1970: Double(wallMs) / 1000).ISO8601Format()
        let source: [String: JSON] = [
            "title": "A session, exported by the driver of Rehome for Swift", "section": .string("seed \(seed)"),
        ]
        let head: [String: JSON] = [
            "schemaVersion": .int(1),
            "description": .string("Exported on \(date): \(what)."),
            "rules": .array(rules.sorted().map(JSON.string)),
            // Equal inputs, equal outputs: what any export shows.
            "sentences": ["2.6a"],
            "source": .object(source),
            "config": config,
            "seed": .int(seed),
        ]
        let lines = steps.map(\.text).joined(separator: ",\n")
        let json = JSON.object(head).text.dropLast() + ",\"steps\":[\n" + lines + "\n]}\n"
        return ExportedScenario(json: String(json), complete: complete)
    }

    private mutating func remember(_ step: Step) {
        for action in step.actions {
            switch action {
            case .register(_, let target, _, _, _, _, _), .unregister(_, let target, _, _, _):
                targets[target.id] = target
            default: break
            }
        }
        for event in step.events {
            for target in Notation.targets(event.kind) { targets[target.id] = target }
        }
    }

    private mutating func add(_ step: [String: JSON]) {
        steps.append(.object(step))
        guard steps.count > ScenarioLog.kept else { return }
        steps.removeFirst()
        complete = false
    }
}

extension JSON: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: JSON...) {
        self = .array(elements)
    }

    /// Whether laying this on `base` gives this: nothing of `base` is missing here.
    func covers(_ base: JSON) -> Bool {
        guard let over = object, let base = base.object else { return true }
        return base.allSatisfy { key, value in
            value == .null || over[key].map { $0 != .null && $0.covers(value) } ?? false
        }
    }
}
