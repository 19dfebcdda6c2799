package dev.rehome

import dev.rehome.ffi.Answer
import dev.rehome.ffi.LookupKind
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Target

/** Looks names up: [DnsJavaResolver], Android's own, or yours. */
public fun interface Resolver {
    /**
     * Returns what DNS said; a failure is an answer too ([Answer.Failed]), and "no such name" and "no data" are told apart
     * from it (rule 5.4). [timeoutMs] is how long the policy waits, in milliseconds; a later answer is still taken (rule 1.2).
     * Is cancelled where nobody waits any more. What it throws is taken as [Answer.Failed].
     */
    public suspend fun lookup(name: String, kind: LookupKind, timeoutMs: Long): Answer
}

/** Sends REGISTERs with the SIP stack that you have. */
public interface Registrar {
    /**
     * Sends a REGISTER to [RegisterRequest.target] and returns what came of it; failures of the world are outcomes, too. What
     * it throws is taken as [Outcome.Unreachable].
     *
     * Where the policy gives the attempt up ([Attempt.isGivenUp]), a connect that is under way ends, but a REGISTER already
     * sent stays open: its outcome is of interest for 32 s more (rule 3.6). Then the coroutine is cancelled.
     */
    public suspend fun register(request: RegisterRequest, attempt: Attempt): Outcome

    /** The same with an expiry of 0. */
    public suspend fun unregister(request: UnregisterRequest, attempt: Attempt): Outcome

    /**
     * Called by the driver with a function that takes the loss of a connection, from any thread (rule 4.6), and with null at
     * the end. A registrar over UDP alone has nothing to tell.
     */
    public fun onFlowLost(listener: ((Target) -> Unit)?) {}

    /** The driver is closed: no call of it runs any more, and none will come. */
    public suspend fun close() {}
}

/** One REGISTER to send. */
public data class RegisterRequest(
    /** The action's number. */
    public val id: Long,
    public val target: Target,
    /** The address to use, if the policy resolves; else the host looks [Target.host] up. */
    public val address: String?,
    /** Names the binding: one Contact for all REGISTERs that carry the same number (rule 6.7). */
    public val binding: Long,
    /** 1 for the first try in a row at this target, then 2, 3, ... */
    public val attempt: Long,
    /** The expiry to ask for, in seconds. */
    public val expires: Long,
    /** When the policy gives it up, on the clock of [RegistrationDriver.nowMs]. */
    public val deadlineMs: Long,
)

/** One REGISTER with an expiry of 0 to send. */
public data class UnregisterRequest(
    public val id: Long,
    public val target: Target,
    /** The address in use, if the policy resolves. */
    public val address: String?,
    public val binding: Long,
    public val deadlineMs: Long,
)
