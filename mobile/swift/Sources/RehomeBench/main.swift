// What a step costs, over an empty call.

import Rehome

/// The best of some rounds, in microseconds for one call.
func best(_ calls: Int, _ body: (Int) throws -> Void) rethrows -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
        let began = ContinuousClock.now
        for index in 0..<calls { try body(index) }
        let took = began.duration(to: .now).components
        best = min(best, (Double(took.seconds) * 1e6 + Double(took.attoseconds) / 1e12) / Double(calls))
    }
    return best
}

/// With one decimal more than the times can be relied on.
func shown(_ micros: Double) -> String {
    let hundredths = Int((micros * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) us"
}

let config = Config(srvRecord: "_sip._udp.example.com")
let records = (0..<4).map {
    SrvRecord(priority: $0 < 2 ? 10 : 200, weight: 50, port: 5060, target: "sbc\($0).example.com")
}

/// A registration, and what it is to hear: lookup, answer, REGISTER, success.
func started() throws -> (registration: Registration, inputs: [Input]) {
    let registration = try Registration(config: config, seed: 1)
    let inputs: [Input] = [
        .start, .answer(id: 1, answer: .srv(records: records, ttl: 300)),
        .outcome(id: 2, outcome: .accepted(expires: 600)),
    ]
    return (registration, inputs)
}

let (registration, inputs) = try started()
for (index, input) in inputs.enumerated() { _ = try registration.step(input: input, nowMs: Int64(index)) }
guard registration.status(nowMs: 3).state == .registered else { fatalError("it did not register") }

let empty = best(200_000) { _ in _ = registration.target(id: 999_999) }
let idle = try best(50_000) { _ in _ = try registration.step(input: .wake, nowMs: 3) }
let status = best(20_000) { _ in _ = registration.status(nowMs: 3) }
let made = try best(5000) { _ in _ = try started() }
let round = try best(5000) { _ in
    let (registration, inputs) = try started()
    for (index, input) in inputs.enumerated() { _ = try registration.step(input: input, nowMs: Int64(index)) }
}
print("an empty call (no such target)   \(shown(empty))")
print("a step that changes nothing      \(shown(idle))")
print("a step up to registered          \(shown((round - made) / Double(inputs.count)))")
print("the status, a plan of four       \(shown(status))")
print("a new registration               \(shown(made))")
