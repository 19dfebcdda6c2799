package dev.rehome

import dev.rehome.ffi.Input
import dev.rehome.ffi.Step
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream
import java.text.SimpleDateFormat
import java.util.Date
import java.util.Locale
import java.util.TimeZone

/** A session as a scenario file. */
public data class Exported(
    /** The file's text: JSON, run by `cargo xtask scenarios` and by the suites of all bindings. It holds no password. */
    public val scenario: String,
    /** Whether the session's beginning is in it: only then does it replay. Else it is for reading. */
    public val complete: Boolean,
)

/** The last inputs and what came of them. Any thread may export. */
internal class ScenarioLog private constructor(
    private val config: String,
    private val seed: Long,
    private var complete: Boolean,
    private val steps: ArrayDeque<String>,
    private var lastMs: Long,
) {
    constructor(config: String, seed: Long, complete: Boolean = true) : this(config, seed, complete, ArrayDeque(), 0)

    @Synchronized
    fun step(input: Input, atMs: Long, step: Step, target: (Long) -> String) {
        val wake: Any = step.wakeMs ?: NULL
        lastMs = atMs
        add(
            json(
                mapOf(
                    "atMs" to atMs, "op" to "step", "input" to input.fields(target), "wakeMs" to wake,
                    "actions" to step.actions.map { it.fields() }, "events" to step.events.map { it.fields() },
                ),
            ),
        )
    }

    /** Goes on in another process, perhaps with another configuration and seed. */
    @Synchronized
    fun restored(kept: KeptAt, atMs: Long, wallMs: Long, config: String, seed: Long) {
        lastMs = atMs
        add(
            json(
                mapOf(
                    "op" to "snapshotRestore", "atMs" to kept.atMs, "wallMs" to kept.wallMs, "restoreAtMs" to atMs,
                    "restoreWallMs" to wallMs, "seed" to seed,
                    "config" to if (config == this.config) null else RawJson(config),
                ),
            ),
        )
    }

    @Synchronized
    fun export(wallMs: Long): Exported {
        val day = SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT)
        day.timeZone = TimeZone.getTimeZone("UTC")
        val what = if (complete) {
            "a session of ${steps.size} steps, up to $lastMs ms"
        } else {
            "the last ${steps.size} steps of a session whose beginning was not kept: to be read, it does not replay"
        }
        val scenario = json(
            mapOf(
                "schemaVersion" to 1,
                "description" to "Exported on ${day.format(Date(wallMs))}: $what.",
                // Equal inputs, equal outputs: what any export shows.
                "rules" to listOf("2.6"),
                "sentences" to listOf("2.6a"),
                "source" to mapOf("title" to "A session, exported by the driver for Kotlin", "section" to "seed $seed"),
                "config" to RawJson(config),
                "seed" to seed,
                "steps" to steps.map(::RawJson),
            ),
        )
        return Exported(scenario, complete)
    }

    private fun add(step: String) {
        steps.addLast(step)
        if (steps.size <= KEPT) return
        steps.removeFirst()
        complete = false
    }

    /** What of it outlives the process. */
    @Synchronized
    fun write(out: DataOutputStream) {
        out.text(config)
        out.writeLong(seed)
        out.writeBoolean(complete)
        out.writeLong(lastMs)
        out.writeInt(steps.size)
        steps.forEach(out::text)
    }

    companion object {
        /** How many steps are kept. */
        const val KEPT = 500

        fun read(from: DataInputStream): ScenarioLog {
            val config = from.text()
            val seed = from.readLong()
            val complete = from.readBoolean()
            val lastMs = from.readLong()
            val steps = ArrayDeque<String>()
            repeat(from.readInt()) { steps.addLast(from.text()) }
            return ScenarioLog(config, seed, complete, steps, lastMs)
        }
    }
}

/** When a snapshot was taken, on the registration's clock and on the wall's. */
internal data class KeptAt(val atMs: Long, val wallMs: Long)

/** What one process leaves to the next. */
internal class Kept(val at: KeptAt, val snapshot: ByteArray, val log: ScenarioLog) {
    fun bytes(): ByteArray {
        val bytes = ByteArrayOutputStream()
        DataOutputStream(bytes).use { out ->
            out.writeInt(VERSION)
            out.writeLong(at.atMs)
            out.writeLong(at.wallMs)
            out.writeInt(snapshot.size)
            out.write(snapshot)
            log.write(out)
        }
        return bytes.toByteArray()
    }

    companion object {
        private const val VERSION = 0x52480001

        /** Throws where this is no such thing, or of another version. */
        fun read(bytes: ByteArray): Kept = DataInputStream(ByteArrayInputStream(bytes)).use { from ->
            val version = from.readInt()
            require(version == VERSION) { "what is kept has version $version, this library reads $VERSION: it starts afresh" }
            val at = KeptAt(from.readLong(), from.readLong())
            val snapshot = from.bytes()
            Kept(at, snapshot, ScenarioLog.read(from))
        }
    }
}

private fun DataOutputStream.text(text: String) {
    val bytes = text.toByteArray()
    writeInt(bytes.size)
    write(bytes)
}

private fun DataInputStream.text(): String = String(bytes())

private fun DataInputStream.bytes(): ByteArray {
    val size = readInt()
    require(size in 0..available()) { "what is kept is cut short: it starts afresh" }
    return ByteArray(size).also(::readFully)
}
