// The notation of the project's scenario files: for logs, exports, and whoever reads them.
@file:JvmName("Notation")

package dev.rehome

import dev.rehome.ffi.Action
import dev.rehome.ffi.Answer
import dev.rehome.ffi.Event
import dev.rehome.ffi.FailureReason
import dev.rehome.ffi.Input
import dev.rehome.ffi.LastOutcome
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Status
import dev.rehome.ffi.Target
import dev.rehome.ffi.configToJson

/** `host:port/transport`, with an IPv6 host in brackets. */
public val Target.text: String
    get() {
        val name = if (':' in host && !host.startsWith("[")) "[$host]" else host
        return "$name:$port/${transport.word}"
    }

/** One line of JSON, as in a scenario file: `{"rule":"4.1","from":...,"to":...,"type":"rolledOver"}`. */
public fun Event.toJson(): String = json(fields())

/** One line of JSON, as in a scenario file. */
public fun Action.toJson(): String = json(fields())

/** One line of JSON, as in a scenario file. */
public fun Status.toJson(): String = json(fields())

/** `roundWait` for `ROUND_WAIT`. */
internal val Enum<*>.word: String
    get() = name.split('_').withIndex().joinToString("") { (index, part) ->
        val lower = part.lowercase()
        if (index == 0) lower else lower.replaceFirstChar(Char::uppercaseChar)
    }

internal fun Target.extras(): Array<Pair<String, Any?>> =
    arrayOf("tlsName" to tlsName, "priority" to priority, "weight" to weight, "site" to site)

internal fun Action.fields(): Map<String, Any?> = when (this) {
    is Action.Lookup -> mapOf("type" to "lookup", "id" to id, "name" to name, "kind" to kind.word, "deadlineMs" to deadlineMs)
    is Action.Register -> mapOf(
        "type" to "register", "id" to id, "target" to target.text, "address" to address, "binding" to binding,
        "attempt" to attempt, "expires" to expires, "deadlineMs" to deadlineMs, *target.extras(),
    )
    is Action.Unregister -> mapOf(
        "type" to "unregister", "id" to id, "target" to target.text, "address" to address, "binding" to binding,
        "deadlineMs" to deadlineMs,
    )
    is Action.Cancel -> mapOf("type" to "cancel", "id" to id)
}

internal fun Status.fields(): Map<String, Any?> = mapOf(
    "state" to state.word, "home" to home?.text, "primary" to primary, "why" to why, "streak" to streak,
    "expiresAtMs" to expiresAtMs, "wakeMs" to wakeMs, "wakeFor" to wakeFor?.word, "trying" to trying?.text,
    "failedRounds" to failedRounds,
    "plan" to plan.map {
        mapOf("target" to it.target.text, "last" to it.last?.value(), "heldUntilMs" to it.heldUntilMs, *it.target.extras())
    },
)

private fun LastOutcome.value(): Any = when (this) {
    LastOutcome.Accepted -> "accepted"
    is LastOutcome.Failed -> mapOf("failed" to code)
    is LastOutcome.Rejected -> mapOf("rejected" to code)
    LastOutcome.Silent -> "silent"
    LastOutcome.NoAddress -> "noAddress"
}

internal fun FailureReason.value(): Any = when (this) {
    FailureReason.Timeout -> "timeout"
    is FailureReason.Unreachable -> mapOf("unreachable" to cause.word)
    is FailureReason.Status -> mapOf("status" to code)
    FailureReason.ZeroGrant -> "zeroGrant"
    FailureReason.NoAddress -> "noAddress"
}

/** An input; [target] names the target of a lost connection. */
internal fun Input.fields(target: (Long) -> String): Map<String, Any?> = when (this) {
    Input.Start -> mapOf("type" to "start")
    Input.Stop -> mapOf("type" to "stop")
    Input.Wake -> mapOf("type" to "wake")
    Input.AgentLogin -> mapOf("type" to "agentLogin")
    Input.TryPrimary -> mapOf("type" to "tryPrimary")
    Input.NetworkDown -> mapOf("type" to "networkDown")
    Input.NetworkChanged -> mapOf("type" to "networkChanged")
    Input.Resumed -> mapOf("type" to "resumed")
    Input.Busy -> mapOf("type" to "busy")
    Input.Idle -> mapOf("type" to "idle")
    is Input.Configure -> mapOf("type" to "configure", "config" to RawJson(configToJson(config)))
    is Input.FlowLost -> mapOf("type" to "flowLost", "target" to target(this.target))
    is Input.Answer -> mapOf("type" to "answer", "id" to id, "answer" to answer.fields())
    is Input.Outcome -> mapOf("type" to "outcome", "id" to id, "outcome" to outcome.fields())
    is Input.Refreshed -> mapOf("type" to "refreshed", "outcome" to outcome.fields())
}

private fun Answer.fields(): Map<String, Any?> = when (this) {
    is Answer.Srv -> mapOf(
        "type" to "srv", "ttl" to ttl, "records" to records.map { "${it.priority} ${it.weight} ${it.port} ${it.target}" },
    )
    is Answer.Addresses -> mapOf("type" to "addresses", "addresses" to addresses, "ttl" to ttl)
    is Answer.NoName -> mapOf("type" to "noName", "ttl" to ttl)
    is Answer.NoData -> mapOf("type" to "noData", "ttl" to ttl)
    is Answer.Failed -> mapOf("type" to "failed", "cause" to cause.word)
}

private fun Outcome.fields(): Map<String, Any?> = when (this) {
    is Outcome.Accepted -> mapOf("type" to "accepted", "expires" to expires)
    is Outcome.Status -> mapOf("type" to "status", "code" to code, "retryAfter" to retryAfter, "minExpires" to minExpires)
    is Outcome.Unreachable -> mapOf("type" to "unreachable", "cause" to cause.word)
    Outcome.NoAddress -> mapOf("type" to "noAddress")
    Outcome.NotSent -> mapOf("type" to "notSent")
}

internal fun Event.fields(): Map<String, Any?> = kind.fields() + ("rule" to rule)
