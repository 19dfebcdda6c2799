import RehomeFFI

/// What came of a push wake within its time.
public enum PushWake: Sendable, Hashable {
    /// A registrar has confirmed the registration since the push: the call can come in.
    case registered(Target)
    /// Not yet; the driver goes on.
    case notYet(Status)
}

extension RegistrationDriver {
    /// A push woke the app for a call. Registers anew at home, or begins to register, and returns as soon as a registrar has
    /// confirmed it, or when the time is over.
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
            await self?.endWake(number, false)
        }
        let succeeded = await withCheckedContinuation { continuation in
            wakes[number] = continuation
            if registration == nil || !isRunning {
                start()
            } else {
                hand(.resumed)
            }
        }
        budget.cancel()
        let now = status
        if succeeded, let home = now.home { return .registered(home) }
        return .notYet(now)
    }

    /// A registrar has accepted.
    func succeeded() {
        for number in wakes.keys { endWake(number, true) }
    }

    func endWakes() {
        for number in wakes.keys { endWake(number, false) }
    }

    private func endWake(_ number: Int, _ succeeded: Bool) {
        wakes.removeValue(forKey: number)?.resume(returning: succeeded)
    }
}
