package dev.rehome.scenarios

import dev.rehome.ffi.Answer
import dev.rehome.ffi.Config
import dev.rehome.ffi.Input
import dev.rehome.ffi.LookupFailure
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.SrvRecord
import dev.rehome.ffi.Unreachable

/** An input from the notation of the files. */
fun input(written: Fields, config: (Any?) -> Config, target: (String) -> Long): Input = when (val type = written["type"]) {
    "start" -> Input.Start
    "stop" -> Input.Stop
    "wake" -> Input.Wake
    "agentLogin" -> Input.AgentLogin
    "tryPrimary" -> Input.TryPrimary
    "networkDown" -> Input.NetworkDown
    "networkChanged" -> Input.NetworkChanged
    "resumed" -> Input.Resumed
    "busy" -> Input.Busy
    "idle" -> Input.Idle
    "configure" -> Input.Configure(config(written["config"]))
    "flowLost" -> Input.FlowLost(target(written["target"] as String))
    "answer" -> Input.Answer(written["id"] as Long, answer(fields(written["answer"])))
    "outcome" -> Input.Outcome(written["id"] as Long, outcome(fields(written["outcome"])))
    "refreshed" -> Input.Refreshed(outcome(fields(written["outcome"])))
    else -> error("unknown input $type")
}

private fun answer(written: Fields): Answer {
    val ttl = written["ttl"] as Long?
    return when (val type = written["type"]) {
        "srv" -> Answer.Srv(list(written["records"]).map { record(it as String) }, ttl!!)
        "addresses" -> Answer.Addresses(list(written["addresses"]).map { it as String }, ttl!!)
        "noName" -> Answer.NoName(ttl)
        "noData" -> Answer.NoData(ttl)
        "failed" -> Answer.Failed(LookupFailure.valueOf(constant(written["cause"])))
        else -> error("unknown answer $type")
    }
}

private fun outcome(written: Fields): Outcome = when (val type = written["type"]) {
    "accepted" -> Outcome.Accepted(written["expires"] as Long?)
    "status" -> Outcome.Status(
        (written["code"] as Long).toInt(),
        written["retryAfter"] as Long?,
        written["minExpires"] as Long?,
    )
    "unreachable" -> Outcome.Unreachable(Unreachable.valueOf(constant(written["cause"])))
    "noAddress" -> Outcome.NoAddress
    "notSent" -> Outcome.NotSent
    else -> error("unknown outcome $type")
}

private fun record(text: String): SrvRecord {
    val (priority, weight, port, target) = text.split(' ', limit = 4)
    return SrvRecord(priority.toInt(), weight.toInt(), port.toInt(), target)
}

/** `NO_ROUTE` for `noRoute`. */
private fun constant(word: Any?): String = (word as String).replace(Regex("[A-Z]"), "_$0").uppercase()
