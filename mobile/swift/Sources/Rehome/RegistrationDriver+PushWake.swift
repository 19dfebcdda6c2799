import RehomeFFI

/// What came of a push wake within its time.
public enum PushWake: Sendable, Hashable {
    /// A registrar has confirmed the registration since the push: the call can come in.
    case registered(Target)
    /// Not yet, and no more can come of it in time; the driver goes on.
    case notYet(Status)
    /// Registering has been stopped: nobody is signed in.
    case stopped
}

extension RegistrationDriver {
    /// A push woke the app for a call. Registers anew at home, or begins to register if this driver has not begun, and returns
    /// as soon as a registrar has confirmed it, or when no more can come of it within the time. After `stop` it registers
    /// nothing (rule 5.4): whether somebody is signed in is known to the app, so make no driver where nobody is.
    ///
    /// On iOS report the call to CallKit first, in the push handler itself; then call this.
    ///
    /// - Parameter budgetMs: How long to wait at most, in milliseconds. The system states no number.
    public func pushWake(budgetMs: Int64 = 20_000) async -> PushWake {
        guard !isClosed else { return .notYet(status) }
        let number = wakesBegun
        wakesBegun += 1
        let end = clock.nowMs() + max(0, budgetMs)
        let budget = Task { [weak self, clock] in
            try? await clock.sleep(untilMs: end)
            await self?.endWake(number, .notYet)
        }
        let outcome = await withCheckedContinuation { continuation in
            wakes[number] = Wake(untilMs: end, continuation: continuation)
            if registration == nil {
                start()
            } else {
                hand(.resumed)
            }
        }
        budget.cancel()
        let now = status
        switch (outcome, now.home) {
        case (.registered, let home?): return .registered(home)
        case (.stopped, _): return .stopped
        default: return .notYet(now)
        }
    }

    /// A registrar has accepted.
    func succeeded() {
        endWakes(.registered)
    }

    /// Ends those that wait for what cannot come in their time: nothing is registered any more, or nothing before then.
    func endWakesInVain(_ status: Status) {
        if status.state == .stopped { return endWakes(.stopped) }
        guard status.state == .waiting || status.state == .rejected else { return }
        let next = status.wakeMs ?? .max
        for (number, wake) in wakes where wake.untilMs < next { endWake(number, .notYet) }
    }

    func endWakes(_ end: Wake.End) {
        for number in wakes.keys { endWake(number, end) }
    }

    private func endWake(_ number: Int, _ end: Wake.End) {
        wakes.removeValue(forKey: number)?.continuation.resume(returning: end)
    }
}

/// A push wake under way.
struct Wake {
    enum End { case registered, notYet, stopped }

    var untilMs: Int64
    var continuation: CheckedContinuation<End, Never>
}
