package dev.rehome

import dev.rehome.ffi.Action
import dev.rehome.ffi.Event
import dev.rehome.ffi.Input
import dev.rehome.ffi.Status

/** One step of the policy: what went in, and all that came out, in this order. */
public data class Stepped(
    /** When, on the clock of [RegistrationDriver.nowMs]. */
    public val atMs: Long,
    public val input: Input,
    public val events: List<Event>,
    /** About to be done by the driver. */
    public val actions: List<Action>,
    public val wakeMs: Long?,
    /** Afterwards. */
    public val status: Status,
)

/** What the policy decided, and when. */
public data class Decided(public val atMs: Long, public val event: Event)

/** What the driver itself met with; the policy's own decisions are [RegistrationDriver.events]. */
public sealed class Notice {
    /** The device slept, or the process was frozen; `resumed` is handed in (rule 4.6). */
    public data object Slept : Notice()

    /** Goes on from a snapshot that is so old, by the wall clock. */
    public data class Restored(public val ageMs: Long) : Notice()

    /** What was kept could not be used: a fresh start. */
    public data class SnapshotRefused(public val error: Throwable) : Notice()

    /** The snapshot could not be kept: the next process starts afresh. */
    public data class NotSaved(public val error: Throwable) : Notice()

    /** The registrar threw; taken as unreachable, cause other. [id] is null where it threw while closing. */
    public data class RegistrarFailed(public val id: Long?, public val error: Throwable) : Notice()

    /** The resolver threw; taken as a failed lookup, cause other. */
    public data class ResolverFailed(public val id: Long, public val error: Throwable) : Notice()

    /** An outcome more than 32 s after it was given up. */
    public data class LateDropped(public val id: Long) : Notice()

    /** The policy refused an input as wrong; nothing was changed. */
    public data class InputRefused(public val input: Input, public val error: Throwable) : Notice()
}

/** How a push wake ended. */
public enum class PushWakeEnd {
    /** A REGISTER was accepted since: calls arrive. */
    REGISTERED,

    /** The budget is spent, or nothing would happen within it; the driver goes on if the process lives. */
    NOT_YET,

    /** The policy stands still: stopped, or the driver is closed. */
    STOPPED,
}

/** What came of a push wake. */
public data class PushWake(public val end: PushWakeEnd, public val status: Status, public val tookMs: Long)
