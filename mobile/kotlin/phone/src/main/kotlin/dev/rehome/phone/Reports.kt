package dev.rehome.phone

import dev.rehome.Stepped
import dev.rehome.ffi.Action
import dev.rehome.ffi.Answer
import dev.rehome.ffi.Input
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Status
import dev.rehome.ffi.Target
import dev.rehome.toJson
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.add
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray

/** What a phone says: one JSON object a line, as the native phone does. */
class Reports(private val say: (String) -> Unit) {
    private var shown: List<Any?>? = null

    fun ready(user: String): Unit = report("ready", 0, "user" to JsonPrimitive(user))

    fun error(atMs: Long, error: String): Unit = report("error", atMs, "error" to JsonPrimitive(error))

    fun status(atMs: Long, status: Status): Unit = report("status", atMs, "status" to parsed(status.toJson()))

    fun step(step: Stepped) {
        when (val input = step.input) {
            is Input.Answer -> report("answer", step.atMs, "id" to JsonPrimitive(input.id), "answer" to answer(input.answer))
            is Input.Outcome -> report("outcome", step.atMs, "id" to JsonPrimitive(input.id), "outcome" to outcome(input.outcome))
            else -> Unit
        }
        step.events.forEach { report("event", step.atMs, "event" to parsed(it.toJson())) }
        step.actions.forEach { report("action", step.atMs, "action" to action(it)) }
        val showing = with(step.status) { listOf(state, home?.id, primary) }
        if (showing != shown) {
            shown = showing
            status(step.atMs, step.status)
        }
    }

    private fun report(kind: String, atMs: Long, vararg fields: Pair<String, JsonElement>) {
        say(JsonObject(mapOf("report" to JsonPrimitive(kind), "atMs" to JsonPrimitive(atMs)) + fields).toString())
    }

    private fun parsed(json: String): JsonObject = Json.parseToJsonElement(json) as JsonObject

    /** With its target's parts beside it. */
    private fun action(action: Action): JsonObject = when (action) {
        is Action.Register -> JsonObject(parsed(action.toJson()) + parts(action.target))
        is Action.Unregister -> JsonObject(parsed(action.toJson()) + parts(action.target))
        else -> parsed(action.toJson())
    }

    private fun parts(target: Target): Map<String, JsonElement> = buildJsonObject {
        put("host", target.host)
        put("port", target.port)
        put("transport", target.transport.name.lowercase())
        put("tlsName", target.tlsName)
        put("priority", target.priority)
        put("weight", target.weight)
    }

    private fun answer(answer: Answer): JsonObject = buildJsonObject {
        when (answer) {
            is Answer.Srv -> {
                put("type", "srv")
                put("ttl", answer.ttl)
                putJsonArray("records") {
                    answer.records.forEach {
                        addJsonObject {
                            put("priority", it.priority)
                            put("weight", it.weight)
                            put("port", it.port)
                            put("target", it.target)
                        }
                    }
                }
            }
            is Answer.Addresses -> {
                put("type", "addresses")
                put("ttl", answer.ttl)
                putJsonArray("addresses") { answer.addresses.forEach { add(it) } }
            }
            is Answer.NoName -> {
                put("type", "noName")
                put("ttl", answer.ttl)
            }
            is Answer.NoData -> {
                put("type", "noData")
                put("ttl", answer.ttl)
            }
            is Answer.Failed -> {
                put("type", "failed")
                put("cause", word(answer.cause))
            }
        }
    }

    private fun outcome(outcome: Outcome): JsonObject = buildJsonObject {
        when (outcome) {
            is Outcome.Accepted -> {
                put("type", "accepted")
                put("expires", outcome.expires?.let(::JsonPrimitive) ?: JsonNull)
            }
            is Outcome.Status -> {
                put("type", "status")
                put("code", outcome.code)
                put("retryAfter", outcome.retryAfter)
                put("minExpires", outcome.minExpires)
            }
            is Outcome.Unreachable -> {
                put("type", "unreachable")
                put("cause", word(outcome.cause))
            }
            Outcome.NoAddress -> put("type", "noAddress")
            Outcome.NotSent -> put("type", "notSent")
        }
    }

    /** `noRoute` for `NO_ROUTE`. */
    private fun word(constant: Enum<*>): String =
        constant.name.lowercase().replace(Regex("_([a-z])")) { it.groupValues[1].uppercase() }
}
