import RehomeFFI

/// How long an answer to what was given up is still handed in: a SIP transaction's life.
private let lateMs: Int64 = 32_000

/// A lookup or REGISTER under way.
struct Pending {
    var task: Task<Void, Never>
    var cancelledAtMs: Int64?
}

// Lookups and REGISTERs: begun, given up, and their answers handed in.
extension RegistrationDriver {
    func perform(_ action: Action, _ now: Int64) {
        switch action {
        case .lookup(let id, let name, let kind, let deadlineMs):
            let timeoutMs = max(1, deadlineMs - now)
            begin(id, failed: { .resolverFailed(id: id, $0) }, instead: .answer(id: id, answer: .failed(cause: .other)))
            {
                [resolver] in
                .answer(id: id, answer: try await resolver.lookup(name: name, kind: kind, timeoutMs: timeoutMs))
            }
        case .register(let id, let target, let address, let binding, let attempt, let expires, _):
            let request = RegisterRequest(
                id: id, target: target, address: address, binding: binding, attempt: attempt, expires: expires)
            register(id) { [registrar] in try await registrar.register(request) }
        case .unregister(let id, let target, let address, let binding, _):
            let request = UnregisterRequest(id: id, target: target, address: address, binding: binding)
            register(id) { [registrar] in try await registrar.unregister(request) }
        case .cancel(let id):
            cancel(id, now)
        }
    }

    /// Gives everything up; nobody wants to know any more.
    func abandonWork() {
        for work in pending.values { work.task.cancel() }
        pending = [:]
    }

    private func register(_ id: Int64, _ call: @escaping @Sendable () async throws -> Outcome) {
        let instead = Input.outcome(id: id, outcome: .unreachable(cause: .other))
        begin(id, failed: { .registrarFailed(id: id, $0) }, instead: instead) {
            .outcome(id: id, outcome: try await call())
        }
    }

    private func begin(
        _ id: Int64, failed: @escaping @Sendable (any Error) -> Notice, instead: Input,
        _ call: @escaping @Sendable () async throws -> Input
    ) {
        underWay += 1
        let task = Task { [weak self] in
            do {
                let input = try await call()
                await self?.ended(id, input, nil)
            } catch {
                await self?.ended(id, instead, failed(error))
            }
        }
        pending[id] = Pending(task: task)
    }

    private func cancel(_ id: Int64, _ now: Int64) {
        guard var work = pending[id] else { return }
        work.cancelledAtMs = now
        work.task.cancel()
        pending[id] = work
        pending = pending.filter { now - ($0.value.cancelledAtMs ?? now) <= lateMs }
    }

    private func ended(_ id: Int64, _ input: Input, _ failure: Notice?) {
        underWay -= 1
        guard !isClosed else { return }
        let now = clock.nowMs()
        let work = pending.removeValue(forKey: id)
        let givenUp = work.map { $0.cancelledAtMs } ?? .min
        if let failure {
            // What was given up may well end in an error.
            if givenUp != nil { return }
            tell(.notice(failure), now)
        }
        if let givenUp, work == nil || now - givenUp > lateMs {
            tell(.notice(.lateDropped(id: id)), now)
            return
        }
        hand(input)
    }
}
