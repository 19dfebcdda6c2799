package dev.rehome.scenarios

import dev.rehome.ffi.Config
import dev.rehome.ffi.EventKind
import dev.rehome.ffi.Registration
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.Step
import dev.rehome.ffi.Target
import dev.rehome.ffi.configFromJson
import dev.rehome.ffi.configToJson
import dev.rehome.ffi.preset
import dev.rehome.fields
import dev.rehome.text
import java.util.TreeMap
import java.util.concurrent.ConcurrentHashMap

/** What happened is not what the file says. */
class Mismatch(message: String) : Exception(message)

/** Runs one scenario through the public API and returns its trace hash; throws at the first thing that is not as expected. */
fun run(scenario: Fields): String {
    if (scenario["schemaVersion"] != 1L) throw Mismatch("schemaVersion ${scenario["schemaVersion"]}: take a newer runner")
    if (scenario["statistics"] != null) return statistics(scenario)
    val run = Run(scenario, (scenario["seed"] as Long?) ?: 1, hashed = true)
    run.all()
    return run.hash.hex()
}

private val TIMES = setOf("wakeMs", "deadlineMs", "untilMs", "expiresAtMs", "heldUntilMs")

/** One registration, in the notation of the files. */
private class Run(private val scenario: Fields, private val seed: Long, private val hashed: Boolean) {
    val hash = Hash()
    var first: String? = null

    /** The plan at the end, where statistics ask for it. */
    var plan = ""
    private val wantsPlan = (scenario["statistics"] as Map<*, *>?)?.get("observe") == "plan"
    private val preset = presetOf((scenario["preset"] as String?) ?: "default")
    private val config = layOver(preset, scenario["config"] ?: emptyMap<String, Any?>())
    private lateinit var registration: Registration
    private val seen = HashMap<String, Long>()
    private var now = 0L
    private var wake: Long? = null

    fun all() {
        registration = Registration(config(config), seed)
        try {
            list(scenario["steps"]).forEachIndexed { index, step ->
                try {
                    now = time(fields(step)["atMs"])
                    line(mapOf("step" to index))
                    one(fields(step))
                } catch (error: Mismatch) {
                    throw Mismatch("step $index ($now ms): ${error.message}")
                }
            }
        } finally {
            if (wantsPlan) plan = registration.status(now).plan.joinToString(" ") { it.target.text }
            registration.close()
        }
    }

    private fun config(json: Any?): Config {
        if (hashed) return configFromJson(withNulls(json))
        return configs.getOrPut(json!!) { configFromJson(withNulls(json)) }
    }

    private fun time(at: Any?): Long = when (at) {
        is Long -> at
        "wake" -> wake ?: throw Mismatch("atMs: the last step asked for no time")
        else -> now + fields(at)["after"] as Long
    }

    private fun line(value: Any?) {
        if (hashed) hash.line(canonical(value))
    }

    private fun one(step: Fields) {
        when (val op = step["op"]) {
            "step" -> step(step)
            "status" -> {
                val status = registration.status(now)
                (status.plan.map { it.target } + listOfNotNull(status.home, status.trying)).forEach(::see)
                val written = status.fields()
                line(written)
                same("status", fields(step["expect"]), written)
            }
            "snapshotRestore" -> {
                val snapshot = registration.snapshot(now, step["wallMs"] as Long)
                now = step["restoreAtMs"] as Long
                replace(step) { config, seed ->
                    Registration.restore(config, seed, snapshot, now, step["restoreWallMs"] as Long)
                }
            }
            "restart" -> replace(step, ::Registration)
            else -> throw Mismatch("unknown operation $op")
        }
    }

    private fun replace(step: Fields, make: (Config, Long) -> Registration) {
        val other = try {
            make(config(layOver(config, step["config"] ?: emptyMap<String, Any?>())), (step["seed"] as Long?) ?: seed)
        } catch (error: RehomeException) {
            return refused(error, step["error"])
        }
        if (step["error"] != null) throw Mismatch("error: expected ${step["error"]}, there was none")
        registration.close()
        registration = other
        wake = other.status(now).wakeMs
    }

    /** The code is the variant's name. */
    private fun code(error: RehomeException): String = error::class.simpleName!!.replaceFirstChar(Char::lowercaseChar)

    private fun refused(error: RehomeException, expected: Any?) {
        val code = code(error)
        line(mapOf("error" to code))
        if (code != expected) throw Mismatch("error: expected ${expected ?: "none"}, $code: ${error.message}")
    }

    private fun step(step: Fields) {
        val input = input(fields(step["input"]), { config(layOver(preset, it)) }, ::find)
        val before = if (step["error"] != null) registration.snapshot(now, 0) else null
        val output = try {
            registration.step(input, now)
        } catch (error: RehomeException) {
            step["hash"]?.let {
                refused(error, code(error))
                return sameHash(it)
            }
            refused(error, step["error"])
            if (!registration.snapshot(now, 0).contentEquals(before)) throw Mismatch("the error changed something")
            return
        }
        took(step, output)
    }

    private fun took(step: Fields, output: Step) {
        wake = output.wakeMs
        val actions = output.actions.map { it.fields() }
        val events = output.events.map { it.fields() }
        output.actions.forEach { action ->
            if (action is dev.rehome.ffi.Action.Register) see(action.target)
            if (action is dev.rehome.ffi.Action.Unregister) see(action.target)
        }
        output.events.forEach { seeAll(it.kind) }
        (actions + events).forEach(::line)
        line(mapOf("wakeMs" to output.wakeMs))
        first = first ?: actions.find { it["type"] == "register" }?.get("target") as String?
        if (scenario["statistics"] != null) return
        step["hash"]?.let { return sameHash(it) }
        if (step["error"] != null) throw Mismatch("error: expected ${step["error"]}, there was none")
        all("actions", step["actions"] ?: emptyList<Any?>(), actions)
        if (!fits(step["wakeMs"], output.wakeMs)) {
            throw Mismatch("wakeMs: expected ${canonical(step["wakeMs"])}, it is ${output.wakeMs}")
        }
        step["events"]?.let { all("events", it, events) }
    }

    /** The trace so far. */
    private fun sameHash(expected: Any) {
        if (hash.hex() != expected) throw Mismatch("hash: expected $expected, it is ${hash.hex()}")
    }

    private fun see(target: Target) {
        seen[target.text] = target.id
    }

    /** Whichever targets an event names. */
    private fun seeAll(kind: EventKind) = kind.javaClass.declaredFields.filter { it.type == Target::class.java }.forEach {
        it.isAccessible = true
        (it.get(kind) as Target?)?.let(::see)
    }

    /** The number of a target of the plan, or of one put out before, or one that never was. */
    private fun find(text: String): Long {
        val status = registration.status(now)
        val listed = status.plan.map { it.target } + listOfNotNull(status.home)
        return listed.find { it.text == text }?.id ?: seen[text] ?: 0xffff_ffffL
    }

    /** A time: exact, or in a range; counted from this step if it says so. */
    private fun fits(expected: Any?, actual: Any?): Boolean {
        if (expected !is Map<*, *>) return expected == actual
        val from = expected["from"] ?: ((expected["inFrom"] ?: expected["in"]) as Long + now)
        val to = expected["to"] ?: ((expected["inTo"] ?: expected["in"]) as Long + now)
        return actual is Long && actual in from as Long..to as Long
    }

    /** Lists match in number and order. */
    private fun all(name: String, expected: Any?, actual: List<Fields>) {
        val wanted = list(expected)
        for (index in 0 until maxOf(wanted.size, actual.size)) {
            val at = "$name[$index]"
            if (index >= actual.size) throw Mismatch("$at: expected ${canonical(wanted[index])}, there is none")
            if (index >= wanted.size) throw Mismatch("$at: expected none, it is ${canonical(actual[index])}")
            same(at, fields(wanted[index]), actual[index])
        }
    }

    /** The fields that are named; of a plan, those of its entries. */
    private fun same(at: String, expected: Fields, actual: Fields) {
        for ((key, value) in expected) {
            if (key == "plan") {
                all("$at.plan", value, list(actual[key]).map(::fields))
                continue
            }
            val fit = if (key in TIMES) fits(value, actual[key]) else canonical(value) == canonical(actual[key])
            if (!fit) {
                throw Mismatch("$at.$key: expected ${canonical(value)}, it is ${canonical(actual[key])}, in ${canonical(actual)}")
            }
        }
    }

    private companion object {
        /** Statistics need the same one thousands of times. */
        val configs = ConcurrentHashMap<Any, Config>()
        val presets = ConcurrentHashMap<String, Fields>()

        fun presetOf(name: String): Fields = presets.getOrPut(name) { read(configToJson(preset(name))) }

        /** In a configuration a null says something. */
        fun withNulls(value: Any?): String = canonical(marked(value))

        private fun marked(value: Any?): Any = when (value) {
            null -> dev.rehome.NULL
            is Map<*, *> -> value.mapValues { marked(it.value) }
            is List<*> -> value.map(::marked)
            else -> value
        }
    }
}

private fun statistics(scenario: Fields): String {
    val wanted = fields(scenario["statistics"])
    val seeds = wanted["seeds"] as Long
    val counts = TreeMap<String, Long>()
    for (seed in 1..seeds) {
        val run = Run(scenario, seed, hashed = false)
        run.all()
        val observed = if (wanted["observe"] == "first") run.first ?: "no register action" else run.plan
        counts.merge(observed, 1L, Long::plus)
    }
    val hash = Hash()
    counts.forEach { (text, count) -> hash.line(canonical(mapOf("count" to count, "is" to text))) }
    val unlisted = counts.toMutableMap()
    for (entry in list(wanted["expect"]).map(::fields)) {
        val text = entry["is"] as String
        val (part, whole) = list(entry["share"]).map { it as Long }
        val slack = if (part == 0L || part == whole) 0 else wanted["bound"] as Long
        val count = unlisted.remove(text) ?: 0
        if (Math.abs(seeds * part - count * whole) > slack * whole) {
            throw Mismatch("count of $text: expected ${seeds * part / whole}, $slack more or less, it is $count")
        }
    }
    if (unlisted.isNotEmpty()) throw Mismatch("not listed: ${unlisted.keys}")
    return hash.hex()
}
