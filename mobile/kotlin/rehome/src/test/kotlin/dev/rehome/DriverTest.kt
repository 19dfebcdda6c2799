package dev.rehome

import dev.rehome.ffi.Answer
import dev.rehome.ffi.Input
import dev.rehome.ffi.Outcome
import dev.rehome.ffi.RegistrationState
import dev.rehome.ffi.RehomeException
import dev.rehome.ffi.Unreachable
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.advanceTimeBy
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The driver in virtual time. */
@OptIn(ExperimentalCoroutinesApi::class)
class DriverTest {
    @Test
    fun `registers, and refreshes when it is due`() = runTest {
        val made = Made(this)
        made.driver.start()
        runCurrent()
        assertEquals(listOf("_sip._udp.example.test srv 5000"), made.resolver.asked)
        assertEquals(RegistrationState.REGISTERED, made.driver.status.value.state)
        assertEquals(A, made.driver.status.value.home?.text)
        assertEquals(listOf("started", "planChanged", "registered"), made.events)
        val due = made.driver.status.value.wakeMs!!
        advanceTimeBy(due - currentTime)
        assertEquals(1, made.registrar.calls.size)
        runCurrent()
        assertEquals("refreshed", made.events.last())
        assertEquals(made.registrar.calls[0].binding, made.registrar.calls[1].binding)
    }

    @Test
    fun `an attempt's deadline is kept, and the third failure rolls over`() = runTest {
        val made = Made(this)
        made.registrar.reply = { null }
        made.driver.start()
        runCurrent()
        advanceTimeBy(10_001)
        assertTrue(made.registrar.calls.single().attempt.isGivenUp)
        advanceTimeBy(30_000)
        assertEquals(listOf(A, A, A, B), made.registrar.calls.map { it.target.text })
        assertTrue("rolledOver" in made.events)
    }

    @Test
    fun `an answer within 32 s of the end of patience is handed in`() = runTest {
        val made = Made(this)
        made.registrar.reply = { null }
        made.driver.start()
        runCurrent()
        val first = made.registrar.calls.single()
        advanceTimeBy(12_000)
        assertTrue(first.attempt.isGivenUp)
        first.outcome.complete(Outcome.Accepted(60))
        runCurrent()
        assertTrue("lateSuccess" in made.events, "${made.events}")
        assertEquals(RegistrationState.REGISTERED, made.driver.status.value.state)
    }

    @Test
    fun `after 32 s what was given up is cancelled`() = runTest {
        var ended: Long? = null
        val made = Made(this)
        made.registrar.reply = { null }
        made.driver.start()
        runCurrent()
        made.registrar.calls.single().outcome.invokeOnCompletion { ended = currentTime }
        advanceTimeBy(10_000 + 32_000 + 1)
        runCurrent()
        val first = made.registrar.calls.first()
        first.outcome.complete(Outcome.Accepted(60))
        advanceTimeBy(1)
        assertFalse("lateSuccess" in made.events)
        assertEquals(42_001, ended)
    }

    @Test
    fun `a late outcome after a sleep is dropped`() = runTest {
        val made = Made(this)
        made.registrar.reply = { null }
        made.driver.start()
        runCurrent()
        advanceTimeBy(10_001)
        made.clock.sleptMs = 60_000
        made.registrar.calls.first().outcome.complete(Outcome.Accepted(60))
        runCurrent()
        assertTrue(made.notices.any { it is Notice.LateDropped }, "${made.notices}")
    }

    @Test
    fun `a connect ends when the attempt is given up, a request that was sent does not`() = runTest {
        val attempt = Attempt()
        var connected: String? = "?"
        val connecting = launch { connected = attempt.whileWanted { awaitCancellation() } }
        runCurrent()
        attempt.giveUp()
        connecting.join()
        assertNull(connected)
        assertEquals("flow", Attempt().whileWanted { delay(5).let { "flow" } })
        assertNull(attempt.whileWanted { "too late" })
    }

    @Test
    fun `what resolver and registrar throw are failures, and are told`() = runTest {
        val made = Made(this)
        made.resolver.answer = { throw IllegalStateException("no DNS") }
        made.driver.start()
        runCurrent()
        assertEquals("no DNS", (made.notices.single() as Notice.ResolverFailed).error.message)
        assertTrue("lookupFailed" in made.events)
        made.resolver.answer = { Answer.Srv(TWO, 300) }
        made.registrar.reply = { throw CancellationException("its own") }
        advanceTimeBy(60_000)
        assertTrue(made.notices.any { it is Notice.RegistrarFailed }, "${made.notices}")
        assertTrue("attemptFailed" in made.events)
    }

    @Test
    fun `what the policy cannot read is a failure of who said it`() = runTest {
        val made = Made(this)
        made.registrar.reply = { Outcome.Status(100, null, null) }
        made.driver.start()
        runCurrent()
        val refused = made.notices.single() as Notice.InputRefused
        assertTrue("final" in refused.error.message!!, refused.error.message)
        assertTrue("attemptFailed" in made.events)
    }

    @Test
    fun `sleep is noticed by a timer that is late`() = runTest {
        val made = Made(this)
        made.driver.start()
        runCurrent()
        made.clock.sleptMs = 100_000
        advanceTimeBy(15_001)
        assertEquals(listOf<Notice>(Notice.Slept), made.notices)
        assertTrue("resumed" in made.events)
        advanceTimeBy(1)
        assertEquals("refreshed", made.events.last())
    }

    @Test
    fun `network, calls, flows and triggers are handed in`() = runTest {
        val made = Made(this)
        made.driver.networkDown()
        made.driver.start()
        runCurrent()
        assertEquals(RegistrationState.OFFLINE, made.driver.status.value.state)
        made.driver.networkChanged()
        runCurrent()
        assertEquals(RegistrationState.REGISTERED, made.driver.status.value.state)
        made.registrar.lost!!(made.driver.status.value.home!!)
        runCurrent()
        assertTrue("flowLost" in made.events, "${made.events}")
        val inputs = ArrayList<Input>()
        backgroundScope.launch { made.driver.steps.collect { inputs += it.input } }
        runCurrent()
        val timeout = Outcome.Unreachable(Unreachable.TIMEOUT)
        made.driver.busy()
        made.driver.agentLogin()
        made.driver.tryPrimary()
        made.driver.idle()
        made.driver.resumed()
        made.driver.refreshed(timeout)
        runCurrent()
        val handed = listOf(
            Input.Busy, Input.AgentLogin, Input.TryPrimary, Input.Idle, Input.Resumed, Input.Refreshed(timeout),
        )
        assertEquals(handed, inputs.filter { it !is Input.Answer && it !is Input.Outcome && it != Input.Wake })
        assertTrue(made.events.containsAll(listOf("triggerIgnored", "resumed")), "${made.events}")
    }

    @Test
    fun `a login away from the primary brings it home`() = runTest {
        val made = Made(this)
        made.registrar.reply = { if (it.target.host.startsWith("a")) Outcome.Status(503, null, null) else Outcome.Accepted(60) }
        made.driver.start()
        advanceTimeBy(20_000)
        assertEquals(B, made.driver.status.value.home?.text)
        made.registrar.reply = { Outcome.Accepted(60) }
        made.driver.agentLogin()
        advanceTimeBy(1000)
        assertEquals(A, made.driver.status.value.home?.text)
        assertEquals(0, made.registrar.calls.first { it.expires == 0L && it.target.text == B }.expires)
    }

    @Test
    fun `stop unregisters and returns`() = runTest {
        val made = Made(this)
        made.driver.stop()
        made.driver.start()
        runCurrent()
        made.driver.stop()
        assertEquals(listOf(3600L, 0L), made.registrar.calls.map { it.expires })
        assertEquals(RegistrationState.STOPPED, made.driver.status.value.state)
        // Two REGISTERs at one target keep their distance (rule 3.1).
        advanceTimeBy(5001)
        made.driver.agentLogin()
        runCurrent()
        assertEquals(RegistrationState.REGISTERED, made.driver.status.value.state)
    }

    @Test
    fun `another configuration restarts where it must`() = runTest {
        val made = Made(this)
        made.driver.start()
        runCurrent()
        made.driver.configure(config { copy(srvRecord = "_sip._tcp.example.test") })
        runCurrent()
        assertEquals("_sip._tcp.example.test srv 5000", made.resolver.asked.last())
        val error = assertThrows(RehomeException.Config::class.java) { made.driver.configure(config { copy(srvRecord = null) }) }
        assertTrue("srvRecord" in error.message!!)
    }

    @Test
    fun `doze draws the refresh forward`() = runTest {
        val made = Made(this)
        made.driver.start()
        runCurrent()
        val inputs = ArrayList<Input>()
        backgroundScope.launch { made.driver.steps.collect { inputs += it.input } }
        runCurrent()
        repeat(2) {
            made.driver.timerSlack(120_000)
            runCurrent()
        }
        // Once: the same again is nothing new.
        assertEquals(120_000, (inputs.single() as Input.Configure).config.refresh.timerSlackMs)
        made.driver.timerSlack(0)
        runCurrent()
        assertEquals(0, (inputs.last() as Input.Configure).config.refresh.timerSlackMs)
        val error = assertThrows(RehomeException.Config::class.java) { made.driver.timerSlack(-1) }
        assertEquals("refresh.timerSlackMs: -1 cannot be used: use 0 to 600000", error.message)
    }

    @Test
    fun `close ends all, and unregisters nothing`() = runTest {
        val made = Made(this)
        made.driver.start()
        runCurrent()
        made.registrar.reply = { null }
        made.driver.resumed()
        runCurrent()
        made.driver.close()
        assertTrue(made.registrar.closed)
        assertNull(made.registrar.lost)
        assertFalse(made.registrar.calls.any { it.expires == 0L })
        made.driver.start()
        made.driver.stop()
        made.driver.close()
        assertEquals(PushWakeEnd.STOPPED, made.driver.pushWake(1000).end)
        val calls = made.registrar.calls.size
        advanceTimeBy(100_000)
        assertEquals(calls, made.registrar.calls.size)
    }

    @Test
    fun `a cancelled scope closes`() = runTest {
        val scope = kotlinx.coroutines.CoroutineScope(coroutineContext + kotlinx.coroutines.Job())
        val registrar = FakeRegistrar()
        val driver = RegistrationDriver(config(), FakeResolver(), registrar, scope, clock = TestClock(this))
        driver.start()
        runCurrent()
        scope.cancel()
        runCurrent()
        assertTrue(registrar.closed)
        driver.close()
    }

    @Test
    fun `wrong values are refused at once`() = runTest {
        val wrong = config { copy(rollover = rollover.copy(failuresBeforeRollover = 0)) }
        val error = assertThrows(RehomeException.Config::class.java) { Made(this, wrong) }
        assertEquals("rollover.failuresBeforeRollover: 0 cannot be used: use 1 to 20", error.message)
        assertThrows(IllegalArgumentException::class.java) {
            RegistrationDriver(config(), FakeResolver(), FakeRegistrar(), backgroundScope, seed = -1)
        }
    }

    @Test
    fun `an answer that takes long is still taken`() = runTest {
        val made = Made(this)
        made.resolver.answer = {
            delay(7000)
            Answer.Srv(TWO, 300)
        }
        made.driver.start()
        advanceTimeBy(5001)
        assertTrue("lookupFailed" in made.events)
        advanceTimeBy(2001)
        assertEquals(RegistrationState.REGISTERED, made.driver.status.value.state)
    }
}
