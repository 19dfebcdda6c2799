import Foundation
import Rehome

/// RFC 3261's T1, T2 and timer F: first and longest wait before a request is repeated over UDP, and a transaction's life.
private let t1 = Duration.milliseconds(500)
private let t2 = Duration.seconds(4)
private let timerF = Duration.seconds(32)

/// A link with the transactions open on it. It closes when nobody holds it any more.
actor Flow {
    /// What a transaction hears.
    private enum Word {
        case reply(Reply)
        case failed(Outcome)
        case again
        case over
    }

    nonisolated let local: String
    private nonisolated let link: any Link
    private let isReliable: Bool
    private let pong: Duration
    private var framing = Framing()
    private var open: [String: AsyncStream<Word>.Continuation] = [:]
    private var users = 0
    private var closed: Outcome?
    private var isDoubtful = false
    private var pongDue: ContinuousClock.Instant?

    /// - Parameters:
    ///   - keepAlive: How often a connection is tried; nil: never.
    ///   - pong: How long the answer to that may take (RFC 5626 section 4.4.1).
    ///   - lost: Called if it ends while no attempt uses it.
    init(
        _ link: any Link, isReliable: Bool, keepAlive: Duration?, pong: Duration = .seconds(10),
        lost: @escaping @Sendable (Flow) async -> Void
    ) {
        self.link = link
        self.isReliable = isReliable
        self.pong = pong
        local = link.local
        Task { [weak self, heard = link.heard] in
            for await heard in heard { await self?.take(heard) }
            if let self, await self.ended() { await lost(self) }
        }
        guard isReliable, let keepAlive else { return }
        Task { [weak self] in
            while true {
                try? await Task.sleep(for: keepAlive)
                guard let self, await self.ping() else { return }
            }
        }
    }

    deinit {
        link.close()
    }

    /// Whether a new attempt may use it: not closed, and not silent since an attempt on it was given up.
    var isGood: Bool { closed == nil && !isDoubtful }

    /// An attempt on it was given up: unless something is heard on it, the next attempt connects anew.
    func doubt() {
        isDoubtful = isReliable
    }

    /// An attempt uses it from now on.
    func use() {
        users += 1
    }

    /// The attempt is over; true if the flow has closed meanwhile and nobody else uses it, so that somebody must say so.
    func leave() -> Bool {
        users -= 1
        return closed != nil && users == 0
    }

    /// Sends a request and waits for its final answer, at most for timer F (RFC 3261 section 17.1.2). Once nobody waits any
    /// more (`isCancelled`), it only listens: nothing more is sent.
    func exchange(
        branch: String, _ request: Data, isCancelled: @escaping @Sendable () -> Bool
    ) async -> Result<Reply, LinkFailure> {
        if let closed { return .failure(LinkFailure(outcome: closed)) }
        let (words, tell) = AsyncStream.makeStream(of: Word.self)
        open[branch] = tell
        let over = Task {
            try await Task.sleep(for: timerF)
            tell.yield(.over)
        }
        var interval = t1
        var again = remind(tell, after: interval)
        defer {
            open[branch] = nil
            over.cancel()
            again?.cancel()
        }
        link.send(request)
        for await word in words {
            switch word {
            case .reply(let reply) where reply.code >= 200: return .success(reply)
            case .reply: interval = t2
            case .failed(let outcome): return .failure(LinkFailure(outcome: outcome))
            case .again:
                if isCancelled() { continue }
                link.send(request)
                interval = min(interval * 2, t2)
                again = remind(tell, after: interval)
            case .over: return .failure(LinkFailure(outcome: .unreachable(cause: .timeout)))
            }
        }
        return .failure(LinkFailure(outcome: .unreachable(cause: .closed)))
    }

    private func remind(_ tell: AsyncStream<Word>.Continuation, after interval: Duration) -> Task<Void, any Error>? {
        if isReliable { return nil }
        return Task {
            try await Task.sleep(for: interval)
            tell.yield(.again)
        }
    }

    private func take(_ heard: Heard) {
        switch heard {
        case .failed(let outcome):
            if isReliable { closed = closed ?? outcome }
            for tell in open.values { tell.yield(.failed(outcome)) }
        case .data(let data) where isReliable:
            isDoubtful = false
            pongDue = nil
            framing.append(data)
            takeMessages()
        case .data(let data):
            deliver(data)
        }
    }

    private func takeMessages() {
        while true {
            switch framing.next() {
            case .message(let message): deliver(message)
            case .pong: continue
            case .more: return
            case .broken:
                closed = closed ?? .unreachable(cause: .other)
                return link.close()
            }
        }
    }

    private func deliver(_ message: Data) {
        guard let reply = Reply(message) else { return }
        open[reply.branch]?.yield(.reply(reply))
    }

    /// True if nobody uses it.
    private func ended() -> Bool {
        let why = closed ?? .unreachable(cause: .closed)
        closed = why
        for tell in open.values { tell.yield(.failed(why)) }
        return users == 0
    }

    /// False when there is no point in further ones.
    private func ping() -> Bool {
        if closed != nil { return false }
        if let pongDue, pongDue < .now {
            closed = .unreachable(cause: .timeout)
            link.close()
            return false
        }
        pongDue = pongDue ?? .now.advanced(by: pong)
        link.send(Data("\r\n\r\n".utf8))
        return true
    }
}
