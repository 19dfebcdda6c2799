import Foundation
import RehomeFFI

// From one process to the next.
extension RegistrationDriver {
    /// Makes the registration, if there is none: from the snapshot that was kept, or afresh. True if it went on from one.
    @discardableResult
    func begin() -> Bool {
        guard registration == nil, !isClosed else { return false }
        if restore() {
            hand(.wake)
            return true
        }
        do {
            registration = try Registration(config: slackened, seed: seed)
        } catch {
            // Checked before, so it cannot be.
            tell(.notice(.inputRefused(.start, error)), clock.nowMs())
            return false
        }
        log = ScenarioLog(config: slackened, seed: seed)
        begun()
        return false
    }

    /// There is a registration: it hears what was said before.
    private func begun() {
        watchFlows()
        if !isOnline { hand(.networkDown) }
        if let isBusy { hand(isBusy ? .busy : .idle) }
    }

    /// Keeps a snapshot now: call it when the app goes to the background. Otherwise one is kept whenever home or its
    /// expiry has changed.
    public func save() {
        guard let store, let registration, isRunning, !isClosed else { return }
        let now = clock.nowMs()
        let wall = clock.wallMs()
        let snapshot = registration.snapshot(nowMs: now, wallMs: wall)
        func saved(_ log: JSON) -> Data {
            let fields: [String: JSON] = [
                "v": .int(1), "atMs": .int(now), "wallMs": .int(wall), "log": log,
                "snapshot": .string(snapshot.base64EncodedString()),
            ]
            return Data(JSON.object(fields).text.utf8)
        }
        do {
            do {
                try store.save(saved(log.saved))
            } catch {
                // No room, perhaps: the log is the larger part.
                try store.save(saved(.null))
            }
        } catch {
            tell(.notice(.notSaved(error)), now)
        }
    }

    func forget() {
        do {
            try store?.remove()
        } catch {
            tell(.notice(.notSaved(error)), clock.nowMs())
        }
    }

    /// Makes the registration from the snapshot that was kept; false if there is none to go on from.
    func restore() -> Bool {
        let now = clock.nowMs()
        let wall = clock.wallMs()
        let kept: Data?
        do {
            kept = try store?.load()
        } catch {
            // Not forgotten: a file that is locked now may be read by the next process.
            tell(.notice(.snapshotRefused(error)), now)
            return false
        }
        guard let data = kept else { return false }
        do {
            let saved = try Saved(data)
            registration = try Registration.restore(
                config: slackened, seed: seed, snapshot: saved.snapshot, nowMs: now, wallMs: wall)
            log = ScenarioLog(saved: saved.log) ?? log.truncated(config: slackened, seed: seed)
            log.restored(
                atMs: saved.atMs, wallMs: saved.wallMs, nowMs: now, nowWallMs: wall, config: slackened, seed: seed)
            tell(.notice(.restored(ageMs: wall - saved.wallMs)), now)
        } catch {
            tell(.notice(.snapshotRefused(error)), now)
            forget()
            return false
        }
        begun()
        return true
    }

    private func watchFlows() {
        guard flowWatch == nil else { return }
        let lost = registrar.lostFlows
        flowWatch = Task { [weak self] in
            for await target in lost { await self?.flowLost(target) }
        }
    }
}

extension ScenarioLog {
    fileprivate func truncated(config: Config, seed: Int64) -> ScenarioLog {
        var log = ScenarioLog(config: config, seed: seed)
        log.truncate()
        return log
    }
}

/// What was kept.
private struct Saved {
    var atMs: Int64
    var wallMs: Int64
    var snapshot: Data
    var log: JSON?

    init(_ data: Data) throws {
        let json = try JSON(text: String(decoding: data, as: UTF8.self))
        guard json["v"]?.int == 1, let atMs = json["atMs"]?.int, let wallMs = json["wallMs"]?.int,
            let text = json["snapshot"]?.string, let snapshot = Data(base64Encoded: text)
        else {
            throw RehomeError.Snapshot(
                message:
                    "what the snapshot store holds is not what this driver saved: give each account a store of its own")
        }
        self.atMs = atMs
        self.wallMs = wallMs
        self.snapshot = snapshot
        log = json["log"]
    }
}
