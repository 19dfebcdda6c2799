package dev.rehome

import dev.rehome.ffi.Answer
import dev.rehome.ffi.Config
import dev.rehome.ffi.LookupKind
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.RolloverConfig
import dev.rehome.ffi.SrvRecord
import dev.rehome.ffi.Target
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import java.io.IOException

/** Two data centres, one registrar each. */
val TWO = listOf(SrvRecord(10, 50, 5060, "a.example.test"), SrvRecord(20, 50, 5060, "b.example.test"))
const val A = "a.example.test:5060/udp"
const val B = "b.example.test:5060/udp"

fun config(change: Config.() -> Config = { this }): Config =
    Config(srvRecord = "_sip._udp.example.test", rollover = RolloverConfig(recoverySpreadMs = 0)).change()

/** The scheduler's time, and sleep that the scheduler does not see. */
@OptIn(ExperimentalCoroutinesApi::class)
class TestClock(private val test: TestScope) : Clock {
    var sleptMs = 0L

    override fun nowMs(): Long = test.testScheduler.currentTime + sleptMs

    override fun wallMs(): Long = 1_700_000_000_000 + nowMs()
}

class FakeResolver(var answer: suspend () -> Answer = { Answer.Srv(TWO, 300) }) : Resolver {
    val asked = ArrayList<String>()

    override suspend fun lookup(name: String, kind: LookupKind, timeoutMs: Long): Answer {
        asked += "$name ${kind.word} $timeoutMs"
        return answer()
    }
}

/** One REGISTER that waits for its outcome. */
class Call(val target: Target, val binding: Long, val expires: Long, val attempt: Attempt) {
    val outcome = CompletableDeferred<Outcome>()
}

class FakeRegistrar : Registrar {
    val calls = ArrayList<Call>()

    /** What is answered at once; null: nothing yet. */
    var reply: (Call) -> Outcome? = { Outcome.Accepted(it.expires) }
    var lost: ((Target) -> Unit)? = null
    var closed = false

    /** Whether taking leave of the listener throws. */
    var brokenEnd = false

    override suspend fun register(request: RegisterRequest, attempt: Attempt): Outcome =
        call(Call(request.target, request.binding, request.expires, attempt))

    override suspend fun unregister(request: UnregisterRequest, attempt: Attempt): Outcome =
        call(Call(request.target, request.binding, 0, attempt))

    private suspend fun call(call: Call): Outcome {
        calls += call
        return reply(call) ?: call.outcome.await()
    }

    override fun onFlowLost(listener: ((Target) -> Unit)?) {
        lost = listener
        if (listener == null && brokenEnd) throw IllegalStateException("the end")
    }

    override suspend fun close() {
        closed = true
    }
}

class MemoryStore : SnapshotStore {
    var kept: ByteArray? = null
    var saves = 0
    var broken = false

    /** What loading waits for. */
    var loading: CompletableDeferred<Unit>? = null

    override suspend fun load(): ByteArray? {
        loading?.await()
        return if (broken) throw IOException("no disk") else kept
    }

    override suspend fun save(kept: ByteArray) {
        if (broken) throw IOException("no disk")
        saves++
        this.kept = kept
    }

    override suspend fun clear() {
        kept = null
    }
}

/** A driver in virtual time, with all that it says. */
@OptIn(ExperimentalCoroutinesApi::class)
class Made(
    test: TestScope,
    config: Config = config(),
    val store: MemoryStore? = null,
    val clock: TestClock = TestClock(test),
    val resolver: FakeResolver = FakeResolver(),
    val registrar: FakeRegistrar = FakeRegistrar(),
) {
    val driver = RegistrationDriver(config, resolver, registrar, test.backgroundScope, seed = 1, clock = clock, store = store)
    val events = ArrayList<String>()
    val notices = ArrayList<Notice>()

    init {
        test.backgroundScope.launch { driver.events.collect { events += scenarioType(it.event) } }
        test.backgroundScope.launch { driver.notices.collect { notices += it } }
        test.runCurrent()
    }

    private fun scenarioType(event: dev.rehome.ffi.Event) = event.fields()["type"] as String
}
