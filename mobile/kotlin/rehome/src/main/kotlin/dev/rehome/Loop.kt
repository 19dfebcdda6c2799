package dev.rehome

import dev.rehome.ffi.Config
import dev.rehome.ffi.EventKind
import dev.rehome.ffi.Input
import dev.rehome.ffi.Registration
import dev.rehome.ffi.RegistrationState
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.Status
import dev.rehome.ffi.Step
import dev.rehome.ffi.configToJson
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.selects.onTimeout
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.withContext
import kotlin.coroutines.coroutineContext

/** The driver's one coroutine: the registration, its one timer, what is kept. Only its flows and its log are anybody's. */
internal class Loop(
    private var config: Config,
    private val seed: Long,
    resolver: Resolver,
    private val registrar: Registrar,
    scope: CoroutineScope,
    private val clock: Clock,
    private val store: SnapshotStore?,
    private val inbox: Channel<Message>,
) {
    val status = MutableStateFlow(NOTHING_YET)
    val steps = MutableSharedFlow<Stepped>(extraBufferCapacity = BEHIND, onBufferOverflow = BufferOverflow.DROP_OLDEST)
    val notices = MutableSharedFlow<Notice>(extraBufferCapacity = BEHIND, onBufferOverflow = BufferOverflow.DROP_OLDEST)

    private val beganMs = clock.nowMs()
    private val work = Work(resolver, registrar, scope, ::nowMs, { inbox.trySend(Message.Hand(it)) }, ::notice)
    private var registration: Registration? = null

    @Volatile private var log = ScenarioLog(configToJson(config), seed)
    private var slackMs = 0L

    /** What was said of the world before there was a registration. */
    private val early = ArrayList<Input>()
    private val stops = ArrayList<CompletableDeferred<Unit>>()
    private val pushes = ArrayList<Message.PushWake>()
    private var wakeMs: Long? = null

    /** When the timer rings; none: never. */
    private var dueMs: Long? = null
    private var running = false

    /** Whether the store holds something of this registration. */
    private var keeps = false
    private var savedFor = ""

    fun nowMs(): Long = maxOf(0, clock.nowMs() - beganMs)

    fun export(): Exported = log.export(clock.wallMs())

    suspend fun run() {
        try {
            while (true) {
                val message = next()
                if (message == Message.Close) break
                if (slept()) resume(message)
                if (message == null) ring() else obey(message)
                settle()
            }
        } finally {
            inbox.close()
            withContext(NonCancellable) { finish() }
        }
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    private suspend fun next(): Message? {
        val due = dueMs ?: return inbox.receive()
        val wait = maxOf(0, due - nowMs())
        return select {
            inbox.onReceive { it }
            onTimeout(wait) { null }
        }
    }

    /** A timer this late was not late, but asleep (rule 0.4). */
    private fun slept(): Boolean {
        val due = dueMs ?: return false
        return registration != null && nowMs() - due > ASLEEP_MS + effective().refresh.timerSlackMs
    }

    private fun resume(message: Message?) {
        notice(Notice.Slept)
        val told = message is Message.PushWake || (message is Message.Hand && message.input == Input.Resumed)
        if (!told) hand(Input.Resumed)
        // Rung by now, whatever it was.
        dueMs = nowMs()
    }

    private fun ring() {
        val wake = wakeMs ?: return
        if (nowMs() >= wake) hand(Input.Wake)
    }

    private suspend fun obey(message: Message) {
        when (message) {
            is Message.Hand -> take(message.input)
            is Message.Stop -> {
                stops += message.done
                // What the process before left registered is unregistered, too.
                if (registration != null || goOn()) hand(Input.Stop) else forget()
            }
            is Message.Configure -> {
                config = message.config
                if (registration != null) hand(Input.Configure(effective()))
            }
            is Message.Slack -> {
                val before = effective()
                slackMs = message.ms
                if (registration != null && effective() != before) hand(Input.Configure(effective()))
            }
            is Message.PushWake -> {
                pushes += message
                val goesOn = registration != null || open()
                hand(if (goesOn) Input.Resumed else Input.Start)
            }
            Message.Close -> Unit
        }
    }

    private suspend fun take(input: Input) {
        when (input) {
            Input.Start, Input.AgentLogin -> {
                // What goes on after a restored snapshot has been started already.
                val goesOn = registration == null && open() && input == Input.Start
                if (!goesOn) hand(input)
            }
            Input.NetworkDown, Input.NetworkChanged -> heed(input) { it != Input.NetworkDown && it != Input.NetworkChanged }
            Input.Busy, Input.Idle -> heed(input) { it != Input.Busy && it != Input.Idle }
            else -> if (registration != null) hand(input)
        }
    }

    /** Before there is a registration the last word of each kind is remembered for it. */
    private fun heed(input: Input, others: (Input) -> Boolean) {
        if (registration != null) return hand(input)
        early.retainAll(others)
        early += input
    }

    /** The configuration, with the lateness of this host's timers. */
    private fun effective(): Config {
        if (config.refresh.timerSlackMs >= slackMs) return config
        return config.copy(refresh = config.refresh.copy(timerSlackMs = slackMs))
    }

    /** Makes the registration; true if it goes on where the process before was. */
    private suspend fun open(): Boolean {
        val goesOn = goOn()
        if (goesOn) {
            hand(Input.Wake)
        } else {
            registration = Registration(effective(), seed)
            log = ScenarioLog(configToJson(effective()), seed)
            sayEarly()
        }
        return goesOn
    }

    /** Takes up the registration of the process before, if there is one. */
    private suspend fun goOn(): Boolean = restore().also { if (it) sayEarly() }

    private fun sayEarly() {
        early.forEach(::hand)
        early.clear()
    }

    private suspend fun restore(): Boolean {
        try {
            val bytes = store?.load() ?: return false
            val kept = Kept.read(bytes)
            val (now, wall) = nowMs() to clock.wallMs()
            registration = Registration.restore(effective(), seed, kept.snapshot, now, wall)
            log = kept.log
            log.restored(kept.at, now, wall, configToJson(effective()), seed)
            keeps = true
            notice(Notice.Restored(wall - kept.at.wallMs))
            return true
        } catch (error: Exception) {
            // The scope was cancelled: nothing is wrong with what is kept.
            coroutineContext.ensureActive()
            notice(Notice.SnapshotRefused(error))
            forget()
            return false
        }
    }

    /** One step of the policy, and all that it asks for. */
    private fun hand(input: Input) {
        val registration = registration ?: return
        val now = nowMs()
        if (input is Input.Answer) work.ended(input.id)
        if (input is Input.Outcome) work.ended(input.id)
        val step = try {
            registration.step(input, now)
        } catch (error: RehomeException) {
            notice(Notice.InputRefused(input, error))
            mend(input, error)
            return
        }
        log.step(input, now, step) { registration.target(it)?.text ?: "unknown.invalid:1/udp" }
        wakeMs = step.wakeMs
        tell(input, now, step, registration.status(now))
        for (action in step.actions) work.act(action, now)
    }

    /** What a resolver or registrar made up is a failure of its own. */
    private fun mend(input: Input, error: RehomeException) {
        if (error !is RehomeException.InvalidInput && error !is RehomeException.NotFinal) return
        if (input is Input.Answer && input.answer != NO_ANSWER) hand(input.copy(answer = NO_ANSWER))
        if (input is Input.Outcome && input.outcome != NO_OUTCOME) hand(input.copy(outcome = NO_OUTCOME))
    }

    private fun tell(input: Input, now: Long, step: Step, after: Status) {
        status.value = after
        steps.tryEmit(Stepped(now, input, step.events, step.actions, step.wakeMs, after))
        if (step.events.any { it.kind.isSuccess() }) end(pushes) { PushWakeEnd.REGISTERED }
        // It may run again by the end of the step: who stopped it waits for no more.
        if (step.events.any { it.kind == EventKind.Stopped }) stopped()
    }

    /** After an input: the timer, what is kept, and who waits. */
    private suspend fun settle() {
        val now = nowMs()
        dueMs = wakeMs?.let { now + (it - now).coerceIn(0, HEARTBEAT_MS) }
        val registration = registration
        if (registration != null) status.value = registration.status(now)
        val said = status.value
        running = said.state != RegistrationState.STOPPED && said.state != RegistrationState.STOPPING
        val saveFor = if (running) "${said.home?.id} ${said.expiresAtMs}" else ""
        if (saveFor != savedFor) {
            savedFor = saveFor
            save()
        }
        if (keeps && !running) forget()
        if (said.state == RegistrationState.STOPPED) {
            stopped()
            end(pushes) { PushWakeEnd.STOPPED }
        }
        val waits = said.state == RegistrationState.WAITING || said.state == RegistrationState.REJECTED
        end(pushes) { push -> PushWakeEnd.NOT_YET.takeIf { waits && (said.wakeMs ?: Long.MAX_VALUE) > push.untilMs } }
    }

    private fun stopped() {
        stops.forEach { it.complete(Unit) }
        stops.clear()
    }

    private fun end(waiting: MutableList<Message.PushWake>, with: (Message.PushWake) -> PushWakeEnd?) {
        waiting.removeAll { push -> push.end.isCompleted || with(push)?.let(push.end::complete) != null }
    }

    private suspend fun save() {
        val registration = registration ?: return
        if (!running || store == null) return
        keeps = true
        try {
            val at = KeptAt(nowMs(), clock.wallMs())
            store.save(Kept(at, registration.snapshot(at.atMs, at.wallMs), log).bytes())
        } catch (error: Exception) {
            coroutineContext.ensureActive()
            notice(Notice.NotSaved(error))
        }
    }

    private suspend fun forget() {
        keeps = false
        try {
            store?.clear()
        } catch (error: Exception) {
            coroutineContext.ensureActive()
            notice(Notice.NotSaved(error))
        }
    }

    private suspend fun finish() {
        save()
        work.end()
        registration?.close()
        registration = null
        farewell { onFlowLost(null) }
        farewell { close() }
    }

    private suspend fun farewell(word: suspend Registrar.() -> Unit) {
        try {
            registrar.word()
        } catch (error: Exception) {
            notice(Notice.RegistrarFailed(null, error))
        }
    }

    private fun notice(notice: Notice) {
        notices.tryEmit(notice)
    }

    private companion object {
        /** At the latest after this the clock is read: timers do not count the time that they slept through. */
        const val HEARTBEAT_MS = 15_000L
        const val ASLEEP_MS = 5000L

        /** How many steps or notices a slow collector may be behind. */
        const val BEHIND = 1024
    }
}
