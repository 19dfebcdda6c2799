package dev.rehome

import dev.rehome.ffi.Config
import dev.rehome.ffi.EventKind
import dev.rehome.ffi.Input
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.RefreshConfig
import dev.rehome.ffi.RegistrationState
import dev.rehome.ffi.Status
import dev.rehome.ffi.Target
import dev.rehome.ffi.checkConfig
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.SharedFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.transform
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.plus
import kotlinx.coroutines.withTimeoutOrNull
import java.security.SecureRandom

/**
 * Registers one account: carries out what the policy asks for, with your [Resolver] and [Registrar], and decides nothing.
 * Make one, collect what you want to know, and call [start].
 *
 * All functions may be called from any thread, and return at once unless they suspend. The policy itself runs in one
 * coroutine of [scope]; resolver and registrar are called in others of the same scope, so they must not block its dispatcher.
 * Where the scope is cancelled, the driver closes.
 *
 * @param config where and how; [dev.rehome.ffi.RehomeException.Config] is thrown where it cannot be used.
 * @param seed this device's own, 0 to 2^53 - 1, for the draws (rule 2.6); null: drawn by chance.
 * @param store where the next process finds how far this one was; null: each process starts afresh.
 */
public class RegistrationDriver(
    config: Config,
    resolver: Resolver,
    private val registrar: Registrar,
    scope: CoroutineScope,
    seed: Long? = null,
    clock: Clock = SleepClock(),
    store: SnapshotStore? = null,
) {
    private val inbox = Channel<Message>(Channel.UNLIMITED)
    private val own: CoroutineScope = scope + SupervisorJob(scope.coroutineContext[Job])
    private val loop: Loop

    init {
        require(seed == null || seed in 0..MAX_SEED) {
            "seed: $seed cannot be used: use 0 to $MAX_SEED, or null for one by chance"
        }
        checkConfig(config)
        val drawn = seed ?: (SecureRandom().nextLong() ushr SPARE_BITS)
        loop = Loop(config, drawn, resolver, registrar, own, clock, store, inbox)
        registrar.onFlowLost { flowLost(it) }
        // Even where the scope is cancelled by now: the registrar is closed in any case.
        @OptIn(DelicateCoroutinesApi::class)
        val running = own.launch(start = CoroutineStart.ATOMIC) { loop.run() }
        running.invokeOnCompletion { own.cancel() }
    }

    /** What can be said now (rule 7.3). */
    public val status: StateFlow<Status> get() = loop.status

    /** All that the policy decides, from the moment of collecting on. Who falls 1,024 steps behind loses the oldest. */
    public val events: Flow<Decided> get() = steps.transform { step -> step.events.forEach { emit(Decided(step.atMs, it)) } }

    /** The same with what went in, and what the driver does of it. */
    public val steps: SharedFlow<Stepped> get() = loop.steps

    /** What the driver itself met with. */
    public val notices: SharedFlow<Notice> get() = loop.notices

    /** The clock on which all times are: milliseconds since the driver was made, sleep included. */
    public val nowMs: Long get() = loop.nowMs()

    /** Begins to register, or goes on where the process before was. While registered it ends a wait, nothing more (rule 6.1). */
    public fun start(): Unit = hand(Input.Start)

    /**
     * Unregisters (rule 6.8), and returns when that is done: at once without network, and where nobody answers after 2 s for an
     * attempt under way and 4 s for the unregisters. In a new process it unregisters what the one before has left registered.
     */
    public suspend fun stop() {
        val done = CompletableDeferred<Unit>()
        if (inbox.trySend(Message.Stop(done)).isSuccess) done.awaitOr(own)
    }

    /** A new agent login session began: back to the primary (rule 6.3). */
    public fun agentLogin(): Unit = hand(Input.AgentLogin)

    /** Somebody asked for the primary; does not start what stands still (rule 6.4). */
    public fun tryPrimary(): Unit = hand(Input.TryPrimary)

    /** A call is up: nothing is moved (rule 6.6). */
    public fun busy(): Unit = hand(Input.Busy)

    /** The last call has ended. */
    public fun idle(): Unit = hand(Input.Idle)

    /** Another configuration, the whole of it (rule 6.9). Throws where it cannot be used. */
    public fun configure(config: Config) {
        checkConfig(config)
        send(Message.Configure(config))
    }

    /** There is no network any more (rule 3.7). */
    public fun networkDown(): Unit = hand(Input.NetworkDown)

    /** There is a network again, or another one (rule 4.6). */
    public fun networkChanged(): Unit = hand(Input.NetworkChanged)

    /** The device woke up, or the app came to the foreground (rule 4.6). Sleep that the clock shows is noticed without this. */
    public fun resumed(): Unit = hand(Input.Resumed)

    /** Where the application owns the refreshes: what one of them came to (rule 5.2). */
    public fun refreshed(outcome: Outcome): Unit = hand(Input.Refreshed(outcome))

    /** A connection was lost, told by other means than [Registrar.onFlowLost]. */
    public fun flowLost(target: Target): Unit = hand(Input.FlowLost(target.id))

    /**
     * From now on this host's timers may be so late, in milliseconds, as in Android's doze; 0: they are exact again. Refreshes
     * are drawn forward by as much (rule 5.2). Throws where it is out of range. A larger `refresh.timerSlackMs` of the configuration stays.
     */
    public fun timerSlack(ms: Long) {
        checkConfig(Config(srvRecord = "_sip._udp.a", refresh = RefreshConfig(timerSlackMs = ms)))
        send(Message.Slack(ms))
    }

    /**
     * A push has woken the app for a call, and the platform grants [budgetMs] milliseconds. Starts where nothing runs yet (so
     * make no driver where nobody is logged in), hands in [resumed], and returns when a REGISTER has been accepted since, when
     * nothing more can come within the budget, or when it is spent. The driver goes on all the same.
     */
    public suspend fun pushWake(budgetMs: Long): PushWake {
        require(budgetMs >= 0) { "budgetMs: $budgetMs cannot be used: write milliseconds, 0 or more" }
        val began = nowMs
        val accepted = CompletableDeferred<PushWakeEnd>()
        val asked = inbox.trySend(Message.PushWake(began + budgetMs, accepted)).isSuccess
        val end = if (asked) withTimeoutOrNull(budgetMs) { accepted.awaitOr(own) ?: PushWakeEnd.STOPPED } else PushWakeEnd.STOPPED
        return PushWake(end ?: PushWakeEnd.NOT_YET, status.value, nowMs - began)
    }

    /** The last 500 inputs and what came of them, as a scenario file for support. It holds host names, no password. */
    public fun exportScenario(): Exported = loop.export()

    /** Ends without unregistering, and saves for the next process. Unregister first with [stop] if that is meant. */
    public suspend fun close() {
        inbox.trySend(Message.Close)
        own.coroutineContext.job.join()
    }

    private fun hand(input: Input) = send(Message.Hand(input))

    /** After the end nobody listens. */
    private fun send(message: Message) {
        inbox.trySend(message)
    }

    private companion object {
        const val MAX_SEED = (1L shl 53) - 1
        const val SPARE_BITS = 11
    }
}

/** What is told to the loop. */
internal sealed class Message {
    class Hand(val input: Input) : Message()

    class Stop(val done: CompletableDeferred<Unit>) : Message()

    class Configure(val config: Config) : Message()

    class Slack(val ms: Long) : Message()

    class PushWake(val untilMs: Long, val end: CompletableDeferred<PushWakeEnd>) : Message()

    data object Close : Message()
}

/** What is said before anything is known. */
internal val NOTHING_YET = Status(
    state = RegistrationState.STOPPED,
    home = null,
    primary = false,
    why = null,
    streak = 0,
    expiresAtMs = null,
    plan = emptyList(),
    wakeMs = null,
    wakeFor = null,
    trying = null,
    failedRounds = 0,
)

/** A REGISTER was accepted. */
internal fun EventKind.isSuccess(): Boolean = this is EventKind.Registered || this is EventKind.Refreshed
