import Foundation

/// The clock of a driver; another one makes tests quick.
public protocol DriverClock: Sendable {
    /// Whole milliseconds on a clock that is never set and goes on while the device sleeps (rule 0.4).
    func nowMs() -> Int64
    /// The wall clock: milliseconds since 1970.
    func wallMs() -> Int64
    /// Returns at that time of `nowMs`, or a little later. Throws when the task is cancelled.
    func sleep(untilMs: Int64) async throws
}

/// The system's: it counts from when it was made.
public struct SystemClock: DriverClock {
    private let start = ContinuousClock.now
    /// How late a timer may be, so that the system can gather wake-ups.
    private static let tolerance = Duration.milliseconds(20)

    /// Begins to count.
    public init() {}

    /// Whole milliseconds since it was made.
    public func nowMs() -> Int64 {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// Milliseconds since 1970.
    public func wallMs() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1000)
    }

    /// Sleeps.
    public func sleep(untilMs: Int64) async throws {
        let end = start.advanced(by: .milliseconds(untilMs))
        try await Task.sleep(until: end, tolerance: SystemClock.tolerance, clock: .continuous)
    }
}
