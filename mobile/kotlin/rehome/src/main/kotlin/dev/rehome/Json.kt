package dev.rehome

/** Text that is JSON already. */
internal class RawJson(val text: String)

/** A null that is written; others are left out. */
internal val NULL = RawJson("null")

/** One line of canonical JSON, as tests/README.md of the project has it: keys sorted, no spaces, null fields left out. */
internal fun json(value: Any?): String = StringBuilder().also { it.put(value) }.toString()

private fun StringBuilder.put(value: Any?) {
    when (value) {
        null -> append("null")
        is RawJson -> append(value.text)
        is String -> putText(value)
        is Boolean, is Int, is Long -> append(value)
        is List<*> -> {
            append('[')
            value.forEachIndexed { index, item ->
                if (index > 0) append(',')
                put(item)
            }
            append(']')
        }
        is Map<*, *> -> {
            append('{')
            val given = value.entries.filter { it.value != null }.sortedBy { it.key as String }
            given.forEachIndexed { index, (key, field) ->
                if (index > 0) append(',')
                putText(key as String)
                append(':')
                put(field)
            }
            append('}')
        }
        else -> throw IllegalArgumentException("${value::class.java.name} cannot be JSON: use text, number, list or map")
    }
}

private fun StringBuilder.putText(text: String) {
    append('"')
    for (letter in text) {
        when (letter) {
            '"' -> append("\\\"")
            '\\' -> append("\\\\")
            '\b' -> append("\\b")
            '\u000c' -> append("\\f")
            '\n' -> append("\\n")
            '\r' -> append("\\r")
            '\t' -> append("\\t")
            else -> if (letter < ' ') append("\\u").append(letter.code.toString(16).padStart(4, '0')) else append(letter)
        }
    }
    append('"')
}
