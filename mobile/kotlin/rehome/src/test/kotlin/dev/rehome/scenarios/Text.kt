package dev.rehome.scenarios

import dev.rehome.json
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.longOrNull

/** An object as a map, so that what was read and what came out are of one kind. */
typealias Fields = Map<String, Any?>

fun read(text: String): Fields = fields(plain(Json.parseToJsonElement(text)))

@Suppress("UNCHECKED_CAST")
fun fields(value: Any?): Fields = value as Fields

@Suppress("UNCHECKED_CAST")
fun list(value: Any?): List<Any?> = value as List<Any?>

private fun plain(element: JsonElement): Any? = when (element) {
    is JsonObject -> element.mapValues { plain(it.value) }
    is JsonArray -> element.map(::plain)
    JsonNull -> null
    is JsonPrimitive -> if (element.isString) element.content else element.booleanOrNull ?: element.longOrNull
}

/** As they are hashed: a null inside counts for nothing. */
fun canonical(value: Any?): String = json(value)

/** Lays [over] on [base], object by object; anything else takes the place of what was there. */
fun layOver(base: Any?, over: Any?): Any? {
    if (base !is Map<*, *> || over !is Map<*, *>) return over
    val below = fields(base)
    return below + fields(over).mapValues { (key, value) -> if (key in below) layOver(below[key], value) else value }
}

/** FNV-1a, 64 bit. */
class Hash {
    private var value = -0x340d631b7bdddcdbL

    fun line(text: String) {
        for (byte in (text + "\n").toByteArray()) value = (value xor (byte.toLong() and 0xff)) * 0x100000001b3L
    }

    fun hex(): String = java.lang.Long.toHexString(value).padStart(16, '0')
}
