package dev.rehome

import dev.rehome.ffi.Action
import dev.rehome.ffi.Answer
import dev.rehome.ffi.Input
import dev.rehome.ffi.LookupFailure
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.Unreachable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import kotlin.coroutines.coroutineContext

/** What stands for the answer of a resolver or registrar that threw. */
internal val NO_ANSWER: Answer = Answer.Failed(LookupFailure.OTHER)
internal val NO_OUTCOME: Outcome = Outcome.Unreachable(Unreachable.OTHER)

/** Lookups and REGISTERs under way: begun, given up, and their answers handed in. All but `scope` is the driver's loop's. */
internal class Work(
    private val resolver: Resolver,
    private val registrar: Registrar,
    scope: CoroutineScope,
    private val nowMs: () -> Long,
    private val hand: (Input) -> Unit,
    private val notice: (Notice) -> Unit,
) {
    private class Pending(val job: Job, val attempt: Attempt?) {
        @Volatile var givenUpMs: Long? = null
    }

    private val pending = HashMap<Long, Pending>()

    /** All of it, what was given up, too. */
    private val own: CoroutineScope = scope + SupervisorJob(scope.coroutineContext[Job])

    fun act(action: Action, now: Long) {
        when (action) {
            is Action.Lookup -> begin(action.id, null) {
                Input.Answer(action.id, lookup(action, maxOf(1, action.deadlineMs - now)))
            }
            is Action.Register -> {
                val request = with(action) { RegisterRequest(id, target, address, binding, attempt, expires, deadlineMs) }
                attempt(action.id) { registrar.register(request, it) }
            }
            is Action.Unregister -> {
                val request = with(action) { UnregisterRequest(id, target, address, binding, deadlineMs) }
                attempt(action.id) { registrar.unregister(request, it) }
            }
            is Action.Cancel -> cancel(action.id, now)
        }
    }

    /** It has been handed in. */
    fun ended(id: Long) {
        pending.remove(id)
    }

    /** Ends all that is under way, and returns when it has ended: nobody uses resolver and registrar any more. */
    suspend fun end(): Unit = own.coroutineContext.job.cancelAndJoin()

    private suspend fun lookup(action: Action.Lookup, timeoutMs: Long): Answer = try {
        resolver.lookup(action.name, action.kind, timeoutMs)
    } catch (error: Exception) {
        // Cancelled by us: nobody wants to know. Cancelled by others: a failure like any other.
        coroutineContext.ensureActive()
        notice(Notice.ResolverFailed(action.id, error))
        NO_ANSWER
    }

    private fun attempt(id: Long, call: suspend (Attempt) -> Outcome) {
        val attempt = Attempt()
        begin(id, attempt) {
            val outcome = try {
                call(attempt)
            } catch (error: Exception) {
                coroutineContext.ensureActive()
                // What was given up may well end in an error.
                if (attempt.isGivenUp) throw CancellationException("given up")
                notice(Notice.RegistrarFailed(id, error))
                NO_OUTCOME
            }
            Input.Outcome(id, outcome)
        }
    }

    private fun begin(id: Long, attempt: Attempt?, result: suspend () -> Input) {
        lateinit var begun: Pending
        val job = own.launch(start = CoroutineStart.LAZY) {
            val input = result()
            val late = begun.givenUpMs?.let { nowMs() - it > LATE_MS } ?: false
            if (late) notice(Notice.LateDropped(id)) else hand(input)
        }
        begun = Pending(job, attempt)
        pending[id] = begun
        job.start()
    }

    private fun cancel(id: Long, now: Long) {
        val given = pending.remove(id) ?: return
        if (given.attempt == null) {
            given.job.cancel()
            return
        }
        given.givenUpMs = now
        given.attempt.giveUp()
        val end = own.launch {
            delay(LATE_MS)
            given.job.cancel()
        }
        given.job.invokeOnCompletion { end.cancel() }
    }

    private companion object {
        /** How long an answer to what was given up is still handed in: a SIP transaction's life. */
        const val LATE_MS = 32_000L
    }
}
