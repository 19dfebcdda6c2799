import RehomeFFI

/// What stands for the answer of a resolver or registrar that threw.
private let noAnswer = Answer.failed(cause: .other)
private let noOutcome = Outcome.unreachable(cause: .other)

// The steps of the policy, and the one timer.
extension RegistrationDriver {
    /// Hands an input to the policy and does what it asks for.
    func hand(_ input: Input) {
        guard registration != nil else { return }
        let now = clock.nowMs()
        if overslept(now) {
            dueMs = nil
            tell(.notice(.slept), now)
            if input != .resumed { step(.resumed, now) }
        }
        step(input, now)
        changed()
        setTimer()
    }

    /// The configuration, with the lateness of this host's timers.
    var slackened: Config {
        var config = config
        config.refresh.timerSlackMs = slackInUseMs
        return config
    }

    /// How late timers may be.
    private var slackInUseMs: Int64 { max(config.refresh.timerSlackMs, slackMs) }

    func tell(_ kind: Occurrence.Kind, _ now: Int64) {
        occurrenceListeners.tell(Occurrence(atMs: now, kind: kind))
    }

    /// After the status may have changed.
    func changed() {
        let status = status
        if status != lastStatus {
            lastStatus = status
            tell(.status(status), clock.nowMs())
            statusListeners.tell(status)
        }
        isRunning = status.state != .stopped && status.state != .stopping
        let wanted = isRunning ? "\(status.home?.id ?? 0) \(status.expiresAtMs ?? 0)" : ""
        if wanted != savedFor {
            savedFor = wanted
            save()
        }
        endWakesInVain(status)
    }

    func tellStopped() {
        for stop in stops { stop.resume() }
        stops = []
    }

    private func step(_ input: Input, _ now: Int64) {
        guard let registration, !isClosed else { return }
        tell(.input(input), now)
        let step: Step
        do {
            step = try registration.step(input: input, nowMs: now)
        } catch {
            tell(.notice(.inputRefused(input, error)), now)
            // What a resolver or registrar made up is a failure of its own.
            if let mended = mended(input, error) { self.step(mended, now) }
            return
        }
        log.step(input, atMs: now, step)
        wakeMs = step.wakeMs
        for event in step.events {
            tell(.event(event), now)
            eventListeners.tell(event)
            if case .registered = event.kind { succeeded() }
            if case .refreshed = event.kind { succeeded() }
            // Not by the status: a start meanwhile begins anew in this very step (rule 6.9).
            if event.kind == .stopped { tellStopped() }
        }
        for action in step.actions {
            tell(.action(action), now)
            perform(action, now)
        }
    }

    private func mended(_ input: Input, _ error: any Error) -> Input? {
        switch (error as? RehomeError, input) {
        case (.InvalidInput, .answer(let id, let answer)) where answer != noAnswer: .answer(id: id, answer: noAnswer)
        case (.InvalidInput, .outcome(let id, let outcome)) where outcome != noOutcome,
            (.NotFinal, .outcome(let id, let outcome)) where outcome != noOutcome:
            .outcome(id: id, outcome: noOutcome)
        default: nil
        }
    }

    // MARK: Time

    /// Whether the timer should have rung long ago: the device slept, or the app was suspended.
    private func overslept(_ now: Int64) -> Bool {
        dueMs.map { now - $0 > RegistrationDriver.asleepMs + slackInUseMs } ?? false
    }

    private func setTimer() {
        timer?.cancel()
        timer = nil
        dueMs = nil
        guard let wakeMs, !isClosed else { return }
        let now = clock.nowMs()
        let due = min(max(wakeMs, now), now + RegistrationDriver.heartbeatMs)
        dueMs = due
        timer = Task { [weak self, clock] in
            guard (try? await clock.sleep(untilMs: due)) != nil else { return }
            await self?.rings(due)
        }
    }

    private func rings(_ due: Int64) {
        guard due == dueMs, !isClosed else { return }
        let now = clock.nowMs()
        if overslept(now) {
            hand(.resumed)
        } else if let wakeMs, now >= wakeMs {
            hand(.wake)
        } else {
            setTimer()
        }
    }
}
