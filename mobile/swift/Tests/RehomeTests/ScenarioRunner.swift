import Foundation

@testable import Rehome

/// What happened is not what the file says.
struct Mismatch: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// FNV-1a, 64 bit, over lines.
struct TraceHash {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func line(_ text: String) {
        for byte in text.utf8 { add(byte) }
        add(10)
    }

    private mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    var hex: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// One registration, driven by a scenario file through the public API; tests/README.md of the repository has the format.
struct ScenarioRunner {
    private static let targets = ["target", "from", "to", "home", "trying"]

    private let steps: [JSON]
    private let statistics: Bool
    private let preset: JSON
    private let config: JSON
    private let seed: Int64
    private var registration: Registration
    private var now: Int64 = 0
    private var wake: Int64?
    private var stepped: Int64 = 0
    private var seen: [String: Int64] = [:]
    private var hash = TraceHash()
    private var first: Target?

    /// The file's configuration: read once for all seeds.
    static func configuration(_ file: JSON) throws -> (preset: JSON, json: JSON, config: Config) {
        let preset = try JSON(text: configToJson(config: Rehome.preset(name: file["preset"]?.string ?? "default")))
        let json = preset.laidOver(by: file["config"])
        return (preset, json, try configFromJson(json: json.text))
    }

    init(_ file: JSON, _ configuration: (preset: JSON, json: JSON, config: Config), seed: Int64) throws {
        steps = file["steps"]?.array ?? []
        statistics = file["statistics"] != nil
        (preset, config, self.seed) = (configuration.preset, configuration.json, seed)
        registration = try Registration(config: configuration.config, seed: seed)
    }

    /// The trace hash, or what is not as expected.
    static func run(_ file: JSON) throws -> String {
        guard file["schemaVersion"]?.int == 1 else { throw Mismatch("schemaVersion: take a newer runner") }
        let configuration = try configuration(file)
        if let statistics = file["statistics"] { return try count(file, configuration, statistics) }
        var runner = try ScenarioRunner(file, configuration, seed: file["seed"]?.int ?? 1)
        try runner.run()
        return runner.hash.hex
    }

    private static func count(
        _ file: JSON, _ configuration: (preset: JSON, json: JSON, config: Config), _ statistics: JSON
    ) throws -> String {
        guard let seeds = statistics["seeds"]?.int, let bound = statistics["bound"]?.int else {
            throw Mismatch("statistics: seeds or bound is missing")
        }
        var counts: [String: Int64] = [:]
        for seed in 1...seeds {
            var runner = try ScenarioRunner(file, configuration, seed: seed)
            try runner.run()
            let seen: String
            if statistics["observe"]?.string == "first" {
                seen = runner.first?.description ?? "no register action"
            } else {
                seen = runner.registration.status(nowMs: runner.now).plan.map(\.target.description).joined(
                    separator: " ")
            }
            counts[seen, default: 0] += 1
        }
        var hash = TraceHash()
        for (text, count) in counts.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            hash.line(JSON.object(["count": .int(count), "is": .string(text)]).canonical)
        }
        for expected in statistics["expect"]?.array ?? [] {
            guard let text = expected["is"]?.string, let share = expected["share"]?.array?.compactMap(\.int),
                share.count == 2
            else { throw Mismatch("statistics: expect cannot be read") }
            let slack = share[0] == 0 || share[0] == share[1] ? 0 : bound
            let count = counts.removeValue(forKey: text) ?? 0
            if abs(seeds * share[0] - count * share[1]) > slack * share[1] {
                throw Mismatch("count of \(text): \(count) of \(seeds), expected \(share[0])/\(share[1])")
            }
        }
        if !counts.isEmpty { throw Mismatch("not listed: \(counts.keys.sorted())") }
        return hash.hex
    }

    private mutating func run() throws {
        for (index, step) in steps.enumerated() {
            do {
                now = try time(step["atMs"])
                line(["step": .int(Int64(index))])
                try run(step)
            } catch let mismatch as Mismatch {
                throw Mismatch("step \(index) (\(now) ms): \(mismatch)")
            }
        }
    }

    private func time(_ at: JSON?) throws -> Int64 {
        if let at = at?.int { return at }
        if let after = at?["after"]?.int { return now + after }
        guard let wake else { throw Mismatch("atMs: the last step asked for no time") }
        return wake
    }

    private mutating func line(_ fields: [String: JSON]) {
        if !statistics { hash.line(JSON.object(fields).canonical) }
    }

    private mutating func run(_ step: JSON) throws {
        switch step["op"]?.string {
        case "step":
            try self.step(step)
        case "status":
            let status = status(at: now)
            line(status)
            try Matching.same("status", step["expect"] ?? .null, status, now)
        case "snapshotRestore":
            let snapshot = registration.snapshot(nowMs: now, wallMs: step["wallMs"]?.int ?? 0)
            now = step["restoreAtMs"]?.int ?? 0
            let (now, wall) = (now, step["restoreWallMs"]?.int ?? 0)
            try replace(step) { config, seed in
                try Registration.restore(config: config, seed: seed, snapshot: snapshot, nowMs: now, wallMs: wall)
            }
        case "restart":
            try replace(step) { try Registration(config: $0, seed: $1) }
        case let other:
            throw Mismatch("unknown operation \(other ?? "none")")
        }
    }

    private mutating func replace(_ step: JSON, _ make: (Config, Int64) throws -> Registration) throws {
        do {
            let config = try configFromJson(json: self.config.laidOver(by: step["config"]).text)
            registration = try make(config, step["seed"]?.int ?? seed)
        } catch let error as RehomeError {
            return try refused(error, step["error"])
        }
        if let error = step["error"] { throw Mismatch("error: expected \(error), there was none") }
        wake = registration.status(nowMs: now).wakeMs
    }

    /// The code of an error is its name.
    private func code(_ error: RehomeError) -> String {
        let name = Mirror(reflecting: error).children.first?.label ?? ""
        return name.prefix(1).lowercased() + name.dropFirst()
    }

    /// The trace so far.
    private func sameHash(_ expected: JSON) throws {
        if expected.string != hash.hex { throw Mismatch("hash: expected \(expected.canonical), it is \(hash.hex)") }
    }

    private mutating func refused(_ error: RehomeError, _ expected: JSON?) throws {
        let code = code(error)
        line(["error": .string(code)])
        if code != expected?.string {
            throw Mismatch("error: expected \(expected?.string ?? "none"), \(code): \(error)")
        }
    }

    private mutating func step(_ step: JSON) throws {
        let output: Step
        // An error must change nothing: as far as can be seen from outside, at a time that is none itself.
        let before = step["error"].map { _ in registration.status(nowMs: stepped) }
        do {
            let input = try ScenarioInput.read(step["input"] ?? .null, preset: preset) { target(named: $0) }
            output = try registration.step(input: input, nowMs: now)
        } catch let error as RehomeError {
            if let hash = step["hash"] {
                try refused(error, .string(code(error)))
                return try sameHash(hash)
            }
            try refused(error, step["error"])
            if before != nil && registration.status(nowMs: stepped) != before {
                throw Mismatch("the error changed something")
            }
            return
        }
        wake = output.wakeMs
        stepped = now
        for case .register(_, let target, _, _, _, _, _) in output.actions where first == nil { first = target }
        if statistics { return }
        if let error = step["error"] { throw Mismatch("error: expected \(error), there was none") }
        var actions: [[String: JSON]] = []
        for action in output.actions { actions.append(named(action)) }
        let events = output.events.map(Notation.event)
        for event in output.events {
            for target in Notation.targets(event.kind) { seen[target.description] = target.id }
        }
        for item in actions + events { line(item) }
        line(["wakeMs": output.wakeMs.map(JSON.int) ?? .null])
        if let hash = step["hash"] { return try sameHash(hash) }
        try Matching.all("actions", step["actions"]?.array ?? [], actions, now)
        if !Matching.fits(step["wakeMs"], output.wakeMs.map(JSON.int), now) {
            throw Mismatch("wakeMs: expected \(step["wakeMs"]?.canonical ?? "null"), it is \(output.wakeMs ?? -1)")
        }
        if let expected = step["events"]?.array { try Matching.all("events", expected, events, now) }
    }

    private mutating func named(_ action: Action) -> [String: JSON] {
        let fields = Notation.action(action)
        switch action {
        case .register(_, let target, _, _, _, _, _):
            seen[target.description] = target.id
            return fields.merging(Notation.ofTarget(target)) { $1 }
        case .unregister(_, let target, _, _, _):
            seen[target.description] = target.id
        default: break
        }
        return fields
    }

    private mutating func status(at now: Int64) -> [String: JSON] {
        let status = registration.status(nowMs: now)
        for target in status.plan.map(\.target) + [status.home, status.trying].compactMap({ $0 }) {
            seen[target.description] = target.id
        }
        return Notation.status(status)
    }

    /// The number of a target of the plan, of one put out before, or one that never was.
    private func target(named text: String) -> Int64 {
        let status = registration.status(nowMs: now)
        let listed = status.plan.map(\.target) + (status.home.map { [$0] } ?? [])
        return listed.first { $0.description == text }?.id ?? seen[text] ?? 0xffff_ffff
    }
}
