import Foundation

/// How far an attempt has come.
final class Attempt: @unchecked Sendable {
    private let lock = NSLock()
    private var sent = false
    private var cancelled = false
    private var flow: Flow?
    private var task: Task<Void, Never>?

    /// The core no longer waits.
    var isCancelled: Bool { lock.withLock { cancelled } }

    /// A REGISTER is about to leave: its answer is of interest from now on. False if the attempt was given up before.
    func begins(on flow: Flow) -> Bool {
        lock.withLock {
            if cancelled { return sent }
            sent = true
            self.flow = flow
            return true
        }
    }

    /// The core no longer waits. What has not been sent is not sent; what has may be answered for a while (rule 3.6).
    func cancel(_ work: Task<some Sendable, Never>) {
        let flow: Flow? = lock.withLock {
            cancelled = true
            if !sent { work.cancel() }
            return self.flow
        }
        guard let flow else { return }
        Task { await flow.doubt() }
    }
}
