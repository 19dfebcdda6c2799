import RehomeFFI

/// What the driver itself met with; the policy's own decisions are events.
public enum Notice: Sendable {
    /// The device slept, or the app was suspended; `resumed` is handed in.
    case slept
    /// Goes on from a snapshot that is so many milliseconds old.
    case restored(ageMs: Int64)
    /// What was kept could not be read or used: a fresh start.
    case snapshotRefused(any Error)
    /// The snapshot could not be kept: the next process will start afresh.
    case notSaved(any Error)
    /// The registrar threw; taken as `.unreachable(cause: .other)`.
    case registrarFailed(id: Int64, any Error)
    /// The resolver threw; taken as `.failed(cause: .other)`.
    case resolverFailed(id: Int64, any Error)
    /// An outcome more than 32 s after it was given up.
    case lateDropped(id: Int64)
    /// The policy refused an input as wrong; nothing was changed.
    case inputRefused(Input, any Error)
}

/// Something that happened, in the order in which it did.
public struct Occurrence: Sendable {
    /// What it was.
    public enum Kind: Sendable {
        /// Handed to the policy.
        case input(Input)
        /// Decided by the policy.
        case event(Event)
        /// Asked for by the policy, and about to be done.
        case action(Action)
        /// The status changed.
        case status(Status)
        /// The driver's own.
        case notice(Notice)
    }

    /// When, on the driver's clock.
    public var atMs: Int64
    /// What.
    public var kind: Kind
}

/// Those who listen to something.
struct Listeners<Element: Sendable>: ~Copyable {
    private var continuations: [AsyncStream<Element>.Continuation] = []
    private var isOver = false

    mutating func stream(
        _ policy: AsyncStream<Element>.Continuation.BufferingPolicy, first: Element? = nil
    ) -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: policy)
        if let first { continuation.yield(first) }
        if isOver {
            continuation.finish()
        } else {
            continuations.append(continuation)
        }
        return stream
    }

    mutating func tell(_ element: Element) {
        continuations.removeAll { continuation in
            if case .terminated = continuation.yield(element) { true } else { false }
        }
    }

    mutating func finish() {
        for continuation in continuations { continuation.finish() }
        continuations = []
        isOver = true
    }
}
